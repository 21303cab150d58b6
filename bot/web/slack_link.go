package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// SlackLinks remembers links that Slack users were offered, and whom they speak for.
// It may be called at once from many goroutines.
type SlackLinks interface {
	// SlackLink returns the link of a digest. Kind NotFound if there is none that is
	// good now.
	SlackLink(ctx context.Context, digest string, now time.Time) (pipeline.SlackLink, error)
	// TakeSlackLink uses a link, once, and saves the account in place of what its Slack
	// user spoke for, and of who in the workspace spoke for the account. Kind NotFound
	// if the link is not good (any more).
	TakeSlackLink(ctx context.Context, digest string, account pipeline.SlackAccount, now time.Time) error
	// SlackAccount returns the account that a Slack user speaks for. Kind NotFound.
	SlackAccount(ctx context.Context, user pipeline.SlackUser, host string) (pipeline.SlackAccount, error)
	// SlackAccountOf returns who in a workspace speaks for an account. Kind NotFound.
	SlackAccountOf(ctx context.Context, team, host string, actorID int64) (pipeline.SlackAccount, error)
}

// SlackLinkPath is where a link is confirmed: an address of ours, and a token.
const SlackLinkPath = "/slack/link/"

// slackLinkPage is what the page that asks to confirm a link is filled with.
type slackLinkPage struct {
	Slack, GitHub string
	User, Team    string // ids
	TeamName      string
	Until         time.Time
	Path          string
	Linked        bool   // they are linked already
	OtherAccount  string // what the Slack user speaks for now
	OtherUser     string // who speaks for the account now
}

// linkOf is the link of an address and who would be linked by it.
type linkOf struct {
	pipeline.SlackLink
	account  pipeline.SlackAccount
	speaks   pipeline.SlackAccount // what the Slack user speaks for now; zero: nothing
	spokenBy pipeline.SlackAccount // who speaks for the account now; zero: nobody
}

// slackLink asks who is logged in whether a Slack user may speak for them. It changes
// nothing, whoever looks at it.
func (h *Handler) slackLink(c echo.Context) error {
	return h.withLink(c, func(l linkOf) error {
		page := slackLinkPage{
			Slack: nameInSlack(l.SlackLink), User: visible(l.ID), TeamName: visible(clip(l.TeamName)), Team: visible(l.Team),
			GitHub: visible(l.account.Actor.Login), Until: l.ExpiresAt, Path: c.Request().URL.Path,
			Linked: l.speaks.ID != "" && l.speaks.Actor.ID == l.account.Actor.ID,
		}
		if l.speaks.ID != "" && !page.Linked {
			page.OtherAccount = visible(l.speaks.Actor.Login)
		}
		if l.spokenBy.ID != "" && l.spokenBy.ID != l.ID {
			page.OtherUser = visible(clip(l.spokenBy.Name)) + " (" + visible(l.spokenBy.ID) + ")"
		}
		return h.render(c, http.StatusOK, "slack_link", layout{Title: "Link Slack to GitHub", Form: true, Page: page})
	})
}

// confirmSlackLink is the yes to slackLink. The middleware has checked that the form
// is ours.
func (h *Handler) confirmSlackLink(c echo.Context) error {
	return h.withLink(c, func(l linkOf) error {
		ctx := c.Request().Context()
		switch err := h.SlackLinks.TakeSlackLink(ctx, l.Digest, l.account, l.account.At); {
		case pipeline.KindOf(err) == pipeline.NotFound:
			return h.linkGone(c)
		case err != nil:
			return h.trouble(c, "link", err)
		}
		who := l.account.Actor
		h.Logger.Info("slack account linked", "slack_team", l.Team, "slack_user", l.ID, "login", who.Login, "account", who.ID,
			"instead_of", l.speaks.Actor.Login, "taken_from", l.spokenBy.ID)
		if h.OnSlackLinked != nil {
			h.OnSlackLinked(context.WithoutCancel(ctx), l.account)
		}
		return h.message(c, http.StatusOK, "Your accounts are linked", "In Slack, "+nameInSlack(l.SlackLink)+" ("+visible(l.ID)+") now approves and rejects as "+
			visible(who.Login)+". You can close this page and go back to Slack; /penstock unlink there undoes it.")
	})
}

// withLink finds the link of an address for who is logged in.
func (h *Handler) withLink(c echo.Context, then func(linkOf) error) error {
	v, now := viewerOf(c), h.Now()
	if v.session == nil {
		return h.message(c, http.StatusForbidden, "People link their accounts", "An API token cannot: log in with a browser.")
	}
	digest, ok := pipeline.SlackLinkDigest(c.Param("token"))
	if !ok {
		return h.linkGone(c)
	}
	ctx := c.Request().Context()
	link, err := h.SlackLinks.SlackLink(ctx, digest, now)
	if pipeline.KindOf(err) == pipeline.NotFound {
		return h.linkGone(c)
	}
	l := linkOf{SlackLink: link, account: pipeline.SlackAccount{
		SlackUser: link.SlackUser, Name: link.Name, Host: v.host, Actor: v.who, By: pipeline.SlackLinkedByPage, At: now,
	}}
	if err == nil {
		l.speaks, err = orNone(h.SlackLinks.SlackAccount(ctx, link.SlackUser, v.host))
	}
	if err == nil {
		l.spokenBy, err = orNone(h.SlackLinks.SlackAccountOf(ctx, link.Team, v.host, v.who.ID))
	}
	if err != nil {
		return h.trouble(c, "link", err)
	}
	return then(l)
}

func orNone(a pipeline.SlackAccount, err error) (pipeline.SlackAccount, error) {
	if pipeline.KindOf(err) == pipeline.NotFound {
		return pipeline.SlackAccount{}, nil
	}
	return a, err
}

// linkGone is the answer to every address that links nothing; which of the reasons it
// is, is nobody's business.
func (h *Handler) linkGone(c echo.Context) error {
	return h.message(c, http.StatusGone, "This link is not good any more", "It was used, is older than ten minutes, or was never given out. "+
		"If you have just confirmed it, your accounts are linked and nothing is left to do. Otherwise write /penstock link in Slack to get another.")
}

// slackLinkWithoutLogin says why nobody can link accounts here. It is open to all and
// looks at nothing.
func (h *Handler) slackLinkWithoutLogin(c echo.Context) error {
	return h.message(c, http.StatusForbidden, "Accounts cannot be linked here yet", "It has to be known who you are on GitHub, and this Penstock has no login. "+
		"Who runs it can set one up: docs/login.md says how.")
}

// nameInSlack is what somebody calls themselves in Slack, which proves nothing, or
// their id.
func nameInSlack(l pipeline.SlackLink) string {
	if name := visible(clip(l.Name)); name != "" {
		return name
	}
	return visible(l.ID)
}

// maxName is how much of a name that people choose is shown, in characters.
const maxName = 80

func clip(name string) string {
	if r := []rune(name); len(r) > maxName {
		return string(r[:maxName]) + "…"
	}
	return name
}
