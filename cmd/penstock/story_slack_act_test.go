package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// slack click USER BUTTON ['TEXT'] [in CHANNEL]
// slack begin USER BUTTON ['TEXT'] [in CHANNEL]
//
// presses a button (approve, reject, change, run) of the newest message that has it, and
// a text; it fails unless Penstock acknowledges within three seconds. What has begun is
// on its way until slack finish USER.
func (s *player) slackClick(args []string) error {
	later := len(args) > 0 && args[0] == "later"
	if later {
		args = args[1:]
	}
	p, err := s.slackAim(args)
	if err != nil {
		return err
	}
	if later {
		s.scene.slackWorld.begun[args[0]] = p
		return nil
	}
	return s.slackSent(s.scene.slackWorld.Deliver(p))
}

// slackAim is the payload of a click.
func (s *player) slackAim(args []string) (none slackemulator.Payload, err error) {
	rest, by := clauses(args, "in")
	if len(rest) < 2 || len(rest) > 3 {
		return none, errors.New("slack click USER BUTTON ['TEXT'] [in CHANNEL]")
	}
	words, err := text(rest, 2)
	if err != nil {
		return none, err
	}
	w, action := s.scene.slackWorld, "penstock."+rest[1]
	messages := w.Messages(in(by))
	if in(by) == "direct" {
		messages = w.DirectMessages(rest[0])
	}
	for _, m := range slices.Backward(messages) {
		has := slices.ContainsFunc(m.Buttons, func(b slackemulator.Button) bool { return b.ActionID == action })
		if has && words.MatchString(m.Plain) {
			return w.ClickPayload(rest[0], m.Channel, m.TS, action)
		}
	}
	return none, fmt.Errorf("no message has a button %s:\n%s", rest[1], s.scene.slackLines(in(by)))
}

// slackSent remembers what came of an act and says it. It is an error when Slack showed
// one.
func (s *player) slackSent(r slackemulator.Receipt, err error) error {
	if err != nil {
		return err
	}
	s.scene.slackWorld.last = r
	switch {
	case r.Saw != "" && r.Status != 0:
		return fmt.Errorf("slack shows: %s, status %d", r.Saw, r.Status)
	case r.Saw != "":
		return fmt.Errorf("slack shows: %s", r.Saw)
	case len(r.Errors) > 0:
		return fmt.Errorf("the modal says: %v", r.Errors)
	}
	return nil
}

// slack finish USER
//
// lets a click that has begun arrive, whatever has become of its message.
func (s *player) slackFinish(args []string) error {
	if len(args) != 1 {
		return errors.New("slack finish USER")
	}
	p, ok := s.scene.slackWorld.begun[args[0]]
	if !ok {
		return fmt.Errorf("%s has begun nothing", args[0])
	}
	delete(s.scene.slackWorld.begun, args[0])
	return s.slackSent(s.scene.slackWorld.Deliver(p))
}

// slack forge TRICK USER BUTTON ['TEXT'] [in CHANNEL]
//
// sends a click as an attacker would: secret (another one), unsigned, old, future, user
// (somebody else's id under the signature of the true one); team, app (well signed, from
// elsewhere); sha (a gate and commit that nobody has).
func (s *player) slackForge(args []string) error {
	change := func(body map[string]any) { body["user"] = map[string]any{"id": "U0HUBOT", "team_id": "T0PENSTOCK"} }
	tricks := map[string]slackemulator.Trick{
		"secret": slackemulator.WrongSecret(), "unsigned": slackemulator.Unsigned(), "old": slackemulator.Aged(301 * time.Second),
		"future": slackemulator.Aged(-310 * time.Second), "user": slackemulator.Changed(change),
		"team": slackemulator.FromTeam("T0ELSEWHERE"), "app": slackemulator.FromApp("A0ELSEWHERE"),
	}
	if len(args) == 0 || tricks[args[0]] == nil {
		return errors.New("slack forge secret|unsigned|old|future|user|team|app USER BUTTON ['TEXT'] [in CHANNEL]")
	}
	p, err := s.slackAim(args[1:])
	if err != nil {
		return err
	}
	return s.slackSent(s.scene.slackWorld.Deliver(p, tricks[args[0]]))
}

// slack replay
//
// sends what was sent last again, byte for byte.
func (s *player) slackReplay(args []string) error {
	if len(args) > 0 {
		return errors.New("slack replay")
	}
	return s.slackSent(s.scene.slackWorld.Replay(s.scene.slackWorld.last))
}

// slack submit USER ['REASON']
//
// waits for a modal, fills it in and submits it.
func (s *player) slackSubmit(args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return errors.New("slack submit USER ['REASON']")
	}
	var modal slackemulator.Modal
	err := s.slackSee("a modal of "+args[0], func(v *slackemulator.View) (open bool) {
		modal, open = v.Modal(args[0])
		return open
	})
	if err != nil {
		return err
	}
	values := map[string]string{}
	if len(args) == 2 {
		values["reason"] = args[1]
	}
	return s.slackSent(s.scene.slackWorld.Submit(args[0], modal.ID, values))
}

// slack close USER
func (s *player) slackClose(args []string) error {
	if len(args) != 1 {
		return errors.New("slack close USER")
	}
	return s.scene.slackWorld.CloseModal(args[0])
}

// slack command USER 'TEXT' [in CHANNEL]
//
// writes /penstock and a text.
func (s *player) slackCommand(args []string) error {
	rest, by := clauses(args, "in")
	if len(rest) != 2 {
		return errors.New("slack command USER 'TEXT' [in CHANNEL]")
	}
	return s.slackSent(s.scene.slackWorld.Slash(rest[0], in(by), "/penstock", rest[1]))
}

var (
	slackLinkURL  = regexp.MustCompile(`https?://[^\s"|>\\]*(/slack/link/[\w-]+)`)
	slackLinkForm = regexp.MustCompile(`(?s)<form class="vote" method="post" action="([^"]*)">(.*?)</form>`)
)

// slack link USER [as LOGIN]
//
// links an account as people do it: /penstock link, the address that comes, and the
// button on the page, logged in as LOGIN (the user's own name unless said otherwise).
// It needs login before serve. $link is the address.
func (s *player) slackLink(args []string) error {
	rest, by := clauses(args, "as")
	if len(rest) != 1 {
		return errors.New("slack link USER [as LOGIN]")
	}
	who, login := rest[0], rest[0]
	if by["as"] != "" {
		login = by["as"]
	}
	seen := len(s.scene.slackWorld.Ephemerals(who))
	if err := s.slackCommand([]string{who, "link"}); err != nil {
		return err
	}
	path := ""
	err := s.slackSee("a link for "+who, func(v *slackemulator.View) bool {
		for _, m := range v.Ephemerals(who)[seen:] {
			if found := slackLinkURL.FindStringSubmatch(html.UnescapeString(m.Text + " " + string(m.Blocks))); found != nil {
				s.ts.Setenv("link", found[1])
				path = found[1]
			}
		}
		return path != ""
	})
	if err != nil {
		return err
	}
	browser, err := s.browser(login)
	if err != nil {
		return err
	}
	ctx := context.Background()
	page, err := s.fetch(ctx, browser, path, func(*http.Request) {})
	if err != nil {
		return err
	}
	form := slackLinkForm.FindStringSubmatch(page)
	if form == nil {
		return fmt.Errorf("no form on the page:\n%s", plain(page))
	}
	values := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(form[2], -1) {
		values.Set(field[1], html.UnescapeString(field[2]))
	}
	return s.send(ctx, browser, strings.TrimSpace(form[1]), values)
}
