package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxRuns is how many runs the first page lists.
const maxRuns = 50

// maxDeliveries is how many deliveries their page lists.
const maxDeliveries = 100

// runRow is a run in a list.
type runRow struct {
	ID, Repository, Pipeline, Number string
	Mark                             mark
	Detail                           string // where it stands, or why it ended
	SHA, Message, Ref, Trigger, By   string
	CreatedAt                        time.Time
	Took                             string
}

// runs is the list of the newest runs.
func (h *Handler) runs(c echo.Context) error {
	newest, dark, err := sift(h, c, maxRuns, pipeline.PermissionRead,
		func(e *pipeline.Execution) place { return place{e.Repository.Host, e.Repository.ID} },
		func(after **pipeline.Execution, n int) ([]*pipeline.Execution, error) {
			before := ""
			if after != nil {
				before = (*after).ID
			}
			return h.Runs.Newest(c.Request().Context(), before, n)
		})
	if err == nil && len(newest) == 0 {
		err = dark
	}
	if err != nil {
		return h.trouble(c, "list of runs", err)
	}
	p := listPage[runRow]{Dark: dark != nil}
	for _, e := range newest {
		p.Rows = append(p.Rows, h.row(e))
	}
	return h.render(c, http.StatusOK, "runs", layout{Title: "Runs", Nav: "runs", Refresh: 5, Inside: len(p.Rows) > 0, Page: p})
}

// listPage is what the page of a list is filled with. Dark means that entries are
// left out because GitHub could not be asked about them.
type listPage[T any] struct {
	Rows []T
	Dark bool
}

func (h *Handler) row(e *pipeline.Execution) runRow {
	r := runRow{
		ID: e.ID, Repository: e.Repository.FullName(), Pipeline: visible(e.Pipeline), Mark: markRun(e), Detail: detail(e),
		SHA: e.Revision.ShortSHA(), Message: visible(e.Revision.Message), Ref: ref(e), Trigger: trigger(e.Trigger),
		By: visible(e.Trigger.By.Login), CreatedAt: e.CreatedAt,
	}
	if e.Number > 0 {
		r.Number = "#" + strconv.FormatInt(e.Number, 10)
	}
	switch {
	case !e.EndedAt.IsZero():
		r.Took = took(e.EndedAt.Sub(e.CreatedAt))
	case !e.Status.Ended():
		r.Took = took(h.Now().Sub(e.CreatedAt))
	}
	return r
}

// ref names the ref of a run.
func ref(e *pipeline.Execution) string {
	if e.Revision.Branch != "" {
		return visible(e.Revision.Branch)
	}
	return visible(e.Lane.Name)
}

// detail says in a few words where a run stands, or why it ended.
func detail(e *pipeline.Execution) string {
	if e.Status.Ended() {
		if e.Status == pipeline.ExecutionSucceeded {
			return ""
		}
		where := ""
		if s := e.Current(); s != nil && s.Status != "" && !strings.HasPrefix(e.Reason, s.Name+": ") {
			where = s.Name
		}
		if where != "" && e.Reason != "" {
			where += ": "
		}
		return visible(where + e.Reason)
	}
	if gates := e.Gates(); len(gates) > 0 {
		return visible(gates[0].Name)
	}
	if s := e.Current(); s != nil {
		return visible(s.Name)
	}
	return ""
}

// deliveryRow is a webhook delivery in a list.
type deliveryRow struct {
	ID, Event, Note string
	Mark            mark
	ReceivedAt      time.Time
}

// deliveries is the list of the newest webhook deliveries. With a login they are
// for those who administer their repository, and those without a repository for
// nobody: what the server is told is more than what runs show.
func (h *Handler) deliveries(c echo.Context) error {
	newest, dark, err := sift(h, c, maxDeliveries, pipeline.PermissionAdmin,
		func(d pipeline.Delivery) place { return place{d.Host, d.RepositoryID} },
		func(after *pipeline.Delivery, n int) ([]pipeline.Delivery, error) {
			before := ""
			if after != nil {
				before = after.ID
			}
			return h.Deliveries.NewestDeliveries(c.Request().Context(), before, n)
		})
	if err == nil && len(newest) == 0 {
		err = dark
	}
	if err != nil {
		return h.trouble(c, "list of deliveries", err)
	}
	p := listPage[deliveryRow]{Dark: dark != nil}
	for _, d := range newest {
		row := deliveryRow{ID: visible(d.ID), Event: visible(d.Event), Note: visible(d.Note), Mark: markDelivery(d.Status), ReceivedAt: d.ReceivedAt}
		if d.Action != "" {
			row.Event += " · " + visible(d.Action)
		}
		p.Rows = append(p.Rows, row)
	}
	return h.render(c, http.StatusOK, "deliveries", layout{Title: "Deliveries", Nav: "deliveries", Refresh: 10, Inside: len(p.Rows) > 0, Page: p})
}
