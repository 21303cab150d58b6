package bot

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// MaxBody is the largest delivery that is taken, in bytes: GitHub's own limit.
const MaxBody = 25 << 20

// Register puts the webhook on a server.
func (b *Bot) Register(e *echo.Echo) { e.POST("/webhooks/github", b.webhook) }

// webhook takes a delivery: verified, stored durably, 202. The work comes later,
// from the row.
func (b *Bot) webhook(c echo.Context) error {
	if err := b.Ready(); err != nil {
		b.OnDelivery("", "unstored", 0) // nobody knows yet who sends this
		b.turnAway()
		return c.String(http.StatusServiceUnavailable, "no delivery can be taken now; deliver it again later\n")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return c.String(http.StatusRequestEntityTooLarge, "a delivery has 25 MB at most\n")
	case err != nil:
		return c.String(http.StatusBadRequest, "the body was cut off\n")
	}
	header := c.Request().Header
	if err := githubapp.VerifySignature(b.Secrets(), header.Get(githubapp.SignatureHeader), body); err != nil {
		b.OnDelivery("", "refused", 0)
		b.Logger.Warn("delivery refused", "delivery", header.Get("X-GitHub-Delivery"), "from", c.RealIP(), "why", err)
		return c.String(http.StatusUnauthorized, err.Error()+"\n")
	}
	hook, err := githubapp.ReadWebhook(header)
	if err != nil {
		return c.String(http.StatusBadRequest, err.Error()+"\n")
	}
	payload, err := githubapp.Payload(header.Get("Content-Type"), body)
	if err != nil {
		return c.String(http.StatusBadRequest, err.Error()+"\n")
	}
	delivery, keep := b.judge(hook, payload)
	if !keep {
		return c.String(http.StatusAccepted, delivery.Note+"\n")
	}
	status, isNew, err := b.Store.AddDelivery(c.Request().Context(), delivery)
	if err != nil {
		b.OnDelivery(delivery.Event, "unstored", 0)
		b.turnAway()
		b.Logger.Error("delivery not stored", "delivery", delivery.ID, "error", err)
		return c.String(http.StatusServiceUnavailable, "the delivery could not be stored; deliver it again\n")
	}
	if isNew {
		b.OnDelivery(delivery.Event, "accepted", 0)
	} else {
		b.OnDelivery(delivery.Event, "repeated", 0)
	}
	return c.String(http.StatusAccepted, strings.ToLower(string(status))+"\n")
}

// turnAway notes that a delivery has to be looked for in GitHub's list.
func (b *Bot) turnAway() {
	select {
	case b.turnedAway <- struct{}{}:
	default:
	}
}

// envelope is as much of a payload as the door looks at.
type envelope struct {
	Action     string `json:"action"`
	Repository struct {
		ID      int64  `json:"id"`
		Name    string `json:"name"`
		HTMLURL string `json:"html_url"`
		Owner   struct {
			Login string `json:"login"`
			Name  string `json:"name"` // older pushes have no login
		} `json:"owner"`
	} `json:"repository"`
}

// judge says what becomes of a delivery: worked on, kept as ignored, or (echoes
// of our own reports, which come by the dozen) not kept at all.
func (b *Bot) judge(hook githubapp.Webhook, payload []byte) (d pipeline.Delivery, keep bool) {
	d = pipeline.Delivery{
		ID: hook.Delivery, Event: hook.Event, Host: b.Forge.Host(), Body: payload,
		ReceivedAt: b.Now(), Status: pipeline.DeliveryReceived,
		Headers: map[string]string{"X-GitHub-Event": hook.Event, "X-GitHub-Delivery": hook.Delivery, "X-GitHub-Hook-ID": hook.HookID},
	}
	ignore := func(note string) (pipeline.Delivery, bool) {
		d.Status, d.Note = pipeline.DeliveryIgnored, note
		return d, true
	}
	var e envelope
	if err := json.Unmarshal(payload, &e); err != nil {
		return ignore("the payload is not a JSON object: " + err.Error())
	}
	d.Action, d.RepositoryID = e.Action, e.Repository.ID
	if isEcho(hook.Event, e.Action) {
		d.Note = "of no use"
		return d, false
	}
	if !isHandled(hook.Event) {
		return ignore("Penstock has no use for this event")
	}
	owner := e.Repository.Owner.Login
	if owner == "" {
		owner = e.Repository.Owner.Name
	}
	if d.RepositoryID != 0 && !b.Allows(owner, e.Repository.Name) {
		return ignore("PENSTOCK_ALLOW does not list " + owner + "/" + e.Repository.Name)
	}
	return d, true
}

// isEcho reports events that follow from what we or others report.
func isEcho(event, action string) bool {
	switch event {
	case "status", "check_suite", "check_run":
		return action != "rerequested" && action != "requested_action"
	}
	return false
}

func isHandled(event string) bool {
	switch event {
	case "push", "pull_request", "merge_group", "issue_comment", "check_run", "check_suite",
		"installation", "installation_repositories", "ping":
		return true
	}
	return false
}
