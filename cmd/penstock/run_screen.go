package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage/actionlog"
)

// actionName is an action with its stage.
type actionName struct{ stage, action string }

func (n actionName) String() string { return n.stage + "/" + n.action }

// screen writes what happens, a line at a time, from many goroutines.
type screen struct {
	mu      sync.Mutex
	out     io.Writer
	colour  bool
	told    map[string]string // what was said of each stage and attempt
	started time.Time
}

// colourCode is a terminal's colour sequence at the start of a text.
var colourCode = regexp.MustCompile(`^\x1b\[[0-9;]*m`)

func newScreen(out io.Writer, colour bool) *screen {
	return &screen{out: out, colour: colour, told: map[string]string{}, started: time.Now()}
}

// Colours of a terminal.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	dim    = "2"
)

func (s *screen) paint(colour, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (s *screen) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(s.out, text)
}

func (s *screen) note(format string, args ...any) {
	s.line(s.paint(yellow, "== "+fmt.Sprintf(format, args...)))
}

func (s *screen) prompt(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprint(s.out, s.paint(yellow, "== "+fmt.Sprintf(format, args...)))
}

// log writes one line of an action's log.
func (s *screen) log(name actionName, line pipeline.LogLine) {
	prefix := s.paint(blue, fmt.Sprintf("%-18s | ", name))
	switch line.Stream {
	case pipeline.Stderr:
		s.line(prefix + s.paint(yellow, s.visible(line.Text)))
	case pipeline.System:
		s.line(prefix + s.paint(dim, s.visible(line.Text)))
	default:
		s.line(prefix + s.visible(line.Text))
	}
}

// visible takes control characters out of a log line, so that what a job prints
// cannot move our cursor; colours stay where we use colours.
func (s *screen) visible(text string) string {
	var out strings.Builder
	for text != "" {
		if colour := colourCode.FindString(text); colour != "" {
			if s.colour {
				out.WriteString(colour)
			}
			text = text[len(colour):]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		if r == '\t' || !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) {
			out.WriteRune(r)
		}
		text = text[size:]
	}
	return out.String()
}

// progress tells what changed since it was last called.
func (s *screen) progress(run *pipeline.Execution) {
	for i := range run.Stages {
		stage := &run.Stages[i]
		if stage.Status == "" {
			continue
		}
		for j := range stage.Actions {
			a := &stage.Actions[j]
			if a.Status.Ended() && s.news(a.ID, string(a.Status)) {
				s.line(s.sign(string(a.Status)) + " " + stage.Name + "/" + a.Name + " " + s.outcome(string(a.Status), a.Summary))
			}
		}
		if s.news("stage "+stage.Name, string(stage.Status)) {
			s.line(s.sign(string(stage.Status)) + " " + s.paint(bold, "stage "+stage.Name) + " " + s.outcome(string(stage.Status), ""))
		}
	}
}

func (s *screen) news(what, status string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told[what] == status {
		return false
	}
	s.told[what] = status
	return true
}

func (s *screen) sign(status string) string {
	switch status {
	case "Succeeded":
		return s.paint(green, "✓")
	case "Failed":
		return s.paint(red, "✗")
	case "InProgress":
		return s.paint(blue, "▶")
	}
	return s.paint(yellow, "■")
}

func (s *screen) outcome(status, summary string) string {
	if summary != "" && summary != "succeeded" {
		return status + ": " + s.visible(summary)
	}
	return status
}

// summary is the table at the end.
func (s *screen) summary(run *pipeline.Execution, declared *pipeline.Pipeline) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(s.out)
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "STAGE\tACTION\tSTATUS\tTIME")
	for _, stage := range declared.Stages {
		passage := run.Stage(stage.Name)
		if gate := passage.Gate; gate != nil {
			fmt.Fprintf(w, "%s\tenvironment %s\t%s\t%s\n", stage.Name, gate.Name, gate.Status, took(gate.OpenedAt, gate.DecidedAt))
		}
		for _, action := range stage.Actions {
			status, time := "not run", ""
			if a := passage.Latest(action.Name); a != nil {
				status, time = string(a.Status), took(a.StartedAt, a.EndedAt)
				if a.Summary == skippedSummary {
					status = "skipped"
				}
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", stage.Name, action.Name, status, time)
		}
	}
	w.Flush()
	colour := green
	if run.Status != pipeline.ExecutionSucceeded {
		colour = red
	}
	reason := ""
	if run.Reason != "" {
		reason = ": " + s.visible(run.Reason)
	}
	fmt.Fprintf(s.out, "\n%s\n", s.paint(colour, fmt.Sprintf("%s %s in %s%s", declared.Name, run.Status, took(s.started, time.Now()), reason)))
}

func (s *screen) kept(dir, logs string) {
	s.line(fmt.Sprintf("Logs are kept in %s, folders in %s", logs, filepath.Join(dir, "jobs")))
}

func took(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	d := to.Sub(from)
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}

// liveLogs shows lines as they are stored, and keeps them as plain text too.
type liveLogs struct {
	*actionlog.Store
	screen *screen
	dir    string
	names  map[string]actionName
}

// Append stores the lines first: what was shown is never lost.
func (l *liveLogs) Append(ctx context.Context, repositoryID int64, attemptID string, offset int64, lines []pipeline.LogLine) error {
	if err := l.Store.Append(ctx, repositoryID, attemptID, offset, lines); err != nil {
		return err
	}
	name := l.names[attemptID]
	file, err := os.OpenFile(filepath.Join(l.dir, name.stage+"."+name.action+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, line := range lines {
		l.screen.log(name, line)
		if _, err := fmt.Fprintln(file, line.Text); err != nil {
			return err
		}
	}
	return nil
}

// warnings shows what the rooms log.
type warnings struct{ screen *screen }

func (w *warnings) Write(b []byte) (int, error) {
	w.screen.line(strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}
