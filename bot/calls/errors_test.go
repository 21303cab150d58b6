package calls_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestWhenToAskAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name             string
		err              error
		after            time.Duration
		limited, notSent bool
	}{
		{"a limit of theirs", calls.TooMany(time.Minute, "not now"), time.Minute, true, false},
		{"they say when", calls.Unavailable(time.Minute, nil, "not now"), time.Minute, false, false},
		{"nobody knows", calls.Unavailable(0, context.Canceled, "given up"), 0, false, false},
		{"a limit of ours", calls.Held(time.Second, "not now"), time.Second, true, true},
		{"refused", pipeline.Errorf(pipeline.Forbidden, "no"), 0, false, false},
		{"all is well", nil, 0, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.err
			if err != nil {
				err = fmt.Errorf("a vote: %w", err)
			}
			if after, ok := calls.RetryAfter(err); after != test.after || ok != (test.after > 0) {
				t.Errorf("ask again after %v, %v; want %v", after, ok, test.after)
			}
			if limited, notSent := calls.Limited(err), calls.NotSent(err); limited != test.limited || notSent != test.notSent {
				t.Errorf("limited %v, not sent %v", limited, notSent)
			}
		})
	}
}

func TestTheCauseIsFoundAndNotShown(t *testing.T) {
	t.Parallel()
	cause := errors.New("https://secret@example.com")
	err := calls.Unavailable(0, cause, "the %s is away", "service")
	if !errors.Is(err, cause) || pipeline.KindOf(err) != pipeline.Unavailable || err.Error() != "the service is away" {
		t.Errorf("%v, kind %v", err, pipeline.KindOf(err))
	}
}

func TestTimedOut(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		context.DeadlineExceeded: true, os.ErrDeadlineExceeded: true, context.Canceled: false, nil: false,
	} {
		if got := calls.TimedOut(err); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}
