package slackapp

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/pipeline"
)

// storeTimeout is how long storing may take: Slack wants to hear within three
// seconds, and the way there takes its part.
const storeTimeout = 2500 * time.Millisecond

// admit is the one door through which everything goes that people do, by whatever
// way it came; arrived is when. A nil error means that it may be acknowledged, with
// the answer if there is one.
func (a *App) admit(ctx context.Context, arrived time.Time, r Received, accept Accept) (answer *slack.ViewSubmissionResponse, err error) {
	if r.Kind == KindSubmission {
		parsed, err := Parse(r)
		if err != nil {
			return nil, err
		}
		if wrong := a.options.CheckSubmission(parsed.(Submission)); len(wrong) > 0 {
			return slack.NewErrorsViewSubmissionResponse(wrong), nil
		}
	}
	return nil, store(ctx, arrived.Add(storeTimeout), r, accept)
}

// store waits for what was received to be stored, but no longer than it is of use.
// What is under way is not given up because a connection ends: the click was made.
func store(ctx context.Context, until time.Time, r Received, accept Accept) error {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	done := make(chan error, 1)
	go func() {
		defer cancel()
		done <- accept(ctx, r)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // both may be the case, and stored is stored
	case err := <-done:
		return err
	default:
		return pipeline.Errorf(pipeline.Unavailable, "it was not stored within %s", storeTimeout)
	}
}
