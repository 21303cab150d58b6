package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// outcome is what became of a delivery. The zero value is Done.
type outcome struct {
	status pipeline.DeliveryStatus
	note   string // a sentence for people
}

func done(format string, args ...any) outcome {
	return outcome{pipeline.DeliveryDone, fmt.Sprintf(format, args...)}
}

func ignored(format string, args ...any) outcome {
	return outcome{pipeline.DeliveryIgnored, fmt.Sprintf(format, args...)}
}

// HandleDelivery works on a stored delivery and completes its order. It may be
// called again after any failure or crash: every effect has a business key.
func (b *Bot) HandleDelivery(ctx context.Context, order pipeline.Order, id string) error {
	delivery, err := b.Store.Delivery(ctx, id)
	if err != nil {
		return fmt.Errorf("delivery %s: %w", id, err)
	}
	if delivery.Status != pipeline.DeliveryReceived {
		return b.Store.FinishDelivery(ctx, id, delivery.Status, delivery.Note, order.ID)
	}
	result, err := b.workOn(ctx, delivery, order)
	if err != nil {
		return fmt.Errorf("delivery %s (%s): %w", id, delivery.Event, later(err))
	}
	if result.status == "" {
		result.status = pipeline.DeliveryDone
	}
	if err := b.Store.FinishDelivery(ctx, id, result.status, result.note, order.ID); err != nil {
		return err
	}
	b.Logger.Info("delivery", "delivery", id, "event", delivery.Event, "action", delivery.Action,
		"status", result.status, "note", result.note)
	b.OnDelivery(delivery.Event, strings.ToLower(string(result.status)), b.Now().Sub(delivery.ReceivedAt))
	return nil
}

// workOn works on a delivery, whoever sent it.
func (b *Bot) workOn(ctx context.Context, delivery pipeline.Delivery, order pipeline.Order) (outcome, error) {
	if strings.HasPrefix(delivery.Event, slackEvents) {
		return b.slackReceived(ctx, delivery)
	}
	event, err := githubapp.ParseEvent(delivery.Event, delivery.Body)
	if err != nil {
		return ignored("%v", err), nil
	}
	return b.handle(ctx, event, delivery, order)
}

// BuryDelivery gives a delivery up.
func (b *Bot) BuryDelivery(ctx context.Context, id string, cause error) {
	if err := b.Store.FinishDelivery(ctx, id, pipeline.DeliveryDead, cause.Error(), ""); err != nil {
		b.Logger.Error("delivery not buried", "delivery", id, "error", err)
	}
	b.OnDelivery("", "dead", 0)
}

func (b *Bot) handle(ctx context.Context, event any, delivery pipeline.Delivery, order pipeline.Order) (outcome, error) {
	if e, ok := event.(interface{ About() pipeline.Repository }); ok && e.About().ID != 0 {
		if err := b.meet(ctx, e.About()); err != nil {
			return outcome{}, err
		}
	}
	switch e := event.(type) {
	case githubapp.Push:
		return b.push(ctx, e, delivery)
	case githubapp.PullRequestEvent:
		return b.pullRequest(ctx, e, delivery)
	case githubapp.MergeGroup:
		return b.mergeGroup(ctx, e, delivery)
	case githubapp.IssueComment:
		return b.issueComment(ctx, e, order.Attempts > 0 || order.CreatedAt.Before(b.began))
	case githubapp.CheckRunEvent:
		return b.checkRun(ctx, e)
	case githubapp.CheckSuiteEvent:
		return b.checkSuite(ctx, e)
	case githubapp.Installation:
		return b.installation(ctx, e)
	case githubapp.InstallationRepositories:
		return b.installationRepositories(ctx, e)
	case githubapp.Ping:
		return done("ping"), nil
	}
	return ignored("Penstock has no use for this event"), nil
}

// retryLater carries the time to wait to whoever carries out orders.
type retryLater struct {
	error
	after time.Duration
}

// RetryAfter is how long the forge or Slack wants us to wait.
func (r retryLater) RetryAfter() time.Duration { return r.after }

// Unwrap returns the cause.
func (r retryLater) Unwrap() error { return r.error }

func later(err error) error {
	if after, ok := calls.RetryAfter(err); ok {
		return retryLater{err, after}
	}
	return err
}
