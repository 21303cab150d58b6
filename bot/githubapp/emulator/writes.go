package emulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Write is one API request that could change something: any but GET and HEAD.
type Write struct {
	// Received is the real time (not Options.Clock) at the very start of the
	// request, for measuring.
	Received time.Time
	Method   string
	Path     string // without /api/v3
	// Endpoint is the operation as GitHub's description names it, such as
	// "POST /repos/{owner}/{repo}/check-runs"; empty when none was reached.
	Endpoint string
	// Who is a login (an installation acts as its bot), app/SLUG, or empty.
	Who string
	// Body is the request's body.
	Body []byte
	// Status is the answer's, 0 while it is under way or when it was cut off.
	Status int
}

type writeKey struct{}

// recordWrites is the outermost layer of the API.
func (g *GitHub) recordWrites(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received := time.Now()
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			g.mu.Lock()
			g.reads = append(g.reads, r.URL.Path)
			g.mu.Unlock()
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return // the client is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		entry := &Write{Received: received, Method: r.Method, Path: r.URL.Path, Body: body}
		g.mu.Lock()
		g.writes = append(g.writes, entry)
		g.touch()
		g.mu.Unlock()
		recorder := &statusRecorder{ResponseWriter: w}
		defer func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			entry.Status = recorder.status
			g.touch()
		}()
		next.ServeHTTP(recorder, r.WithContext(context.WithValue(r.Context(), writeKey{}, entry)))
	})
}

// nameWriter adds to a recorded write what is known once it is routed.
func (g *GitHub) nameWriter(r *http.Request, who actor, e *endpoint) {
	if entry, ok := r.Context().Value(writeKey{}).(*Write); ok {
		entry.Who, entry.Endpoint = who.name(), e.pattern
	}
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusRecorder) Write(data []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	return s.ResponseWriter.Write(data)
}

func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Writes lists the state-changing API requests, in the order they came in.
func (g *GitHub) Writes() []Write {
	g.mu.Lock()
	defer g.mu.Unlock()
	return (&View{g}).Writes()
}

// Writes is GitHub.Writes.
func (v *View) Writes() []Write {
	list := make([]Write, 0, len(v.g.writes))
	for _, w := range v.g.writes {
		list = append(list, *w)
	}
	return list
}

// Reads lists the paths, without /api/v3, of the API requests that could change
// nothing, in the order they came in.
func (g *GitHub) Reads() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.reads)
}

// Counts says how many successful writes each endpoint got, by Write.Endpoint.
func (g *GitHub) Counts() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return (&View{g}).Counts()
}

// Counts is GitHub.Counts.
func (v *View) Counts() map[string]int {
	counts := map[string]int{}
	for _, w := range v.g.writes {
		if w.Endpoint != "" && w.Status >= 200 && w.Status < 300 {
			counts[w.Endpoint]++
		}
	}
	return counts
}

// ForgetWrites empties Writes, Reads and Counts, before a measurement for example.
func (g *GitHub) ForgetWrites() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writes, g.reads = nil, nil
}

// globMatch compares a path with a pattern: * is one segment, ** at the end is
// the rest, an empty pattern is everything.
func globMatch(pattern, path string) bool {
	if pattern == "" {
		return true
	}
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, segment := range want {
		if segment == "**" {
			return true
		}
		if i >= len(have) || (segment != "*" && !sameName(segment, have[i])) {
			return false
		}
	}
	return len(want) == len(have)
}
