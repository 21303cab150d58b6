package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// live streams the lines of a log as server-sent events: "lines" with an array
// of them, whose id is the next line's number, and one "end" with the status in
// words when the attempt is over and everything has been sent. A reader that
// lost the connection goes on where it was.
func (h *Handler) live(c echo.Context) error {
	e, _, a, err := h.attempt(c, c.Param("attempt"))
	if err != nil {
		return h.trouble(c, "log", err)
	}
	next := 1
	for _, s := range []string{c.QueryParam("from"), c.Request().Header.Get("Last-Event-ID")} {
		if n, err := strconv.Atoi(s); err == nil && n > 0 {
			next = n
		}
	}
	w := c.Response()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	w.Flush()
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // a server without deadlines has none to lift

	tick := time.NewTicker(h.Poll)
	defer tick.Stop()
	ctx := c.Request().Context()
	asked := h.Now()
	for quiet := 0; ; quiet++ {
		if now := h.Now(); now.Sub(asked) >= liveAsks || now.Before(asked) {
			if !h.still(c, e) {
				return nil // the reader connects again, and is told why not
			}
			asked = now
		}
		// Whether it is over is asked before the lines are read, so that none is
		// missed.
		over, words := h.over(c, e.ID, a.ID)
		for {
			lines, _, err := h.Logs.Read(ctx, e.Repository.ID, a.ID, next, pageLines)
			if err != nil {
				h.Logger.Warn("log not read", "execution", e.ID, "action", a.Name, "error", err)
				return nil // the reader connects again
			}
			if len(lines) == 0 {
				break
			}
			data, err := json.Marshal(logRows(lines, next))
			if err != nil {
				return fmt.Errorf("log %s: %w", a.ID, err)
			}
			next += len(lines)
			fmt.Fprintf(w, "id: %d\nevent: lines\ndata: %s\n\n", next, data)
			quiet = 0
		}
		if over {
			fmt.Fprintf(w, "event: end\ndata: %s\n\n", words)
			w.Flush()
			return nil
		}
		if quiet%20 == 19 {
			fmt.Fprint(w, ": still here\n\n") // a reader that has left is noticed
		}
		w.Flush()
		select {
		case <-ctx.Done():
			return nil
		case <-h.closed:
			return nil
		case <-tick.C:
		}
	}
}

// liveAsks is how often it is asked whether somebody who follows a log may still.
const liveAsks = 10 * time.Second

// still reports whether who follows a log is still logged in, and may still see it.
func (h *Handler) still(c echo.Context, e *pipeline.Execution) bool {
	if h.Login == nil {
		return true
	}
	v, err := h.identify(c.Request(), pipeline.ScopeRead)
	return err == nil && v.who == viewerOf(c).who && h.may(c, e.Repository.Host, e.Repository.ID, pipeline.PermissionRead) == nil
}

// over reports whether an attempt has ended, and how.
func (h *Handler) over(c echo.Context, executionID, attemptID string) (bool, string) {
	e, err := h.Runs.Execution(c.Request().Context(), executionID)
	if err != nil {
		return pipeline.KindOf(err) == pipeline.NotFound, "removed"
	}
	_, a := e.FindAction(attemptID)
	if a == nil {
		return true, "removed"
	}
	m := markAction(a)
	return a.Status.Ended(), m.Sign + " " + m.Word
}
