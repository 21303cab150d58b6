package slackapp

import (
	"errors"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// ErrAccess is in the chain of errors that mean that the app, and not just one
// call, is refused: a token that is wrong, revoked or expired, or a workspace that
// does not let it in. Nothing will work until a person does something.
var ErrAccess = errors.New("Slack does not let the app in")

// RetryAfter tells how long to wait before asking again, when err says so. It is
// false when waiting is of no use, and also when Slack is unavailable without
// saying for how long: then back off.
func RetryAfter(err error) (time.Duration, bool) {
	var r retryError
	if errors.As(err, &r) && r.after > 0 {
		return r.after, true
	}
	return 0, false
}

// NotSent reports whether a call was held back here to keep within a limit: Slack
// has never heard of it. RetryAfter tells when it can go.
func NotSent(err error) bool {
	var r retryError
	return errors.As(err, &r) && r.held
}

// Limited reports whether a call was not carried out because of a limit, ours or
// Slack's: RetryAfter tells when it can go, and until then it is held back here. Other
// channels may well be open.
func Limited(err error) bool {
	var r retryError
	return errors.As(err, &r) && (r.held || r.limited)
}

// Code is Slack's own word for why it refused, such as "channel_not_found"; empty
// if the error is none of Slack's refusals.
func Code(err error) string {
	var r refusedError
	if errors.As(err, &r) {
		return r.code
	}
	return ""
}

// retryError carries the time to wait in an error's chain.
type retryError struct {
	after   time.Duration
	held    bool  // nothing was sent
	limited bool  // Slack said that it is too much
	err     error // context.Canceled or context.DeadlineExceeded, or nil
}

func (e retryError) Error() string { return "try again later" }
func (e retryError) Unwrap() error { return e.err }

// refusedError carries Slack's word in an error's chain.
type refusedError struct {
	code   string
	access bool
}

func (e refusedError) Error() string { return "Slack refused: " + e.code }

// Is makes ErrAccess found.
func (e refusedError) Is(target error) bool { return target == ErrAccess && e.access }

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
