package web

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// pageLines is how many lines of a log a page shows.
const pageLines = 2000

// logPage is what the page of a log is filled with.
type logPage struct {
	Run         runRow
	Stage       string
	Action      actionView
	Lines       []logRow
	From, To    int // the lines shown
	Total       int
	Before      int // where the page before begins, 0: none
	After       int // where the page after begins, 0: none
	Live        bool
	Next        int // the first line that is not shown yet
	First, Last bool
	Gone        bool // it is no longer kept
}

// logRow is a line of a log, on the page and in the stream.
type logRow struct {
	Number int    `json:"n"`
	Time   string `json:"time"` // of the day, UTC
	At     string `json:"at"`
	Stream string `json:"stream"` // out, err or sys
	Text   string `json:"text"`
}

// log is the page of the log of one attempt, or with .txt its plain text.
func (h *Handler) log(c echo.Context) error {
	id, plain := strings.CutSuffix(c.Param("attempt"), ".txt")
	e, s, a, err := h.attempt(c, id)
	if err != nil {
		return h.trouble(c, "log", err)
	}
	if plain {
		return h.rawLog(c, e, a)
	}
	_, total, err := h.Logs.Read(c.Request().Context(), e.Repository.ID, a.ID, 1, 0)
	if err != nil {
		return h.trouble(c, "log", err)
	}
	from := max(1, total-pageLines+1) // the end is what people look for
	asked, err := strconv.Atoi(c.QueryParam("from"))
	if err == nil && asked > 0 {
		from = min(asked, max(total, 1))
	}
	lines, now, err := h.Logs.Read(c.Request().Context(), e.Repository.ID, a.ID, from, pageLines)
	gone := pipeline.KindOf(err) == pipeline.NotFound
	switch {
	case gone:
		from, total = 1, 0
	case err != nil:
		return h.trouble(c, "log", err)
	default:
		total = now
	}
	p := logPage{Gone: gone, Run: h.row(e), Stage: visible(s.Name), Action: h.stage(e, s, nil).action(a.ID), From: from, To: from + len(lines) - 1, Total: total}
	p.Lines = logRows(lines, from)
	if from > 1 {
		p.Before = max(1, from-pageLines)
	}
	if p.To < total {
		p.After = p.To + 1
	}
	p.Live = p.After == 0 && !a.Status.Ended()
	p.Next = p.To + 1
	l := layout{Title: visible(a.Name+" · "+e.Pipeline) + " " + p.Run.Number, Nav: "runs", Inside: true, Page: p}
	return h.render(c, http.StatusOK, "log", l)
}

// action returns the view of one attempt.
func (v stageView) action(id string) actionView {
	for _, a := range v.Actions {
		if a.ID == id {
			return a
		}
	}
	return actionView{}
}

// attempt finds the attempt that the address names, which must have a log.
func (h *Handler) attempt(c echo.Context, id string) (*pipeline.Execution, *pipeline.StageExecution, *pipeline.ActionExecution, error) {
	e, err := h.execution(c)
	if err != nil {
		return nil, nil, nil, err
	}
	s, a := e.FindAction(id)
	if a == nil || a.Approval != nil {
		return nil, nil, nil, pipeline.Errorf(pipeline.NotFound, "run %s has no log %q", e.ID, id)
	}
	return e, s, a, nil
}

// rawLog writes every line there is by now, as it was printed.
func (h *Handler) rawLog(c echo.Context, e *pipeline.Execution, a *pipeline.ActionExecution) error {
	c.Response().Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	w := bufio.NewWriter(c.Response())
	for from := 1; ; {
		lines, _, err := h.Logs.Read(c.Request().Context(), e.Repository.ID, a.ID, from, pageLines)
		if pipeline.KindOf(err) == pipeline.NotFound {
			w.WriteString("[penstock] this log is no longer kept\n")
			return w.Flush()
		}
		if err != nil {
			h.Logger.Error("log not read", "execution", e.ID, "action", a.Name, "error", err)
			w.WriteString("\n[penstock] the rest could not be read\n")
			return w.Flush()
		}
		if len(lines) == 0 {
			return w.Flush()
		}
		for _, l := range lines {
			w.WriteString(l.Text)
			w.WriteByte('\n') // an error stays in w until Flush
		}
		from += len(lines)
	}
}

// logRows prepares lines for people to see.
func logRows(lines []pipeline.LogLine, from int) []logRow {
	rows := make([]logRow, len(lines))
	for i, l := range lines {
		stream := "out"
		switch l.Stream {
		case pipeline.Stderr:
			stream = "err"
		case pipeline.System:
			stream = "sys"
		}
		rows[i] = logRow{from + i, clock(l.At), iso(l.At), stream, visible(l.Text)}
	}
	return rows
}

// visible shows what somebody wrote without what makes it look like something
// else: sequences for a terminal, control characters, direction marks.
func visible(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.Contains(s, "\x1b") {
		s = withoutEscapes(s)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r >= ' ' && r < 0x7f:
			return r
		case r == '\n':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, s)
}

// withoutEscapes removes the sequences by which programs colour a terminal.
func withoutEscapes(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "\x1b")
		b.WriteString(before)
		if !found || after == "" {
			return b.String()
		}
		end := 1
		switch after[0] {
		case '[': // parameters, then one letter
			for end < len(after) && (after[end] < 0x40 || after[end] > 0x7e) {
				end++
			}
			end++
		case ']': // a title, ended by BEL or ESC \
			for end < len(after) && after[end] != 0x07 && after[end] != 0x1b {
				end++
			}
			if end < len(after) && after[end] == 0x07 {
				end++
			}
		}
		s = after[min(end, len(after)):]
	}
}
