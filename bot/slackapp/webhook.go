package slackapp

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
)

// WebhookPath is where Slack's requests are taken: interactivity, slash commands
// and, for their first check, events.
const WebhookPath = "/webhooks/slack"

// maxRequest is the largest request that is taken: a payload in a form has its
// quotes and braces percent-encoded.
const maxRequest = MaxBody

// Register puts the door for Slack's requests on a server. Without a signing secret
// it refuses all of them.
func (a *App) Register(e *echo.Echo, accept Accept) {
	e.POST(WebhookPath, func(c echo.Context) error { return a.webhook(c, accept) })
}

// webhook takes a request: verified, stored durably, 200.
func (a *App) webhook(c echo.Context, accept Accept) error {
	arrived, request := time.Now(), c.Request()
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), request.Body, maxRequest))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return c.String(http.StatusRequestEntityTooLarge, "a request of Slack's has 1 MB at most\n")
	case err != nil:
		return c.String(http.StatusBadRequest, "the body was cut off\n")
	}
	form := formOf(request.Header, body)
	if form.Get("ssl_check") == "1" { // not always signed, and nothing comes of it
		return c.NoContent(http.StatusOK)
	}
	if err := verify(a.options.SigningSecret, a.now(), request.Header, body); err != nil {
		a.log.Warn("request to Slack's door refused", "from", c.RealIP(), "why", err)
		return c.String(http.StatusUnauthorized, err.Error()+"\n")
	}
	if challenge, ok := challengeOf(body); form == nil && ok {
		return c.String(http.StatusOK, challenge)
	}
	received, err := receiveForm(form)
	switch {
	case errors.Is(err, errUnused):
		return c.NoContent(http.StatusOK)
	case err != nil:
		a.log.Warn("request of Slack's not understood", "why", err)
		return c.String(http.StatusBadRequest, err.Error()+"\n")
	}
	answer, err := a.admit(request.Context(), arrived, received, accept)
	switch {
	case err != nil:
		a.log.Error("what came from Slack was not stored", "slack_event", received.ID, "kind", received.Kind, "error", a.secrets.scrub(err.Error()))
		return c.String(http.StatusServiceUnavailable, "it could not be stored; do it again\n")
	case answer != nil:
		return c.JSON(http.StatusOK, answer)
	}
	return c.NoContent(http.StatusOK)
}

// formOf reads a body as a form; nil if it is none.
func formOf(h http.Header, body []byte) url.Values {
	if kind, _, err := mime.ParseMediaType(h.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	return form
}

// receiveForm reads what is in a form.
func receiveForm(form url.Values) (Received, error) {
	switch {
	case form.Get("payload") != "":
		return receivePayload([]byte(form.Get("payload")))
	case form.Get("command") != "":
		command, err := commandOfForm(form)
		if err != nil {
			return Received{}, err
		}
		return receiveCommand(command)
	}
	return Received{}, malformed("a request")
}

// challengeOf is what Slack wants to hear back when an address is given to it for
// the first time.
func challengeOf(body []byte) (string, bool) {
	var check struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	err := json.Unmarshal(body, &check)
	return check.Challenge, err == nil && check.Type == "url_verification" && len(check.Challenge) <= 1000
}
