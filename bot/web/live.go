package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

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
	let, ok := h.hold(c)
	if !ok {
		return h.message(c, http.StatusTooManyRequests, "Too many logs are open", "You follow 50 logs and runs already. Close some of them.")
	}
	defer let()
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
	over, last := h.follow(c, e, a, next, followed{
		lines: func(lines []pipeline.LogLine, first int) error {
			data, err := json.Marshal(logRows(lines, first))
			if err != nil {
				return fmt.Errorf("log %s: %w", a.ID, err)
			}
			_, err = fmt.Fprintf(w, "id: %d\nevent: lines\ndata: %s\n\n", first+len(lines), data)
			return err
		},
		still: func() { fmt.Fprint(w, ": still here\n\n") },
		flush: w.Flush,
	})
	if over {
		words := "removed"
		if last != nil {
			m := markAction(last)
			words = m.Sign + " " + m.Word
		}
		fmt.Fprintf(w, "event: end\ndata: %s\n\n", words)
		w.Flush()
	}
	return nil
}
