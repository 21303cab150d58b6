package githubapp_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

const callback = "https://penstock.example.com/login/callback"

// loginWorld is an emulator with an app that people log in to, and its clock.
type loginWorld struct {
	*emulator.GitHub
	app     emulator.App
	octocat emulator.User
	late    atomic.Int64 // nanoseconds
}

func newLoginWorld(t *testing.T) *loginWorld {
	t.Helper()
	w := &loginWorld{}
	var err error
	w.GitHub, err = emulator.New(emulator.Options{Dir: t.TempDir(), Clock: func() time.Time { return time.Now().Add(time.Duration(w.late.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if w.octocat, err = w.AddUser("octocat"); err != nil {
		t.Fatal(err)
	}
	if w.app, err = w.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octocat", Callbacks: []string{callback}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *loginWorld) oauth(t *testing.T, change func(*githubapp.OAuthOptions)) *githubapp.OAuth {
	t.Helper()
	options := githubapp.OAuthOptions{ClientID: w.app.ClientID, ClientSecret: w.app.ClientSecret, APIURL: w.APIURL(), Callback: callback}
	if change != nil {
		change(&options)
	}
	o, err := githubapp.NewOAuth(options)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// yes is octocat's yes: where GitHub sends the browser.
func yes(t *testing.T, address string) *url.URL {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address + "&login=octocat")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		t.Fatalf("%s: %v", answer.Status, err)
	}
	return back
}

func TestOAuthFindsOutWho(t *testing.T) {
	t.Parallel()
	w := newLoginWorld(t)
	o := w.oauth(t, nil)
	back := yes(t, o.Authorize("the-state", "the-verifier"))
	if !strings.HasPrefix(back.String(), callback+"?") || back.Query().Get("state") != "the-state" {
		t.Fatalf("sent back to %s", back)
	}
	who, err := o.Who(t.Context(), back.Query().Get("code"), "the-verifier")
	if err != nil || who.ID != w.octocat.ID || who.Login != "octocat" {
		t.Fatalf("got %+v, %v", who, err)
	}
	if _, err := o.Who(t.Context(), back.Query().Get("code"), "the-verifier"); pipeline.KindOf(err) != pipeline.Invalid {
		t.Errorf("the code a second time: %v", err)
	}
}

// The addresses are those that GitHub has verified, if it tells them; who it is is
// known in any case.
func TestOAuthIdentifies(t *testing.T) {
	t.Parallel()
	w := newLoginWorld(t)
	ask := func() pipeline.Identity {
		t.Helper()
		o := w.oauth(t, nil)
		who, err := o.Identify(t.Context(), yes(t, o.Authorize("s", "v")).Query().Get("code"), "v")
		if err != nil || who.ID != w.octocat.ID || who.Login != "octocat" {
			t.Fatalf("got %+v, %v", who, err)
		}
		return who
	}
	ok(t, w.SetEmails("octocat", emulator.Email{Address: "OctoCat@example.com", Verified: true},
		emulator.Email{Address: "hubot@example.com"}, emulator.Email{Address: "cat@example.com", Verified: true}))
	if who := ask(); len(who.Emails) != 0 || pipeline.KindOf(who.NoEmails) != pipeline.Unavailable || !strings.Contains(who.NoEmails.Error(), "403") {
		t.Errorf("without the permission: %+v", who)
	}
	ok(t, w.ChangeApp(w.app.ID, emulator.Permissions{"metadata": "read", "email_addresses": "read"}))
	if who := ask(); who.NoEmails != nil || !slices.Equal(who.Emails, []string{"OctoCat@example.com", "cat@example.com"}) {
		t.Errorf("with it: %+v", who)
	}
	w.Inject(emulator.Match{Path: "/user/emails"}, emulator.ServerError(502))
	if who := ask(); who.NoEmails == nil || len(who.Emails) != 0 {
		t.Errorf("in trouble: %+v", who)
	}
	w.Inject(emulator.Match{Path: "/user"}, emulator.ServerError(502))
	o := w.oauth(t, nil)
	if who, err := o.Identify(t.Context(), yes(t, o.Authorize("s", "v")).Query().Get("code"), "v"); err == nil || who.ID != 0 {
		t.Errorf("whose it is is not known: %+v, %v", who, err)
	}
}

func TestOAuthRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		change   func(*githubapp.OAuthOptions)
		verifier string
		late     time.Duration
		code     string
		want     pipeline.Kind
	}{
		{name: "another verifier", verifier: "a guess", want: pipeline.Invalid},
		{name: "no verifier", verifier: "", want: pipeline.Invalid},
		{name: "a wrong secret", verifier: "the-verifier", change: func(o *githubapp.OAuthOptions) { o.ClientSecret = "hunter2" }, want: pipeline.Forbidden},
		{name: "another client", verifier: "the-verifier", change: func(o *githubapp.OAuthOptions) { o.ClientID = "another" }, want: pipeline.Forbidden},
		{name: "another callback", verifier: "the-verifier", change: func(o *githubapp.OAuthOptions) { o.Callback = "https://evil.example/" }, want: pipeline.Forbidden},
		{name: "an old code", verifier: "the-verifier", late: 11 * time.Minute, want: pipeline.Invalid},
		{name: "an invented code", verifier: "the-verifier", code: "0123456789abcdef0123", want: pipeline.Invalid},
		{name: "what is no code", verifier: "the-verifier", code: "a&client_id=b", want: pipeline.Invalid},
		{name: "nothing", verifier: "the-verifier", code: " ", want: pipeline.Invalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newLoginWorld(t)
			code := yes(t, w.oauth(t, nil).Authorize("s", "the-verifier")).Query().Get("code")
			if test.code != "" {
				code = test.code
			}
			w.late.Store(int64(test.late))
			who, err := w.oauth(t, test.change).Who(t.Context(), code, test.verifier)
			if pipeline.KindOf(err) != test.want || who != (pipeline.Actor{}) {
				t.Errorf("got %+v, %v", who, err)
			}
			if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), w.app.ClientSecret)) {
				t.Errorf("the error shows the secret: %v", err)
			}
			if w.UserTokens() != 0 {
				t.Error("a token was given out")
			}
		})
	}
}

// A forge that answers something else, or sends us elsewhere, logs nobody in.
func TestOAuthWithoutAGoodAnswer(t *testing.T) {
	t.Parallel()
	var asked []string
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.URL.Path) }))
	t.Cleanup(evil.Close)
	const token = `{"access_token": "ghu_abc", "token_type": "bearer"}`
	for name, test := range map[string]struct {
		exchange, user string
		to             string
		want           pipeline.Kind
	}{
		"a redirect":      {to: evil.URL, want: pipeline.Unavailable},
		"HTML":            {exchange: "<html>", want: pipeline.Unavailable},
		"nothing":         {exchange: `{}`, want: pipeline.Unavailable},
		"another error":   {exchange: `{"error": "x"}`, want: pipeline.Invalid},
		"no id":           {exchange: token, user: `{"login": "octocat", "type": "User"}`, want: pipeline.Invalid},
		"a strange login": {exchange: token, user: `{"id": 1, "login": "<script>", "type": "User"}`, want: pipeline.Invalid},
		"a machine":       {exchange: token, user: `{"id": 1, "login": "x[bot]", "type": "Bot"}`, want: pipeline.Invalid},
	} {
		s := newStub()
		if test.to != "" {
			s.handle("POST /login/oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, test.to, http.StatusTemporaryRedirect)
			})
		} else {
			s.answer("POST /login/oauth/access_token", 200, test.exchange)
		}
		s.answer("GET /api/v3/user", 200, test.user)
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		o, err := githubapp.NewOAuth(githubapp.OAuthOptions{ClientID: "id", ClientSecret: "hunter2", APIURL: server.URL + "/api/v3/", Callback: callback})
		if err != nil {
			t.Fatal(err)
		}
		if who, err := o.Who(t.Context(), "code", "v"); pipeline.KindOf(err) != test.want || err == nil || who.ID != 0 {
			t.Errorf("%s: got %+v, %v", name, who, err)
		}
	}
	if len(asked) > 0 {
		t.Errorf("the secret was sent on to %v", asked)
	}
}

func TestOAuthSettings(t *testing.T) {
	t.Parallel()
	for api, want := range map[string]string{
		"":                               "https://github.com/login/oauth/authorize?",
		"https://ghe.example.com/api/v3": "https://ghe.example.com/login/oauth/authorize?",
		"https://api.octo.ghe.com/":      "https://octo.ghe.com/login/oauth/authorize?",
	} {
		o, err := githubapp.NewOAuth(githubapp.OAuthOptions{ClientID: "id", ClientSecret: "s", APIURL: api, Callback: callback})
		if err != nil || !strings.HasPrefix(o.Authorize("a", "b"), want) {
			t.Errorf("%s: %v", api, err)
		}
	}
	for _, o := range []githubapp.OAuthOptions{{}, {ClientID: "id"}, {ClientID: "id", ClientSecret: "s"}, {ClientID: "id", ClientSecret: "s", Callback: callback, APIURL: "http://ghe.example.com"}} {
		var invalid *pipeline.Error
		if _, err := githubapp.NewOAuth(o); !errors.As(err, &invalid) {
			t.Errorf("%+v is taken: %v", o, err)
		}
	}
}
