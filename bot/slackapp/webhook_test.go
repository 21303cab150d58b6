package slackapp_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/slackapp"
)

const clickPayload = `{"type":"block_actions","token":"oldtoken","api_app_id":"A0APP","trigger_id":"111.222.abc","response_url":"https://hooks.slack.com/actions/T0TEAM/1/x",
"team":{"id":"T0TEAM","domain":"shop"},"enterprise":null,"is_enterprise_install":false,"user":{"id":"U0CAT","username":"octocat","name":"octocat","team_id":"T0TEAM"},
"container":{"type":"message","message_ts":"1726000000.000100","channel_id":"C0SHOP","is_ephemeral":false},"channel":{"id":"C0SHOP","name":"shop"},
"message":{"type":"message","ts":"1726000000.000100","text":"x"},"state":{"values":{}},
"actions":[{"action_id":"penstock.approve","block_id":"b","value":"run:gate","type":"button","action_ts":"1726000100.250000"}]}`

const submissionPayload = `{"type":"view_submission","token":"oldtoken","api_app_id":"A0APP","trigger_id":"333.222.abc","team":{"id":"T0TEAM","domain":"shop"},
"user":{"id":"U0CAT","username":"octocat","name":"octocat","team_id":"T0TEAM"},"response_urls":[],
"view":{"id":"V0VIEW","team_id":"T0TEAM","type":"modal","callback_id":"penstock.vote","private_metadata":"{\"verdict\":\"reject\"}","hash":"1.x",
"state":{"values":{"reason":{"reason":{"type":"plain_text_input","value":"too early"}}}},"blocks":[]}}`

func commandForm() url.Values {
	return url.Values{"token": {"oldtoken"}, "team_id": {"T0TEAM"}, "team_domain": {"shop"}, "channel_id": {"C0SHOP"}, "channel_name": {"shop"},
		"user_id": {"U0CAT"}, "user_name": {"octocat"}, "command": {"/penstock"}, "text": {"status"}, "api_app_id": {"A0APP"},
		"is_enterprise_install": {"false"}, "response_url": {"https://hooks.slack.com/commands/T0TEAM/1/x"}, "trigger_id": {"444.222.abc"}}
}

// shelf is an Accept that keeps what it is given, once by id.
type shelf struct {
	mu    sync.Mutex
	got   map[string]slackapp.Received
	times int
	fail  error
	hang  bool // until the context ends
}

func (s *shelf) accept(ctx context.Context, r slackapp.Received) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times++
	if s.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	if s.fail != nil {
		return s.fail
	}
	if s.got == nil {
		s.got = map[string]slackapp.Received{}
	}
	s.got[r.ID] = r
	return nil
}

// only is the one thing that is there.
func (s *shelf) only(t *testing.T) slackapp.Received {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.got) != 1 {
		t.Fatalf("%d were stored", len(s.got))
	}
	for _, r := range s.got {
		return r
	}
	panic("unreachable")
}

func (s *shelf) count() (stored, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.got), s.times
}

// signed makes a request as Slack does.
func signed(secret string, at time.Time, contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/slack", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

const formType = "application/x-www-form-urlencoded"

func interaction(payload string) string { return url.Values{"payload": {payload}}.Encode() }

// serve has a request taken by an app's door.
func serve(a *slackapp.App, accept slackapp.Accept, r *http.Request) *httptest.ResponseRecorder {
	e := echo.New()
	a.Register(e, accept)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func TestWebhookStoresBeforeItAcknowledges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ kind, body string }{
		"click":      {"block_actions", interaction(clickPayload)},
		"submission": {"view_submission", interaction(submissionPayload)},
		"command":    {"slash_command", commandForm().Encode()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := &shelf{}
			w := serve(newApp(t), shelf.accept, signed(signingSecret, time.Now(), formType, test.body))
			if w.Code != 200 || w.Body.Len() != 0 {
				t.Fatalf("answered %d %q", w.Code, w.Body)
			}
			r := shelf.only(t)
			if r.Kind != test.kind || len(r.ID) != 64 || strings.Contains(string(r.Body), "oldtoken") {
				t.Errorf("stored %s %s %s", r.Kind, r.ID, r.Body)
			}
			if strings.Contains(r.ID, "222") && strings.Contains(r.ID, ".abc") {
				t.Errorf("the id %s shows the trigger", r.ID)
			}
		})
	}
}

// Whatever is wrong with a signature, nothing is stored.
func TestWebhookRefusesWhatIsNotSigned(t *testing.T) {
	t.Parallel()
	now, body := time.Now().Truncate(time.Second), interaction(clickPayload)
	at := func(now time.Time) func(*slackapp.Options) {
		return func(o *slackapp.Options) { o.Now = func() time.Time { return now } }
	}
	good := func() *http.Request { return signed(signingSecret, now, formType, body) }
	with := func(name, value string) *http.Request {
		r := good()
		r.Header.Set(name, value)
		return r
	}
	for name, r := range map[string]*http.Request{
		"of another secret":    signed("another", now, formType, body),
		"of an empty secret":   signed("", now, formType, body),
		"stale":                signed(signingSecret, now.Add(-5*time.Minute-time.Second), formType, body),
		"of the future":        signed(signingSecret, now.Add(5*time.Minute+time.Second), formType, body),
		"of another body":      with("X-Slack-Signature", signed(signingSecret, now, formType, body+" ").Header.Get("X-Slack-Signature")),
		"of another time":      with("X-Slack-Request-Timestamp", fmt.Sprint(now.Unix()-1)),
		"no signature":         with("X-Slack-Signature", ""),
		"no timestamp":         with("X-Slack-Request-Timestamp", ""),
		"a strange timestamp":  with("X-Slack-Request-Timestamp", "now"),
		"an endless timestamp": with("X-Slack-Request-Timestamp", "9223372036854775807"),
		"without its version":  with("X-Slack-Signature", strings.TrimPrefix(good().Header.Get("X-Slack-Signature"), "v0=")),
		"cut":                  with("X-Slack-Signature", good().Header.Get("X-Slack-Signature")[:20]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := &shelf{}
			w := serve(newApp(t, at(now)), shelf.accept, r)
			if _, times := shelf.count(); w.Code != 401 || times != 0 {
				t.Errorf("answered %d, stored %d times", w.Code, times)
			}
			if strings.Contains(w.Body.String(), signingSecret) {
				t.Error("the answer shows the secret")
			}
		})
	}
	for _, age := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
		if w := serve(newApp(t, at(now.Add(age))), (&shelf{}).accept, good()); w.Code != 200 {
			t.Errorf("a good one %s old: %d %s", age, w.Code, w.Body)
		}
	}
}

func TestWebhookWithoutASecretTakesNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, func(o *slackapp.Options) { o.SigningSecret = "" })
	shelf := &shelf{}
	w := serve(a, shelf.accept, signed("", time.Now(), formType, interaction(clickPayload)))
	if _, times := shelf.count(); w.Code != 401 || times != 0 {
		t.Errorf("answered %d, stored %d times", w.Code, times)
	}
}

// A request that is sent again, by whomever, is the same event.
func TestWebhookReplayIsTheSameEvent(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	a := newApp(t)
	for i := range 3 {
		serve(a, shelf.accept, signed(signingSecret, time.Now().Add(time.Duration(i)*time.Second), formType, interaction(clickPayload)))
	}
	if stored, times := shelf.count(); stored != 1 || times != 3 {
		t.Errorf("%d stored of %d", stored, times)
	}
	serve(a, shelf.accept, signed(signingSecret, time.Now(), formType, interaction(strings.ReplaceAll(clickPayload, "111.222.abc", "112.222.abc"))))
	if stored, _ := shelf.count(); stored != 2 {
		t.Errorf("%d stored after another click", stored)
	}
}

func TestWebhookDoesNotAcknowledgeWhatIsNotStored(t *testing.T) {
	t.Parallel()
	request := func() *http.Request { return signed(signingSecret, time.Now(), formType, interaction(clickPayload)) }
	t.Run("the store fails", func(t *testing.T) {
		t.Parallel()
		w := serve(newApp(t), (&shelf{fail: errors.New("disk full")}).accept, request())
		if w.Code != 503 || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	})
	t.Run("the store hangs", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			w := serve(newApp(t), (&shelf{hang: true}).accept, request())
			if took := time.Since(begin); w.Code != 503 || took >= 3*time.Second {
				t.Errorf("answered %d after %s", w.Code, took)
			}
		})
	})
	t.Run("the store hangs whatever it is told", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			begin, end := time.Now(), make(chan struct{})
			w := serve(newApp(t), func(context.Context, slackapp.Received) error { <-end; return nil }, request())
			if took := time.Since(begin); w.Code != 503 || took >= 3*time.Second {
				t.Errorf("answered %d after %s", w.Code, took)
			}
			close(end)
		})
	})
}

// Slack hangs up after three seconds, or a person closes the lid: the click counts.
func TestWebhookStoresAlthoughTheConnectionEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	stored := make(chan error, 1)
	accept := func(ctx context.Context, _ slackapp.Received) error {
		cancel()
		stored <- ctx.Err()
		return nil
	}
	serve(newApp(t), accept, signed(signingSecret, time.Now(), formType, interaction(clickPayload)).WithContext(ctx))
	if err := <-stored; err != nil {
		t.Errorf("storing was given up: %v", err)
	}
}

func TestWebhookAnswersSlacksOwnChecks(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	a := newApp(t)
	r := httptest.NewRequest(http.MethodPost, "/webhooks/slack", strings.NewReader("ssl_check=1&token=oldtoken"))
	r.Header.Set("Content-Type", formType)
	if w := serve(a, shelf.accept, r); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("ssl_check: %d %s", w.Code, w.Body)
	}
	const check = `{"type":"url_verification","token":"oldtoken","challenge":"3eZbrw1aB"}`
	if w := serve(a, shelf.accept, signed(signingSecret, time.Now(), "application/json", check)); w.Code != 200 || w.Body.String() != "3eZbrw1aB" {
		t.Errorf("url_verification: %d %s", w.Code, w.Body)
	}
	if w := serve(a, shelf.accept, signed("another", time.Now(), "application/json", check)); w.Code != 401 {
		t.Errorf("url_verification of somebody else: %d", w.Code)
	}
	if _, times := shelf.count(); times != 0 {
		t.Errorf("%d were stored", times)
	}
}

func TestWebhookTakesWhatIsOfNoUseAndRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body string
		want int
	}{
		{interaction(`{"type":"view_closed","view":{"id":"V1"}}`), 200},
		{interaction(`{"type":"shortcut","trigger_id":"1.2.3"}`), 200},
		{interaction(`{"type":"block_actions"}`), 400}, // nothing to know it by
		{interaction(`{"type":`), 400},
		{interaction(`[]`), 400},
		{interaction(`null`), 400},
		{"command=/penstock", 400},
		{"nothing=1", 400},
		{"", 400},
		{"payload=" + strings.Repeat("x", 1<<20), 413},
	} {
		shelf := &shelf{}
		w := serve(newApp(t), shelf.accept, signed(signingSecret, time.Now(), formType, test.body))
		if _, times := shelf.count(); w.Code != test.want || times != 0 {
			t.Errorf("%.60q: answered %d, stored %d times", test.body, w.Code, times)
		}
	}
}

// A modal that lacks something is answered in the modal, and is nothing that
// happened; filled in, it is.
func TestWebhookChecksSubmissions(t *testing.T) {
	t.Parallel()
	a := newApp(t, wantReason)
	shelf := &shelf{}
	blank := strings.ReplaceAll(submissionPayload, "too early", ` \n`)
	w := serve(a, shelf.accept, signed(signingSecret, time.Now(), formType, interaction(blank)))
	if diff := cmp.Diff(`{"response_action":"errors","errors":{"reason":"Say why, in a few words."}}`, strings.TrimSpace(w.Body.String())); w.Code != 200 || diff != "" {
		t.Errorf("answered %d %s", w.Code, diff)
	}
	if _, times := shelf.count(); times != 0 {
		t.Error("it was stored")
	}
	w = serve(a, shelf.accept, signed(signingSecret, time.Now(), formType, interaction(submissionPayload)))
	if stored, _ := shelf.count(); w.Code != 200 || w.Body.Len() != 0 || stored != 1 {
		t.Errorf("with a reason: %d %s, %d stored", w.Code, w.Body, stored)
	}
}

// wantReason is a check as the modal for votes has.
func wantReason(o *slackapp.Options) {
	o.CheckSubmission = func(s slackapp.Submission) map[string]string {
		if strings.Contains(s.Metadata, "reject") && strings.TrimSpace(s.Values["reason"]) == "" {
			return map[string]string{"reason": "Say why, in a few words."}
		}
		return nil
	}
}
