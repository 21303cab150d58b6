package emulator

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	codeLife      = 10 * time.Minute
	userTokenLife = 8 * time.Hour
)

// authorization is a person's yes to an app, until the app takes it up.
type authorization struct {
	app       *app
	user      *user
	redirect  string
	challenge string // of PKCE, S256; empty: none
	expiresAt time.Time
}

// userToken lets an app act as a person: within what both may do.
type userToken struct {
	app       *app
	user      *user
	expiresAt time.Time
}

// SetCallbacks changes the addresses that people may be sent back to after they
// have logged in to an app.
func (g *GitHub) SetCallbacks(appID int64, urls ...string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.apps[appID]
	if a == nil {
		return fmt.Errorf("no app %d", appID)
	}
	a.callbacks, a.updatedAt = slices.Clone(urls), g.now()
	g.touch()
	return nil
}

// UserTokens counts the tokens that apps hold to act as people.
func (g *GitHub) UserTokens() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.userTokens)
}

// oauthHandler serves GitHub's web flow, below /login/oauth/.
func (g *GitHub) oauthHandler() http.Handler {
	p := g.newPages("authorize", "problem")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login/oauth/authorize", p.serve(p.authorize))
	mux.HandleFunc("POST /login/oauth/access_token", g.serveAccessToken)
	mux.HandleFunc("/", p.serve(func(*visit) error { return notFound() }))
	return mux
}

// authorize asks who somebody is. With login=NAME in the address it is that
// person's yes, with deny=1 a no: a browser gets there by a click, a test at once.
func (p *pages) authorize(v *visit) error {
	asked := v.r.URL.Query()
	var back string
	var answer url.Values
	var err error
	p.locked(func() {
		a := p.g.appByClientID(asked.Get("client_id"))
		if a == nil || len(a.callbacks) == 0 {
			err = notFound()
			return
		}
		v.page.Title, v.page.Asking = "Sign in to "+a.name, v.r.URL.RequestURI()
		back, answer, err = p.g.decide(a, asked)
	})
	switch {
	case err != nil:
		return err
	case answer == nil:
		return p.render(v, "authorize")
	}
	if state := asked.Get("state"); state != "" {
		answer.Set("state", state)
	}
	mark := "?"
	if strings.Contains(back, "?") {
		mark = "&"
	}
	http.Redirect(v.w, v.r, back+mark+answer.Encode(), http.StatusFound)
	return nil
}

// decide is what goes back to the app, and where; nil: a person has to say.
func (g *GitHub) decide(a *app, asked url.Values) (back string, answer url.Values, err error) {
	no := func(code, text string) url.Values { return url.Values{"error": {code}, "error_description": {text}} }
	back = or(asked.Get("redirect_uri"), a.callbacks[0])
	challenge := asked.Get("code_challenge")
	switch {
	case !slices.Contains(a.callbacks, back):
		return a.callbacks[0], no("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application."), nil
	case challenge != "" && asked.Get("code_challenge_method") != "S256":
		return back, no("invalid_request", "The code_challenge_method must be S256."), nil
	case asked.Get("deny") != "":
		return back, no("access_denied", "The user has denied your application access."), nil
	case asked.Get("login") == "":
		return back, nil, nil
	}
	u := g.userByLogin(asked.Get("login"))
	if u == nil || u.Type != TypeUser {
		return "", nil, notFound()
	}
	code := strings.ToLower(newToken("")[:20])
	g.authorizations[code] = authorization{app: a, user: u, redirect: back, challenge: challenge, expiresAt: g.clock().Add(codeLife)}
	g.touch()
	return back, url.Values{"code": {code}}, nil
}

// serveAccessToken gives a token for a code. As at GitHub, a no is a 200 too.
func (g *GitHub) serveAccessToken(w http.ResponseWriter, r *http.Request) {
	fields := map[string]string{}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		_ = json.NewDecoder(r.Body).Decode(&fields) // what cannot be read is not there
	} else if r.ParseForm() == nil {
		for name := range r.Form {
			fields[name] = r.Form.Get(name)
		}
	}
	g.mu.Lock()
	answer := g.exchange(fields)
	g.mu.Unlock()
	w.Header().Set("Cache-Control", "no-store")
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(encode(answer))
		return
	}
	form := url.Values{}
	for name, value := range answer {
		form.Set(name, fmt.Sprint(value))
	}
	w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	_, _ = w.Write([]byte(form.Encode()))
}

// exchange takes up an authorization. A code is good for one try of its app.
func (g *GitHub) exchange(fields map[string]string) object {
	no := func(code, text string) object {
		return object{"error": code, "error_description": text, "error_uri": "https://docs.github.com/apps/oauth-errors"}
	}
	a := g.appByClientID(fields["client_id"])
	if a == nil || subtle.ConstantTimeCompare([]byte(a.clientSecret), []byte(fields["client_secret"])) != 1 {
		return no("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
	}
	yes, ok := g.authorizations[fields["code"]]
	if !ok || yes.app != a || !g.clock().Before(yes.expiresAt) {
		return no("bad_verification_code", "The code passed is incorrect or expired.")
	}
	delete(g.authorizations, fields["code"])
	if given := fields["redirect_uri"]; given != "" && given != yes.redirect {
		return no("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.")
	}
	sum := sha256.Sum256([]byte(fields["code_verifier"]))
	if yes.challenge != "" && yes.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		return no("bad_verification_code", "The code passed is incorrect or expired.")
	}
	text := newToken("ghu_")
	g.userTokens[text] = &userToken{app: a, user: yes.user, expiresAt: g.clock().Add(userTokenLife)}
	g.touch()
	return object{
		"access_token": text, "token_type": "bearer", "scope": "", "expires_in": int(userTokenLife.Seconds()),
		"refresh_token": newToken("ghr_"), "refresh_token_expires_in": 15897600,
	}
}

func (g *GitHub) appByClientID(id string) *app {
	for _, a := range g.apps {
		if a.clientID == id {
			return a
		}
	}
	return nil
}
