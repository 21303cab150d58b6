package emulator_test

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

func TestApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, ctx := w.appClient(t), t.Context()
	app, _, err := c.Apps.Get(ctx, "")
	check(t, err)
	if app.GetID() != w.app.ID || app.GetSlug() != "penstock" {
		t.Errorf("app: %+v", app)
	}
	list, _, err := c.Apps.ListInstallations(ctx, nil)
	check(t, err)
	if len(list) != 1 || list[0].GetAccount().GetLogin() != "octocat" {
		t.Errorf("installations: %+v", list)
	}
	one, _, err := c.Apps.GetInstallation(ctx, w.installation.ID)
	check(t, err)
	found, _, err := c.Apps.FindRepositoryInstallation(ctx, "octocat", "shop")
	check(t, err)
	user, _, err := c.Apps.FindUserInstallation(ctx, "octocat")
	check(t, err)
	if one.GetID() != w.installation.ID || found.GetID() != one.GetID() || user.GetID() != one.GetID() {
		t.Errorf("installation: %+v, of the repository: %+v", one, found)
	}
	config, _, err := c.Apps.UpdateHookConfig(ctx, &github.HookConfig{URL: github.String(w.hooks.URL + "/there"), ContentType: github.String("json")})
	check(t, err)
	if config.GetURL() != w.hooks.URL+"/there" {
		t.Errorf("hook config: %+v", config)
	}
	_, _, err = c.Apps.GetHookConfig(ctx)
	check(t, err)
	check(t, w.Ping(w.app.ID))
	w.settle(t)
	if pings := w.hooks.of("ping"); len(pings) != 1 {
		t.Errorf("%d pings", len(pings))
	}
	w.ask(t, http.MethodGet, "app", w.octocat.Token, "").want(t, 401, "A JSON web token could not be decoded")
	w.ask(t, http.MethodGet, "repos/octocat/nothing/installation", w.jwt(t, nil), "").want(t, 404, "Not Found")
}

// jwt signs an app token; change may spoil it.
func (w *world) jwt(t *testing.T, change func(jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{"iss": id(w.app.ID), "iat": time.Now().Unix() - 30, "exp": time.Now().Unix() + 300}
	if change != nil {
		change(claims)
	}
	return must(jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(must(appKey())(t)))(t)
}

func TestJWT(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now().Unix()
	stranger := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	forged := must(jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"iss": id(w.app.ID), "iat": now, "exp": now + 60}).SignedString(stranger))(t)
	symmetric := must(jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": id(w.app.ID), "iat": now, "exp": now + 60}).SignedString([]byte("x")))(t)
	for _, tt := range []struct {
		name, token, want string
		status            int
	}{
		{"fine", w.jwt(t, nil), "penstock", 200},
		{"issuer as a number", w.jwt(t, func(c jwt.MapClaims) { c["iss"] = w.app.ID }), "penstock", 200},
		{"expired", w.jwt(t, func(c jwt.MapClaims) { c["exp"] = now - 1 }), "Expiration time", 401},
		{"lives too long", w.jwt(t, func(c jwt.MapClaims) { c["exp"] = now + 700 }), "too far in the future", 401},
		{"issued in the future", w.jwt(t, func(c jwt.MapClaims) { c["iat"] = now + 120 }), "Issued at", 401},
		{"fraction of a second", w.jwt(t, func(c jwt.MapClaims) { c["iat"] = float64(now) - 0.5 }), "'iat'", 401},
		{"no expiry", w.jwt(t, func(c jwt.MapClaims) { delete(c, "exp") }), "'exp'", 401},
		{"another app", w.jwt(t, func(c jwt.MapClaims) { c["iss"] = "1" }), "could not be decoded", 401},
		{"another key", forged, "could not be decoded", 401},
		{"another algorithm", symmetric, "could not be decoded", 401},
	} {
		w.ask(t, http.MethodGet, "app", tt.token, "").want(t, tt.status, tt.want)
	}
}

func TestInstallationTokens(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64 // of the real clock
	forward := func(d time.Duration) { ahead.Add(int64(d)) }
	w := newWorld(t, func(o *emulator.Options) {
		o.Clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	second := must(w.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "secret", Private: true}))(t)
	path := "app/installations/" + id(w.installation.ID) + "/access_tokens"
	issue := func(body string, headers ...string) answered {
		return w.ask(t, http.MethodPost, path, w.jwt(t, nil), body, headers...)
	}
	issue("").want(t, 201, `"repository_selection":"all"`)
	issue("null").want(t, 201, `"token":"ghs_`)
	issue(`{"repositories":["shop"],"permissions":{"contents":"read"}}`).want(t, 201, `"repository_selection":"selected"`)
	issue(`{"repository_ids":[1]}`).want(t, 422, "does not exist or is not accessible")
	issue(`{"repositories":["nothing"]}`).want(t, 422, "does not exist or is not accessible")
	issue(`{"permissions":{"contents":"write"}}`).want(t, 422, "permissions requested are not granted")
	issue(`{"permissions":{"secrets":"read"}}`).want(t, 422, "permissions requested are not granted")
	long := issue("", "X-GitHub-Stateless-S2S-Token", "enabled")
	long.want(t, 201, "ghs_"+id(w.app.ID)+"_")
	if token := jsonField(t, long.body, "token"); len(token) < 500 || strings.Count(token, ".") != 2 {
		t.Errorf("long token %q", token)
	} else {
		w.ask(t, http.MethodGet, "installation/repositories", token, "").want(t, 200, `"total_count":2`)
	}

	narrow := jsonField(t, issue(`{"repository_ids":[`+id(w.repo.ID)+`],"permissions":{"contents":"read"}}`).body, "token")
	w.ask(t, http.MethodGet, "repos/octocat/shop/contents/README.md", narrow, "").want(t, 200, "base64")
	w.ask(t, http.MethodGet, "repos/"+second.FullName, narrow, "").want(t, 404, "Not Found")
	w.ask(t, http.MethodGet, "repos/octocat/shop/pulls", narrow, "").want(t, 403, "Resource not accessible by integration")
	w.ask(t, http.MethodGet, "user", narrow, "").want(t, 403, "Resource not accessible by integration")
	w.ask(t, http.MethodGet, "installation/repositories", narrow, "").want(t, 200, `"total_count":1`)
	w.ask(t, http.MethodDelete, "installation/token", narrow, "").want(t, 204, "")
	w.ask(t, http.MethodGet, "installation/repositories", narrow, "").want(t, 401, "Bad credentials")

	token := jsonField(t, issue("").body, "token")
	forward(59 * time.Minute)
	w.ask(t, http.MethodGet, "installation/repositories", token, "").want(t, 200, "")
	forward(2 * time.Minute)
	w.ask(t, http.MethodGet, "installation/repositories", token, "").want(t, 401, "Bad credentials")
	forward(-61 * time.Minute)
	token = jsonField(t, issue("").body, "token")
	w.ExpireTokens()
	w.ask(t, http.MethodGet, "installation/repositories", token, "").want(t, 401, "Bad credentials")
}

func TestInstallationEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := must(w.AddApp(emulator.NewApp{Slug: "other", Owner: "octocat", WebhookURL: w.hooks.URL, WebhookSecret: secret, Key: must(appKey())(t)}))(t)
	must(w.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "second"}))(t)
	inst := must(w.Install(other.ID, "octocat", shop))(t)
	check(t, w.AddToInstallation(inst.ID, "octocat/second"))
	check(t, w.RemoveFromInstallation(inst.ID, shop))
	token := must(w.Token(inst.ID, nil))(t)
	w.ask(t, http.MethodGet, "installation/repositories", token, "").want(t, 200, `"total_count":1`)
	check(t, w.Uninstall(inst.ID))
	w.ask(t, http.MethodGet, "installation/repositories", token, "").want(t, 401, "Bad credentials")
	w.settle(t)
	var got []string
	for _, h := range w.hooks.got() {
		if h.header.Get("X-GitHub-Hook-Installation-Target-ID") != id(other.ID) {
			continue
		}
		got = append(got, h.event()+" "+jsonField(t, string(h.body), "action"))
	}
	want := "installation created, installation_repositories added, installation_repositories removed, installation deleted"
	if strings.Join(got, ", ") != want {
		t.Errorf("events: %v", got)
	}
}
