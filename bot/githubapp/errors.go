package githubapp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/calls"
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
		return calls.Unavailable(after, err, "%s: GitHub answered %d: %s", subject, status, text)
	case status == http.StatusAccepted, status == http.StatusNotModified:
		return calls.Unavailable(0, err, "%s: GitHub has no answer yet (%d)", subject, status)
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
		return calls.Unavailable(0, err, "%s: given up", subject)
	case calls.TimedOut(err):
		return calls.Unavailable(0, err, "%s: GitHub did not answer in time", subject)
	}
	return calls.Unavailable(0, err, "%s: GitHub could not be asked: %v", subject, err)
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
