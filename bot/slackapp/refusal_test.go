package slackapp_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestRefusalsInWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body   string
		kind   pipeline.Kind
		says   string
		code   string
		access bool
	}{
		{`"error":"invalid_auth"`, pipeline.Forbidden, "token", "invalid_auth", true},
		{`"error":"account_inactive"`, pipeline.Forbidden, "install the app again", "account_inactive", true},
		{`"error":"token_revoked"`, pipeline.Forbidden, "install the app again", "token_revoked", true},
		{`"error":"missing_scope","needed":"chat:write,chat:write.public","provided":"users:read"`, pipeline.Forbidden, "chat:write, chat:write.public", "missing_scope", false},
		{`"error":"missing_scope","needed":"<!channel> xoxb-1"`, pipeline.Forbidden, "the scope that this takes", "missing_scope", false},
		{`"error":"not_in_channel"`, pipeline.Forbidden, "/invite", "not_in_channel", false},
		{`"error":"channel_not_found"`, pipeline.NotFound, "check the id", "channel_not_found", false},
		{`"error":"is_archived"`, pipeline.Forbidden, "unarchive", "is_archived", false},
		{`"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]}`,
			pipeline.Invalid, "must be less than 3001 characters [json-pointer:/blocks/0/text/text]", "invalid_blocks", false},
		{`"error":"msg_too_long"`, pipeline.Invalid, "too long", "msg_too_long", false},
		{`"error":"msg_blocks_too_long"`, pipeline.Invalid, "too long", "msg_blocks_too_long", false},
		{`"error":"something_new"`, pipeline.Invalid, "something_new", "something_new", false},
		{`"error":"<!channel>"`, pipeline.Invalid, "other", "other", false},
		{`"error":"internal_error"`, pipeline.Unavailable, "internal", "", false},
		{`"error":"fatal_error"`, pipeline.Unavailable, "internal", "", false},
		{`"error":"service_unavailable"`, pipeline.Unavailable, "not available", "", false},
		{`"error":"expired_trigger_id"`, pipeline.Conflict, "click again", "expired_trigger_id", false},
		{`"error":"exchanged_trigger_id"`, pipeline.Conflict, "click again", "exchanged_trigger_id", false},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.answer("/", 200, `{"ok":false,`+test.body+`}`)
			a := s.app(t)
			for method, err := range map[string]error{
				"post":   post(a, t, "C0SHOP"),
				"update": a.Update(t.Context(), "C0SHOP", 1, slackapp.Message{Text: "x"}),
				"modal":  a.OpenModal(t.Context(), "1.2.3", slack.ModalViewRequest{}),
			} {
				callstest.WantKind(t, err, test.kind, test.says)
				if got := slackapp.Code(err); got != test.code || errors.Is(err, slackapp.ErrAccess) != test.access || calls.NotSent(err) {
					t.Errorf("%s: code %q, no access %t: %v", method, got, errors.Is(err, slackapp.ErrAccess), err)
				}
			}
		})
	}
}

// What answers with another status than 200 is not Slack refusing something: no
// message counts as deleted because a proxy has lost its way.
func TestStatusesOfOthers(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 307, 400, 401, 403, 404, 407, 410, 500, 502, 503, 504} {
		s := newStub()
		s.answer("/api/chat.update", status, `{"ok":false,"error":"message_not_found"}`, "Location", "https://elsewhere.example.com/", "Retry-After", "5")
		a := s.app(t)
		err := a.Update(t.Context(), "C0SHOP", 1, slackapp.Message{Text: "x"})
		callstest.WantKind(t, err, pipeline.Unavailable)
		if after, _ := calls.RetryAfter(err); after != 5*time.Second {
			t.Errorf("%d: wait %s", status, after)
		}
		if len(s.calls) != 1 {
			t.Errorf("%d: the redirect was followed with the token", status)
		}
	}
}

// secretsShown are texts that must be in no error and in no log.
func secretsShown(text string) (list []string) {
	for _, secret := range []string{botToken, appToken, signingSecret, "SecretOfThe", "ticket=", "secret-1", "/actions/T0TEAM"} {
		if strings.Contains(text, secret) {
			list = append(list, secret)
		}
	}
	return list
}

// allCalls makes every call there is, and returns the errors.
func allCalls(t *testing.T, a *slackapp.App) (errs []error) {
	add := func(err error) {
		for ; err != nil; err = errors.Unwrap(err) {
			errs = append(errs, err)
		}
	}
	_, err := a.Workspace(t.Context())
	add(err)
	add(post(a, t, "C0SHOP"))
	add(a.Update(t.Context(), "C0SHOP", 1, slackapp.Message{Text: "x"}))
	_, err = a.Direct(t.Context(), "U0CAT")
	add(err)
	_, err = a.User(t.Context(), "U0CAT")
	add(err)
	_, err = a.Channel(t.Context(), "C0SHOP")
	add(err)
	add(a.OpenModal(t.Context(), "1.2.3", slack.ModalViewRequest{}))
	add(a.Whisper(t.Context(), slackapp.Whisper{ResponseURL: "https://hooks.slack.com/actions/T0TEAM/1/x"}, slackapp.Message{Text: "x"}))
	add(a.Whisper(t.Context(), slackapp.Whisper{Channel: "C0SHOP", User: "U0CAT"}, slackapp.Message{Text: "x"}))
	return errs
}

// hostile is one that answers with our own secrets wherever it can.
func hostile(r *http.Request) (token string) {
	token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		token = r.FormValue("token")
	}
	if token == "" {
		token = appToken
	}
	return token
}

func TestErrorsShowNoSecrets(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter, token string){
		"as the error": func(w http.ResponseWriter, token string) { callstest.Reply(w, 200, `{"ok":false,"error":"`+token+`"}`) },
		"as the scope": func(w http.ResponseWriter, token string) {
			callstest.Reply(w, 200, `{"ok":false,"error":"missing_scope","needed":"`+token+`"}`)
		},
		"as the message": func(w http.ResponseWriter, token string) {
			callstest.Reply(w, 200, `{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["your token `+token+`, cut `+token[:20]+`, at wss://x.slack.com/?ticket=secret-1"]}}`)
		},
		"as the code of errors": func(w http.ResponseWriter, token string) {
			callstest.Reply(w, 200, `{"ok":false,"error":"x_y","errors":[{"pointer":"`+token+`","message":"`+token+`"}]}`)
		},
		"as the id": func(w http.ResponseWriter, token string) {
			callstest.Reply(w, 200, `{"ok":true,"channel":"`+token+`","ts":"`+token+`","team_id":"`+token+`","user":{"id":"`+token+`"}}`)
		},
		"as rubbish":  func(w http.ResponseWriter, token string) { callstest.Reply(w, 200, token) },
		"as a number": func(w http.ResponseWriter, token string) { callstest.Reply(w, 200, `{"ok":"`+token+`"}`) },
		"with a 500":  func(w http.ResponseWriter, token string) { callstest.Reply(w, 500, token) },
		"with a 403":  func(w http.ResponseWriter, token string) { callstest.Reply(w, 403, token) },
		"as the place to go": func(w http.ResponseWriter, token string) {
			callstest.Reply(w, 302, ``, "Location", "https://x.example.com/"+token)
		},
		"as the time": func(w http.ResponseWriter, token string) { callstest.Reply(w, 429, token, "Retry-After", token) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.handle("/", func(w http.ResponseWriter, r *http.Request) { answer(w, hostile(r)) })
			log := &strings.Builder{}
			a := s.app(t, logTo(log))
			keepSecrets(t, a, log)
		})
	}
}

// keepSecrets makes all calls, which must fail, and wants no secret in errors and log.
func keepSecrets(t *testing.T, a *slackapp.App, log *strings.Builder) {
	t.Helper()
	errs := allCalls(t, a)
	if len(errs) < 8 {
		t.Errorf("only %d errors", len(errs))
	}
	for _, err := range errs {
		if shown := secretsShown(err.Error()); len(shown) > 0 {
			t.Errorf("%q shows %q", err, shown)
		}
	}
	if shown := secretsShown(log.String()); len(shown) > 0 || log.Len() == 0 {
		t.Errorf("the log shows %q:\n%s", shown, log)
	}
}

// The network's own errors show URLs and what the other side said.
func TestErrorsOfTheNetworkShowNoSecrets(t *testing.T) {
	t.Parallel()
	log := &strings.Builder{}
	a := newApp(t, logTo(log), func(o *slackapp.Options) {
		o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			return nil, errors.New("malformed HTTP response \"" + hostile(r) + " " + signingSecret + "\" from " + r.URL.String())
		})
	})
	keepSecrets(t, a, log)
}
