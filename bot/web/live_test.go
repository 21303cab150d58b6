package web_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// event is one server-sent event.
type event struct{ id, kind, data string }

// events reads a stream event by event.
func events(t *testing.T, address, lastID string) func() (event, bool) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		t.Fatalf("content type %q", kind)
	}
	lines := bufio.NewScanner(answer.Body)
	return func() (event, bool) {
		var e event
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data = value
			case "":
				if e.kind != "" {
					return e, true
				}
				e = event{}
			}
		}
		return e, false
	}
}

func TestFollowingALog(t *testing.T) {
	t.Parallel()
	h := newHouse()
	base, _ := serve(t, h)
	next := events(t, base+"/runs/"+runID+"/log/test-2/live?from=1", "")

	got, _ := next()
	var rows []struct {
		N      int
		Stream string
		Text   string
	}
	if err := json.Unmarshal([]byte(got.data), &rows); err != nil || len(rows) != 1 || rows[0].N != 1 || got.id != "2" {
		t.Fatalf("first event %+v: %v", got, err)
	}

	h.print("test-2", pipeline.Stderr, "a line\nwith <b> and \x1b[1mcolour", "another")
	got, _ = next()
	if err := json.Unmarshal([]byte(got.data), &rows); err != nil || len(rows) != 2 || rows[0].N != 2 || rows[0].Stream != "err" || rows[0].Text != "a line with <b> and colour" {
		t.Fatalf("second event %+v: %v", got, err)
	}

	// The last lines come before the end, however late they were written.
	h.print("test-2", pipeline.Stdout, "last")
	h.end(runID, "test-2", pipeline.ActionSucceeded)
	got, _ = next()
	if got.kind != "lines" || !strings.Contains(got.data, `"last"`) || got.id != "5" {
		t.Fatalf("third event %+v", got)
	}
	got, _ = next()
	if got.kind != "end" || got.data != "✓ succeeded" {
		t.Fatalf("last event %+v", got)
	}
	if got, more := next(); more {
		t.Fatalf("after the end: %+v", got)
	}
}

func TestFollowingGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	h := newHouse()
	base, _ := serve(t, h)
	h.print("test-2", pipeline.Stdout, "two", "three")
	h.end(runID, "test-2", pipeline.ActionFailed)
	next := events(t, base+"/runs/"+runID+"/log/test-2/live?from=1", "3")
	got, _ := next()
	if !strings.Contains(got.data, `"three"`) || strings.Contains(got.data, `"two"`) {
		t.Errorf("got %+v", got)
	}
}

// TestCloseEndsStreams: a server that shuts down is not held by its readers.
func TestCloseEndsStreams(t *testing.T) {
	t.Parallel()
	base, handler := serve(t, newHouse())
	next := events(t, base+"/runs/"+runID+"/log/test-2/live?from=1", "")
	next()
	handler.Close()
	handler.Close()
	if got, more := next(); more {
		t.Errorf("after Close: %+v", got)
	}
}
