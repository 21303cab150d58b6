package githubapp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// ErrInstallation is in the chain of errors that mean that the app, and not just
// one call, is refused: suspended, uninstalled, a wrong key, or a clock that is
// off. Nothing of that installation will work until a person does something.
var ErrInstallation = errors.New("the app is not let in")

// ErrGone is in the chain of errors that mean that a repository is out of the
// app's reach for good: the app was uninstalled, or the repository was deleted or
// taken from it. Should it come back, it comes as new.
var ErrGone = errors.New("the repository is out of the app's reach")

// RetryAfter tells how long to wait before asking again, when err says so. It is
// false when waiting is of no use, and also when GitHub is unavailable without
// saying for how long: then back off.
func RetryAfter(err error) (time.Duration, bool) {
	var r retryError
	if errors.As(err, &r) && r.after > 0 {
		return r.after, true
	}
	return 0, false
}

// NotSent reports whether a call was held back here to keep within a limit:
// GitHub has never heard of it. RetryAfter tells when it can go.
func NotSent(err error) bool {
	var r retryError
	return errors.As(err, &r) && r.held
}

// retryError carries the time to wait in an error's chain.
type retryError struct {
	after time.Duration
	held  bool // nothing was sent
	err   error
}

func (e retryError) Error() string {
	if e.err == nil {
		return "try again later"
	}
	return e.err.Error()
}

func (e retryError) Unwrap() error { return e.err }

// goneError puts ErrGone in an error's chain.
type goneError struct{ err error }

func (e goneError) Error() string   { return e.err.Error() }
func (e goneError) Unwrap() []error { return []error{ErrGone, e.err} }

// installationError puts ErrInstallation in an error's chain.
type installationError struct{ err error }

func (e installationError) Error() string   { return e.err.Error() }
func (e installationError) Unwrap() []error { return []error{ErrInstallation, e.err} }

// explain turns whatever a go-github call returned into an error with a kind.
// subject says what was done, needs which permission it takes.
func (a *App) explain(subject, needs string, err error) error {
	var known *pipeline.Error // of a transport below, or made by the call itself
	if errors.As(err, &known) {
		return &pipeline.Error{Kind: known.Kind, Message: subject + ": " + known.Message, Err: known}
	}
	wrap := func(kind pipeline.Kind, format string, args ...any) error {
		return &pipeline.Error{Kind: kind, Message: subject + ": " + fmt.Sprintf(format, args...), Err: err}
	}
	if statusOf(err) == 0 {
		return explainSilence(subject, err)
	}
	status, text := statusOf(err), textOf(err)
	after := time.Duration(0)
	if r := responseOf(err); r != nil {
		after, _ = readRetryAfter(r.Header, a.now())
	}
	switch {
	case status >= 500, status == http.StatusRequestTimeout:
		return unavailable(after, err, "%s: GitHub answered %d: %s", subject, status, text)
	case status == http.StatusAccepted, status == http.StatusNotModified:
		return unavailable(0, err, "%s: GitHub has no answer yet (%d)", subject, status)
	case status == http.StatusUnauthorized:
		e := wrap(pipeline.Forbidden, "GitHub does not accept the app's token: %s", text)
		e.(*pipeline.Error).Err = installationError{err}
		return e
	case status == http.StatusForbidden:
		if named := responseOf(err).Header.Get("X-Accepted-GitHub-Permissions"); named != "" {
			needs = named[:min(200, len(named))]
		}
		return wrap(pipeline.Forbidden, "the app lacks a permission (needs %s): %s", needs, text)
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusUnavailableForLegalReasons:
		return wrap(pipeline.NotFound, "GitHub answered %d: %s", status, text)
	case status == http.StatusConflict:
		return wrap(pipeline.Conflict, "GitHub answered 409: %s", text)
	case status >= 400:
		return wrap(pipeline.Invalid, "GitHub answered %d: %s", status, text)
	}
	return wrap(pipeline.Internal, "GitHub answered %d: %s", status, text)
}

// explainSilence is for errors without an answer: the network, a time-out, or an
// answer that was cut off.
func explainSilence(subject string, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return unavailable(0, err, "%s: given up", subject)
	case isTimeout(err):
		return unavailable(0, err, "%s: GitHub did not answer in time", subject)
	}
	return unavailable(0, err, "%s: GitHub could not be asked: %v", subject, err)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// responseOf finds GitHub's answer in an error of go-github, or nil.
func responseOf(err error) *http.Response {
	var refused *github.ErrorResponse
	if errors.As(err, &refused) {
		return refused.Response
	}
	return nil
}

// statusOf is the HTTP status in an error of go-github, or 0.
func statusOf(err error) int {
	var accepted *github.AcceptedError
	if errors.As(err, &accepted) {
		return http.StatusAccepted
	}
	if r := responseOf(err); r != nil {
		return r.StatusCode
	}
	return 0
}

// textOf is what GitHub said in words, at most 500 bytes.
func textOf(err error) string {
	var refused *github.ErrorResponse
	var parts []string
	if errors.As(err, &refused) {
		parts = append(parts, refused.Message)
		for _, e := range refused.Errors {
			parts = append(parts, strings.TrimSpace(strings.Join([]string{e.Field, e.Code, e.Message}, " ")))
		}
	}
	text := strings.Join(parts, "; ")
	if text == "" {
		return "no reason given"
	}
	return clip(text, 500)
}

// unavailable makes an error of kind Unavailable; after is how long to wait, 0
// when nobody knows.
func unavailable(after time.Duration, cause error, format string, args ...any) *pipeline.Error {
	e := pipeline.Errorf(pipeline.Unavailable, format, args...)
	e.Err = retryError{after: after, err: cause}
	return e
}

// held makes the error of a call that is not sent now.
func held(after time.Duration, format string, args ...any) *pipeline.Error {
	e := pipeline.Errorf(pipeline.Unavailable, format, args...)
	e.Err = retryError{after: after, held: true}
	return e
}
