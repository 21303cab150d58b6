package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// liveAsks is how often it is asked whether somebody who follows a log may still.
const liveAsks = 10 * time.Second

// followed is how what happens to a log is sent to who follows it.
type followed struct {
	lines func(lines []pipeline.LogLine, first int) error
	still func() // now and then while nothing happens: a reader that has left is noticed
	flush func()
}

// follow sends the lines of an attempt's log as they come, from the one with number
// next on, until the attempt is over and everything has been sent. over is false if
// the reader has to ask again. last is the attempt as it ended, nil if it is gone.
func (h *Handler) follow(c echo.Context, e *pipeline.Execution, a *pipeline.ActionExecution, next int, to followed) (over bool, last *pipeline.ActionExecution) {
	control := http.NewResponseController(c.Response())
	_ = control.SetWriteDeadline(time.Time{}) // a server without deadlines has none to lift

	tick := time.NewTicker(h.Poll)
	defer tick.Stop()
	ctx := c.Request().Context()
	asked := h.Now()
	for quiet := 0; ; quiet++ {
		if now := h.Now(); now.Sub(asked) >= liveAsks || now.Before(asked) {
			if !h.still(c, e) {
				return false, nil // the reader asks again, and is told why not
			}
			asked = now
		}
		// Whether it is over is asked before the lines are read, so that none is
		// missed.
		over, last := h.over(c, e.ID, a.ID)
		for {
			lines, _, err := h.Logs.Read(ctx, e.Repository.ID, a.ID, next, pageLines)
			if err == nil && len(lines) > 0 {
				err = to.lines(lines, next)
			}
			if err != nil {
				h.Logger.Warn("log not read", "execution", e.ID, "action", a.Name, "error", err)
				return false, nil
			}
			if len(lines) == 0 {
				break
			}
			next, quiet = next+len(lines), 0
		}
		if over {
			return true, last
		}
		if quiet%20 == 19 {
			to.still()
		}
		to.flush()
		select {
		case <-ctx.Done():
			return false, nil
		case <-h.closed:
			return false, nil
		case <-tick.C:
		}
	}
}

// still reports whether who follows a log is still logged in, and may still see it.
func (h *Handler) still(c echo.Context, e *pipeline.Execution) bool {
	if h.Login == nil {
		return true
	}
	v, err := h.identify(c.Request(), pipeline.ScopeRead)
	return err == nil && v.who == viewerOf(c).who && h.may(c, e.Repository.Host, e.Repository.ID, pipeline.PermissionRead) == nil
}

// over reports whether an attempt has ended, and how; nil if it is gone.
func (h *Handler) over(c echo.Context, executionID, attemptID string) (bool, *pipeline.ActionExecution) {
	e, err := h.Runs.Execution(c.Request().Context(), executionID)
	if err != nil {
		return pipeline.KindOf(err) == pipeline.NotFound, nil
	}
	_, a := e.FindAction(attemptID)
	return a == nil || a.Status.Ended(), a
}
