package githubapp

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// HookDelivery is one attempt of GitHub to hand a delivery to us, whether it
// arrived or not, as GitHub's list tells it. GitHub keeps the list for three
// days (Enterprise Server: seven).
type HookDelivery struct {
	ID            int64  // of the attempt
	GUID          string // of the delivery: the same in every attempt, and in X-GitHub-Delivery
	Event, Action string
	DeliveredAt   time.Time // by GitHub's clock
	RepositoryID  int64     // 0 for events without a repository
	// Status is GitHub's word for how it went, "OK" or such as "timed out"; StatusCode
	// is our answer's, 0 if there was none.
	Status     string
	StatusCode int
}

// hookDeliveriesPerPage is the most that GitHub gives.
const hookDeliveriesPerPage = 100

// HookDeliveries reads a page of GitHub's list of attempts, the newest first.
// The cursor of the first page is empty; next is empty after the last. All
// attempts are read: GitHub's filter for failures leaves out those that got no
// answer at all, which is what happens while nobody listens.
func (a *App) HookDeliveries(ctx context.Context, cursor string) (page []HookDelivery, next string, err error) {
	list, answer, err := a.asApp.Apps.ListHookDeliveries(ctx, &github.ListCursorOptions{PerPage: hookDeliveriesPerPage, Cursor: cursor})
	if err != nil {
		return nil, "", a.explainApp(err)
	}
	for _, d := range list {
		page = append(page, HookDelivery{
			ID: d.GetID(), GUID: d.GetGUID(), Event: d.GetEvent(), Action: d.GetAction(),
			DeliveredAt: d.GetDeliveredAt().Time, RepositoryID: d.GetRepositoryID(),
			Status: d.GetStatus(), StatusCode: d.GetStatusCode(),
		})
	}
	return page, answer.Cursor, nil
}

// Redeliver has GitHub make one more attempt of a delivery, soon. It appears in the
// list with the same GUID and a greater ID.
func (a *App) Redeliver(ctx context.Context, id int64) error {
	_, _, err := a.asApp.Apps.RedeliverHookDelivery(ctx, id)
	if err != nil && statusOf(err) != http.StatusAccepted {
		return a.explain(fmt.Sprintf("delivery attempt %d", id), "", err)
	}
	return nil
}

// HookDeliveryPayload reads what an attempt carried. It comes from GitHub itself,
// so there is no signature to verify. Kind NotFound when GitHub has it no longer.
func (a *App) HookDeliveryPayload(ctx context.Context, id int64) ([]byte, error) {
	d, _, err := a.asApp.Apps.GetHookDelivery(ctx, id)
	if err != nil {
		// A refusal here concerns one delivery, not the app.
		return nil, a.explain(fmt.Sprintf("delivery attempt %d", id), "", err)
	}
	if d.Request == nil || d.Request.RawPayload == nil {
		return nil, pipeline.Errorf(pipeline.NotFound, "delivery attempt %d: GitHub has no payload of it", id)
	}
	return *d.Request.RawPayload, nil
}
