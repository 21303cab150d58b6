package githubapp

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

// maxAnswer is how much of an answer is read, in bytes. The largest we ask for
// is a page of 50 comments of 65,536 characters.
const maxAnswer = 32 << 20

// exchange carries one request to GitHub and its whole answer back. It is where
// limits are obeyed and learned. Reading the answer here, whoever asked, means
// that no body stays open and every connection can be used again.
type exchange struct {
	app    *App
	limits *limits
	known  *answers // nil: every question is asked anew
}

// RoundTrip refuses requests while a limit lasts, and answers that are a limit
// become errors of kind Unavailable, which is why go-github never sees one.
func (e *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case e.app.slots <- struct{}{}:
		defer func() { <-e.app.slots }()
	case <-r.Context().Done():
		closeBody(r)
		return nil, r.Context().Err()
	}
	price := costOf(r)
	if err := e.limits.admit(classOf(r.Context()), price); err != nil {
		closeBody(r)
		return nil, err
	}
	start := time.Now()
	asked, known := e.known.ask(r)
	answer, body, err := e.send(asked)
	if err != nil {
		e.limits.done(price, nil, nil)
		return nil, err
	}
	refused, wait := e.limits.done(price, answer, body)
	e.app.log.DebugContext(r.Context(), "github call", "method", r.Method, "path", r.URL.Path,
		"status", answer.StatusCode, "ms", time.Since(start).Milliseconds(),
		"remaining", answer.Header.Get("X-RateLimit-Remaining"))
	if refused {
		return nil, calls.TooMany(wait, "GitHub's limit is reached (%d), no calls for %s", answer.StatusCode, wait.Round(time.Second))
	}
	if answer.StatusCode == http.StatusNotModified && known != nil {
		return known.answer(r), nil
	}
	for _, name := range []string{"Limit", "Remaining", "Used", "Reset"} { // or go-github keeps limits of its own
		answer.Header.Del("X-RateLimit-" + name)
	}
	e.known.keep(r, answer, body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

func (e *exchange) send(r *http.Request) (*http.Response, []byte, error) {
	answer, err := e.app.base.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	if ahead, news := e.app.theirs.see(answer.Header); news && ahead != 0 {
		e.app.log.WarnContext(r.Context(), "this machine's clock is off: GitHub's is taken for signatures and tokens", "ahead", (-ahead).Round(time.Second).String())
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = pipeline.Errorf(pipeline.Internal, "GitHub's answer is larger than %d MB", maxAnswer>>20)
	}
	return answer, body, err
}

// hurried ends an exchange after Timeout. The answer is read by then, so it does
// not matter that the request's context ends with it. (http.Client has a time
// limit too, but keeps a goroutine until it is over for each answer that
// go-github takes for an error.)
type hurried struct{ next http.RoundTripper }

// RoundTrip returns context.DeadlineExceeded when the time is over.
func (h hurried) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), Timeout)
	defer cancel()
	return h.next.RoundTrip(r.WithContext(ctx))
}

// tokenTransport signs requests with a token for the repository they are about.
type tokenTransport struct {
	app    *App
	tokens *tokens
	next   http.RoundTripper
}

// RoundTrip sends the request once more with a fresh token when the one in hand
// was ended early: GitHub has then done nothing yet, so any request may be
// repeated.
func (t *tokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.app.checkTarget(r.URL); err != nil {
		closeBody(r)
		return nil, err
	}
	repository, _ := r.Context().Value(repositoryKey{}).(pipeline.Repository)
	key := tokenKey{repository: repository.ID, scope: scopeServer}
	if repository.ID == 0 {
		key.scope = scopeList
	}
	for again := false; ; again = true {
		have, err := t.tokens.get(r.Context(), key)
		if err != nil {
			closeBody(r)
			return nil, err
		}
		signed := r.Clone(r.Context())
		signed.URL = t.app.byID(r.URL, repository)
		signed.Header.Set("Authorization", "token "+have.value)
		if again && r.GetBody != nil {
			if signed.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
		answer, err := t.next.RoundTrip(signed)
		if err != nil {
			return nil, err
		}
		answer.Request = r // errors carry it: without the token
		if answer.StatusCode != http.StatusUnauthorized || again || r.Body != nil && r.GetBody == nil {
			return answer, nil
		}
		t.tokens.drop(key, have.value)
	}
}

// checkTarget refuses to sign a request for anybody but the API.
func (a *App) checkTarget(u *url.URL) error {
	if u.Scheme != a.api.Scheme || !strings.EqualFold(u.Host, a.api.Host) {
		return pipeline.Errorf(pipeline.Internal, "GitHub sent us on to another host (%s), which gets no token", u.Host)
	}
	return nil
}

// checkRedirect follows a repository that was renamed, and nothing else: never
// to another host, and never so that a write would become a read.
func (a *App) checkRedirect(r *http.Request, via []*http.Request) error {
	if err := a.checkTarget(r.URL); err != nil {
		return err
	}
	if len(via) >= 4 {
		return pipeline.Errorf(pipeline.Internal, "GitHub sent us on too many times")
	}
	if r.Method != via[0].Method {
		return pipeline.Errorf(pipeline.Internal, "GitHub sent a %s on as %s", via[0].Method, r.Method)
	}
	return nil
}

// closeBody is what a RoundTripper owes a request that it does not send.
func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
