package githubapp

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// OAuthOptions say how people log in through the app. All but Transport and
// UserAgent are required.
type OAuthOptions struct {
	ClientID, ClientSecret string
	// APIURL is that of the app: DefaultAPIURL when empty.
	APIURL string
	// Callback is where GitHub sends people back to: an address of ours that the
	// app's settings list.
	Callback string
	// Transport carries all requests; NewTransport when nil.
	Transport http.RoundTripper
	// UserAgent is "penstock" when empty.
	UserAgent string
}

// OAuth is GitHub's web flow of the app: it finds out who somebody is, and keeps
// no token of theirs. Its methods may be called at once from many goroutines.
type OAuth struct {
	options OAuthOptions
	api     *url.URL
	web     string // scheme and host of GitHub's pages
	client  *http.Client
}

// NewOAuth makes an OAuth. It asks nothing of GitHub. The errors are of kind
// Invalid and never show the secret.
func NewOAuth(o OAuthOptions) (*OAuth, error) {
	if o.APIURL == "" {
		o.APIURL = DefaultAPIURL
	}
	api, err := parseAPIURL(o.APIURL)
	if err != nil {
		return nil, err
	}
	if o.ClientID == "" || o.ClientSecret == "" || o.Callback == "" {
		return nil, pipeline.Errorf(pipeline.Invalid, "login through GitHub needs a client id, a client secret and a callback address")
	}
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	if o.UserAgent == "" {
		o.UserAgent = "penstock"
	}
	return &OAuth{
		options: o, api: api, web: api.Scheme + "://" + webHost(api),
		client: &http.Client{
			Transport: o.Transport, Timeout: Timeout,
			// A secret or a token is sent to the address that was configured, and no further.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Host is the name that accounts and repositories of this GitHub carry.
func (o *OAuth) Host() string { return webHost(o.api) }

// Authorize is the page of GitHub that asks somebody whether they are who they
// are. It sends them back with the state, and with a code that only the holder of
// the verifier can use.
func (o *OAuth) Authorize(state, verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return o.web + "/login/oauth/authorize?" + url.Values{
		"client_id": {o.options.ClientID}, "redirect_uri": {o.options.Callback}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode()
}

var codePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)

// Who finds out whose yes a code is. The token that comes of it is used for that
// one question and dropped. Kinds: Invalid for a code that GitHub does not
// accept (any more), Forbidden if it does not accept the client's secret,
// Unavailable if it cannot be asked.
func (o *OAuth) Who(ctx context.Context, code, verifier string) (pipeline.Actor, error) {
	who, _, err := o.whose(ctx, code, verifier)
	return who, err
}

// Identify is Who, and reads the person's verified e-mail addresses with the same
// token. The app may not see them unless it asks for the permission "Email addresses";
// what goes wrong with them is told in NoEmails, and the person is known all the same.
func (o *OAuth) Identify(ctx context.Context, code, verifier string) (pipeline.Identity, error) {
	who, token, err := o.whose(ctx, code, verifier)
	if err != nil {
		return pipeline.Identity{}, err
	}
	emails, err := o.emails(ctx, token)
	return pipeline.Identity{Actor: who, Emails: emails, NoEmails: err}, nil
}

// whose is who a code is of, and a token of theirs.
func (o *OAuth) whose(ctx context.Context, code, verifier string) (pipeline.Actor, string, error) {
	if !codePattern.MatchString(code) {
		return pipeline.Actor{}, "", pipeline.Errorf(pipeline.Invalid, "that is no code of GitHub's")
	}
	token, err := o.exchange(ctx, code, verifier)
	if err != nil {
		return pipeline.Actor{}, "", err
	}
	who, err := o.self(ctx, token)
	return who, token, err
}

// exchange gets a user's token for a code.
func (o *OAuth) exchange(ctx context.Context, code, verifier string) (string, error) {
	form := url.Values{
		"client_id": {o.options.ClientID}, "client_secret": {o.options.ClientSecret}, "code": {code},
		"redirect_uri": {o.options.Callback}, "code_verifier": {verifier},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.web+"/login/oauth/access_token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		AccessToken string `json:"access_token"`
		Error       string `json:"error"`
	}
	if err := o.ask(r, &answer); err != nil {
		return "", err
	}
	switch {
	case answer.Error == "incorrect_client_credentials", answer.Error == "redirect_uri_mismatch":
		return "", pipeline.Errorf(pipeline.Forbidden, "GitHub does not accept this server as the app's login (%s): "+
			"check the client id, the client secret, and that the app's settings list the callback URL %s", answer.Error, o.options.Callback)
	case answer.Error != "":
		return "", pipeline.Errorf(pipeline.Invalid, "GitHub does not accept the code (%q)", clip(answer.Error, 100))
	case answer.AccessToken == "":
		return "", pipeline.Errorf(pipeline.Unavailable, "GitHub gave no token and no reason")
	}
	return answer.AccessToken, nil
}

// self asks whose token it is.
func (o *OAuth) self(ctx context.Context, token string) (pipeline.Actor, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.api.JoinPath("user").String(), nil)
	if err != nil {
		return pipeline.Actor{}, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	var answer struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
		Type  string `json:"type"`
	}
	if err := o.ask(r, &answer); err != nil {
		return pipeline.Actor{}, err
	}
	if answer.ID <= 0 || !loginPattern.MatchString(answer.Login) || answer.Type != "User" {
		return pipeline.Actor{}, pipeline.Errorf(pipeline.Invalid, "GitHub says that this is not a person (%q)", clip(answer.Type, 100))
	}
	return pipeline.Actor{ID: answer.ID, Login: answer.Login}, nil
}

// emails are the addresses of whose token it is that GitHub has verified, at most a
// hundred.
func (o *OAuth) emails(ctx context.Context, token string) ([]string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.api.JoinPath("user", "emails").String()+"?per_page=100", nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	var answer []struct {
		Email    string `json:"email"`
		Verified bool   `json:"verified"`
	}
	if err := o.ask(r, &answer); err != nil {
		return nil, err
	}
	var verified []string
	for _, a := range answer {
		if a.Verified {
			verified = append(verified, a.Email)
		}
	}
	return verified, nil
}

// maxOAuthAnswer is how much of an answer is read, in bytes.
const maxOAuthAnswer = 1 << 20

// ask sends a request and reads the JSON of its answer. What was sent and what
// came back stands in no error.
func (o *OAuth) ask(r *http.Request, into any) error {
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", o.options.UserAgent)
	answer, err := o.client.Do(r)
	if err != nil {
		return explainSilence("login", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return pipeline.Errorf(pipeline.Unavailable, "login: GitHub answered %d to %s %s", answer.StatusCode, r.Method, r.URL.Path)
	}
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxOAuthAnswer))
	if err != nil {
		return explainSilence("login", err)
	}
	if kind != "application/json" || json.Unmarshal(body, into) != nil {
		return pipeline.Errorf(pipeline.Unavailable, "login: GitHub's answer to %s %s is not JSON of the expected form", r.Method, r.URL.Path)
	}
	return nil
}
