package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Match picks requests to the Web API. Empty fields match everything.
type Match struct {
	// Method is one such as chat.postMessage, or response_url.
	Method string
	// Count ends the trouble after so many requests; 0 is no end.
	Count int
}

// Trouble is what happens to a request. Make one with the functions of this file.
type Trouble struct {
	status    int
	word      string
	after     time.Duration
	delay     time.Duration
	hang      bool
	loseReply bool
	double    bool
}

// ServerError answers with a status such as 500 or 503, in HTML, and does nothing.
func ServerError(status int) Trouble { return Trouble{status: status} }

// Refuse answers ok: false with one of Slack's words, such as internal_error.
func Refuse(word string) Trouble { return Trouble{word: word} }

// RateLimited answers 429 with Retry-After in whole seconds.
func RateLimited(after time.Duration) Trouble {
	return Trouble{word: "ratelimited", status: http.StatusTooManyRequests, after: after}
}

// Slow holds every request up for a while of real time.
func Slow(d time.Duration) Trouble { return Trouble{delay: d} }

// Hang leaves requests without an answer until Injected.Release, or until the client
// gives up. A released request then goes on as usual.
func Hang() Trouble { return Trouble{hang: true} }

// LoseReply does what was asked and cuts the connection instead of answering.
func LoseReply() Trouble { return Trouble{loseReply: true} }

// Double does what was asked twice: a message stands there twice. The answer is the
// second one's.
func Double() Trouble { return Trouble{double: true} }

// Injected is trouble switched on.
type Injected struct {
	s       *Slack
	match   Match
	trouble Trouble
	left    int // requests still to come, -1 is no end
	hits    int
	release chan struct{}
	open    bool // release is not closed yet
}

// Inject switches trouble on. Of several that match, the oldest applies.
func (s *Slack) Inject(m Match, t Trouble) *Injected {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := &Injected{s: s, match: m, trouble: t, left: -1, release: make(chan struct{}), open: true}
	if m.Count > 0 {
		i.left = m.Count
	}
	s.injections = append(s.injections, i)
	s.touch()
	return i
}

// Hits says how many requests got the trouble.
func (i *Injected) Hits() int {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.hits
}

// Release lets what hangs or waits go on; later matches still hang.
func (i *Injected) Release() {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	if i.open {
		close(i.release)
		i.release = make(chan struct{})
	}
}

// Remove ends the trouble and lets what hangs go on. Safe twice.
func (i *Injected) Remove() {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	if !i.open {
		return
	}
	i.open, i.left = false, 0
	close(i.release)
	i.s.touch()
}

// Down makes Slack unreachable, or reachable again: whoever connects or asks is hung up
// on, and sockets are cut. Nobody can click meanwhile.
func (s *Slack) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
	if down {
		s.cutSockets()
	}
	s.touch()
}

// injectTrouble is the layer that applies what Inject and Down have switched on. What
// has no method in its path is called by the name given.
func (s *Slack) injectTrouble(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, release, down := s.troubleFor(or(r.PathValue("method"), name))
		if down {
			panic(http.ErrAbortHandler) // a connection kept alive from before
		}
		if (t.hang || t.delay > 0) && !wait(r.Context(), s.ctx, t, release) {
			panic(http.ErrAbortHandler)
		}
		switch {
		case t.word != "" || t.status != 0:
			t.answer(w)
		case t.loseReply:
			next.ServeHTTP(&discarder{header: http.Header{}}, r)
			panic(http.ErrAbortHandler)
		case t.double:
			body, _ := io.ReadAll(io.LimitReader(r.Body, most+1))
			for _, answer := range []http.ResponseWriter{&discarder{header: http.Header{}}, w} {
				again := r.Clone(r.Context())
				again.Body = io.NopCloser(bytes.NewReader(body))
				next.ServeHTTP(answer, again)
			}
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (t Trouble) answer(w http.ResponseWriter) {
	if t.word == "" {
		http.Error(w, "<html><title>Server Error</title></html>", t.status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if t.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((t.after+time.Second-1)/time.Second)))
	}
	if t.status != 0 {
		w.WriteHeader(t.status)
	}
	_ = json.NewEncoder(w).Encode(object{"ok": false, "error": t.word})
}

// troubleFor finds and counts the trouble a request is in for.
func (s *Slack) troubleFor(method string) (t Trouble, release <-chan struct{}, down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return Trouble{}, nil, true
	}
	for _, i := range s.injections {
		if i.left == 0 || i.match.Method != "" && i.match.Method != method {
			continue
		}
		if i.left > 0 {
			i.left--
		}
		i.hits++
		if t := i.trouble; t.word != "" || t.status != 0 { // goes no further
			s.calls = append(s.calls, Call{Method: method, Error: or(t.word, strconv.Itoa(t.status)), At: time.Now()})
		}
		s.touch()
		return i.trouble, i.release, false
	}
	return Trouble{}, nil, false
}

// wait says whether the request may go on.
func wait(request, server context.Context, t Trouble, release <-chan struct{}) bool {
	var timeout <-chan time.Time
	if t.delay > 0 {
		timer := time.NewTimer(t.delay)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-timeout:
	case <-release:
	case <-request.Done():
		return false
	case <-server.Done():
		return false
	}
	return true
}

// discarder is a ResponseWriter for replies that get lost.
type discarder struct{ header http.Header }

func (d *discarder) Header() http.Header            { return d.header }
func (d *discarder) WriteHeader(int)                {}
func (d *discarder) Write(data []byte) (int, error) { return len(data), nil }
