package calls

import (
	"context"
	"errors"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// RetryAfter tells how long to wait before asking again, when err says so. It is false
// when waiting is of no use, and also when the service is unavailable without saying for
// how long: then back off.
func RetryAfter(err error) (time.Duration, bool) {
	var l later
	if errors.As(err, &l) && l.after > 0 {
		return l.after, true
	}
	return 0, false
}

// NotSent reports whether a call was held back here to keep within a limit: the service
// has never heard of it. RetryAfter tells when it can go.
func NotSent(err error) bool {
	var l later
	return errors.As(err, &l) && l.held
}

// Limited reports whether a call was not carried out because of a limit, ours or the
// service's: RetryAfter tells when it can go. Other calls may well go now.
func Limited(err error) bool {
	var l later
	return errors.As(err, &l) && l.limited
}

// Unavailable makes an error of kind Unavailable; after is how long to wait, 0 when
// nobody knows. The cause, or nil, is in its chain and not in its words.
func Unavailable(after time.Duration, cause error, format string, args ...any) *pipeline.Error {
	e := pipeline.Errorf(pipeline.Unavailable, format, args...)
	e.Err = later{after: after, cause: cause}
	return e
}

// TooMany makes the error of a call that the service refused because of a limit of its
// own.
func TooMany(after time.Duration, format string, args ...any) *pipeline.Error {
	e := pipeline.Errorf(pipeline.Unavailable, format, args...)
	e.Err = later{after: after, limited: true}
	return e
}

// Held makes the error of a call that is not sent now, to keep within a limit.
func Held(after time.Duration, format string, args ...any) *pipeline.Error {
	e := pipeline.Errorf(pipeline.Unavailable, format, args...)
	e.Err = later{after: after, limited: true, held: true}
	return e
}

// TimedOut reports whether a call failed because no answer came in time.
func TimedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// later carries the time to wait in an error's chain.
type later struct {
	after   time.Duration
	limited bool
	held    bool // nothing was sent
	cause   error
}

func (l later) Error() string { return "try again later" }
func (l later) Unwrap() error { return l.cause }
