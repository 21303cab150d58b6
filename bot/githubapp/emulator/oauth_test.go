package emulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// follow asks for a page and answers where it leads.
func (w *world) follow(t *testing.T, query url.Values) *url.URL {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer := must(client.Get(w.URL() + "/login/oauth/authorize?" + query.Encode()))(t)
	answer.Body.Close()
	return must(answer.Location())(t)
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const back = "http://127.0.0.1:1/login/callback"
	asked := url.Values{"client_id": {w.app.ClientID}, "redirect_uri": {back}, "state": {"a b"}}
	with := func(more ...string) url.Values {
		q := url.Values{}
		for k, v := range asked {
			q[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return q
	}
	readPage(t, must(http.Get(w.URL()+"/login/oauth/authorize?"+asked.Encode()))(t), 404) // no callback yet
	check(t, w.SetCallbacks(w.app.ID, back, back+"/other"))
	page := w.browse(t, w.URL()+"/login/oauth/authorize?"+asked.Encode())
	contains(t, page, "Sign in as octocat", "Sign in as hubot", "&amp;login=monalisa", "Cancel")
	readPage(t, must(http.Get(w.URL()+"/login/oauth/authorize?client_id=nobody&login=octocat"))(t), 404)
	readPage(t, must(http.Get(w.URL()+"/login/oauth/authorize?"+with("login", "penstock[bot]").Encode()))(t), 404)

	for want, q := range map[string]url.Values{
		"error=redirect_uri_mismatch": with("redirect_uri", back+"/third", "login", "octocat"),
		"error=access_denied":         with("deny", "1"),
		"error=invalid_request":       with("code_challenge", "x", "code_challenge_method", "plain", "login", "octocat"),
		"code=":                       with("login", "OctoCat"),
	} {
		to := w.follow(t, q)
		if !strings.HasPrefix(to.String(), back+"?") || !strings.Contains(to.RawQuery, want) || to.Query().Get("state") != "a b" {
			t.Errorf("%s: %s", want, to)
		}
	}

	// What the token is good for.
	code := w.follow(t, with("login", "hubot")).Query().Get("code")
	answer := must(http.PostForm(w.URL()+"/login/oauth/access_token", url.Values{
		"client_id": {w.app.ClientID}, "client_secret": {w.app.ClientSecret}, "code": {code},
	}))(t)
	form := must(url.ParseQuery(readPage(t, answer, 200)))(t)
	token := form.Get("access_token")
	w.ask(t, http.MethodGet, "user", token, "").want(t, 200, `"login":"hubot"`)
	w.ask(t, http.MethodPost, "repos/octocat/shop/issues/1/comments", token, `{"body": "x"}`).want(t, 403, "not accessible")
	check(t, w.SetEmails("hubot", emulator.Email{Address: "hubot@example.com", Verified: true}, emulator.Email{Address: "root@example.com"}))
	w.ask(t, http.MethodGet, "user/emails", token, "").want(t, 403, "not accessible")
	check(t, w.ChangeApp(w.app.ID, emulator.Permissions{"metadata": "read", "email_addresses": "read"}))
	w.ask(t, http.MethodGet, "user/emails", token, "").want(t, 200, `"email":"root@example.com","primary":false,"verified":false`)
	w.ask(t, http.MethodGet, "user/emails?per_page=1", token, "").want(t, 200, `"email":"hubot@example.com","primary":true,"verified":true`)
	w.ask(t, http.MethodGet, "user/emails", "", "").want(t, 401, "Requires authentication")
	if err := w.SetEmails("nobody"); err == nil {
		t.Error("somebody who is not there has addresses")
	}
	check(t, func() error {
		_, err := w.AddRepository(emulator.NewRepository{Owner: "hubot", Name: "secret", Private: true})
		return err
	}())
	w.ask(t, http.MethodGet, "repos/hubot/secret", token, "").want(t, 404, "Not Found")
	w.ask(t, http.MethodGet, "user", "ghu_invented", "").want(t, 401, "Bad credentials")
}
