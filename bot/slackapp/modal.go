package slackapp

import (
	"context"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/pipeline"
)

// OpenModal shows a window to the person whose click or command the trigger is
// from. Kind Conflict, with a sentence for them: the trigger is too old or was used.
func (a *App) OpenModal(ctx context.Context, triggerID string, view slack.ModalViewRequest) error {
	if triggerID == "" {
		return pipeline.Errorf(pipeline.Invalid, "open a window in Slack: there is no trigger")
	}
	return a.do(ctx, call{method: methodModal, what: "open a window in Slack", timeout: ModalTimeout, waited: true}, func(ctx context.Context) error {
		r, err := a.client.OpenViewContext(ctx, triggerID, view)
		if err != nil {
			return err
		}
		if !r.Ok {
			return strange()
		}
		return nil
	})
}
