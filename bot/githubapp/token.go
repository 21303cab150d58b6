package githubapp

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// scope is what a token may do, within one repository unless said otherwise.
type scope int

const (
	// scopeServer: what the installation was granted. It never leaves this process.
	scopeServer scope = iota
	// scopeSource: reading code. It is handed to whoever fetches the commit.
	scopeSource
	// scopeList: seeing which repositories an installation reaches. It alone is for
	// no repository.
	scopeList
)

// margin is how long before its end a token is no longer given out.
func (s scope) margin() time.Duration {
	if s == scopeSource {
		return 10 * time.Minute
	}
	return time.Minute
}

// early is how long before its end a token is renewed, while it is still given
// out: nobody waits for that, and a GitHub that gives no tokens for a moment
// stops nothing.
func (s scope) early() time.Duration { return s.margin() + 4*time.Minute }

// renewEvery is how soon a renewal that failed is tried again.
const renewEvery = 10 * time.Second

type tokenKey struct {
	repository int64
	scope      scope
}

type token struct {
	value   string
	expires time.Time
	clone   string // where git finds the repository, under its name of when this was given; may be empty
}

// tokens gives out the installation's tokens, one per repository and scope. It
// asks once when many need the same one.
//
// ghinstallation's own Transport is not used for this: waiting for its lock
// ignores the caller's context, it renews one minute before the end only, and
// it leaves the body of a refusal open.
type tokens struct {
	app          *App
	installation int64
	asking       flight[token]

	mu     sync.Mutex
	cached map[tokenKey]token
	// renewal is when a token that ends soon was last asked for anew.
	renewal map[tokenKey]time.Time
}

func newTokens(a *App, installation int64) *tokens {
	return &tokens{app: a, installation: installation, cached: map[tokenKey]token{}, renewal: map[tokenKey]time.Time{}}
}

// get returns a token that lives for at least the scope's margin, if GitHub
// gives such.
func (t *tokens) get(ctx context.Context, key tokenKey) (token, error) {
	have, ok, early := t.usable(key)
	if ok && !early {
		return have, nil
	}
	fetch := func(ctx context.Context) (token, error) {
		if have, ok, _ := t.usable(key); ok && !early { // somebody else was faster
			return have, nil
		}
		return t.fetch(ctx, key)
	}
	if ok {
		t.asking.start(ctx, key, fetch)
		return have, nil
	}
	return t.asking.do(ctx, key, fetch)
}

// usable finds a token that can be given out. early tells the caller to renew it
// all the same.
func (t *tokens) usable(key tokenKey) (have token, ok, early bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.app.theirs.Now()
	have, ok = t.cached[key]
	left := have.expires.Sub(now)
	if !ok || left <= key.scope.margin() {
		return have, false, false
	}
	if left > key.scope.early() || now.Before(t.renewal[key].Add(renewEvery)) {
		return have, true, false
	}
	t.renewal[key] = now
	return have, true, true
}

// drop forgets a token that GitHub did not accept. A newer one stays.
func (t *tokens) drop(key tokenKey, value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cached[key].value == value {
		delete(t.cached, key)
	}
}

func (t *tokens) keep(key tokenKey, fresh token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.app.theirs.Now()
	for k, old := range t.cached {
		if old.expires.Before(now) {
			delete(t.cached, k)
			delete(t.renewal, k)
		}
	}
	t.cached[key] = fresh
}

// fetch asks GitHub for a token. The client's own time limit ends it. It may be
// for others than the caller, who may be in more of a hurry.
func (t *tokens) fetch(ctx context.Context, key tokenKey) (token, error) {
	ctx = WithClass(ctx, Urgent)
	options := &github.InstallationTokenOptions{RepositoryIDs: []int64{key.repository}}
	switch key.scope {
	case scopeList:
		options.RepositoryIDs, options.Permissions = nil, &github.InstallationPermissions{Metadata: github.String("read")}
	case scopeSource:
		options.Permissions = &github.InstallationPermissions{
			Contents: github.String("read"),
			Metadata: github.String("read"),
		}
	}
	answer, _, err := t.app.asApp.Apps.CreateInstallationToken(ctx, t.installation, options)
	if err != nil {
		return token{}, t.explain(key, err)
	}
	fresh := token{value: answer.GetToken(), expires: answer.GetExpiresAt().Time}
	if fresh.value == "" {
		return token{}, pipeline.Errorf(pipeline.Internal, "GitHub gave an empty token")
	}
	for _, r := range answer.Repositories {
		if r.GetID() == key.repository {
			fresh.clone = r.GetCloneURL()
		}
	}
	t.keep(key, fresh)
	return fresh, nil
}

// explain says what a refused token means: it is the only place where GitHub
// tells that the app is suspended, uninstalled or not who it says it is.
func (t *tokens) explain(key tokenKey, err error) error {
	subject := fmt.Sprintf("token of installation %d", t.installation)
	explained := t.app.explain(subject, "", err)
	kind := pipeline.KindOf(explained)
	because := ""
	switch statusOf(err) {
	case http.StatusUnauthorized:
		because = t.app.unknownApp(err)
	case http.StatusNotFound:
		because = "the installation is gone, or belongs to another app"
		explained = goneError{explained}
	case http.StatusForbidden:
		if kind == pipeline.Unavailable { // a limit
			return explained
		}
		because = "the installation is suspended"
	case http.StatusUnprocessableEntity:
		if key.scope == scopeServer { // no permission was asked for that could be lacking
			explained = goneError{explained}
		}
		return &pipeline.Error{Kind: pipeline.Forbidden, Err: explained, Message: fmt.Sprintf(
			"%s: the installation no longer reaches repository %d, or lacks a permission (GitHub: %s)",
			subject, key.repository, textOf(err))}
	default:
		return explained
	}
	return &pipeline.Error{
		Kind:    pipeline.Forbidden,
		Message: fmt.Sprintf("%s: %s (GitHub: %s)", subject, because, textOf(err)),
		Err:     installationError{explained},
	}
}
