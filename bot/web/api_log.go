package web

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// maxLine is the highest number that a line is asked for by.
const maxLine = 1 << 40

// getLog sends the lines of a log, and with follow goes on until the attempt has
// ended. A reader that gets no end goes on from where it was.
func (h *Handler) getLog(c echo.Context) error {
	from, wrong := number(c, "from", 1, maxLine, 1)
	follow, err := strconv.ParseBool(c.QueryParam("follow"))
	if err != nil && c.QueryParam("follow") != "" {
		wrong = &fieldError{"follow", strconv.Quote(c.QueryParam("follow")) + " is neither true nor false", []string{"true", "false"}}
	}
	if wrong != nil {
		return h.wrong(c, wrong)
	}
	e, _, a, err := h.attempt(c, c.Param("attempt"))
	if err != nil {
		return h.apiMissing(c, "log", err)
	}
	switch _, _, err := h.Logs.Read(c.Request().Context(), e.Repository.ID, a.ID, from, 1); {
	case pipeline.KindOf(err) == pipeline.NotFound:
		return h.problem(c, http.StatusNotFound, "this log is no longer kept", "")
	case err != nil:
		return h.apiTrouble(c, err)
	}
	if follow {
		let, ok := h.hold(c)
		if !ok {
			return h.tooMany(c)
		}
		defer let()
	}
	w := c.Response()
	w.Header().Set("Content-Type", api.LinesType)
	w.WriteHeader(http.StatusOK)
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	send := func(lines []pipeline.LogLine, first int) error {
		for i, l := range lines {
			if err := encoder.Encode(api.LogLine{Number: first + i, At: l.At.UTC(), Stream: string(l.Stream), Text: l.Text}); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	if !follow {
		if err := h.eachLine(c, e, a, from, send); err != nil {
			h.Logger.Warn("log not read", "execution", e.ID, "action", a.Name, "error", err)
		}
		return nil
	}
	over, last := h.follow(c, e, a, from, followed{
		lines: send,
		still: func() { out.WriteByte('\n'); out.Flush() },
		flush: w.Flush,
	})
	if over {
		end := api.LogLine{End: "Removed"}
		if last != nil {
			end.End = string(last.Status)
		}
		if err := encoder.Encode(end); err == nil {
			out.Flush()
		}
	}
	return nil
}

// eachLine hands on every line that there is by now.
func (h *Handler) eachLine(c echo.Context, e *pipeline.Execution, a *pipeline.ActionExecution, from int, send func([]pipeline.LogLine, int) error) error {
	for {
		lines, _, err := h.Logs.Read(c.Request().Context(), e.Repository.ID, a.ID, from, pageLines)
		if err != nil || len(lines) == 0 {
			return err
		}
		if err := send(lines, from); err != nil {
			return err
		}
		from += len(lines)
	}
}
