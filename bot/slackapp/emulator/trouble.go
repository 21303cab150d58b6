package emulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/penstock-cd/penstock/bot/emulation"
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

// Hang leaves requests without an answer until Injected.Release, or until the client
// gives up. A released request then goes on as usual.
func Hang() Trouble { return Trouble{hang: true} }

// LoseReply does what was asked and cuts the connection instead of answering.
func LoseReply() Trouble { return Trouble{loseReply: true} }

// Double does what was asked twice: a message stands there twice. The answer is the
// second one's.
func Double() Trouble { return Trouble{double: true} }

// Injected is trouble switched on.
type Injected = emulation.Injected

// injection is trouble, what gets it, and how far it has come.
type injection struct {
	match   Match
	trouble Trouble
	on      *Injected
}

// Inject switches trouble on. Of several that match, the oldest applies.
func (s *Slack) Inject(m Match, t Trouble) *Injected {
	s.mu.Lock()
	defer s.mu.Unlock()
	on := emulation.Inject(&s.mu, m.Count, 0)
	s.injections = append(s.injections, injection{m, t, on})
	return on
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
		if t.hang && !emulation.Hold(r.Context(), s.ctx, 0, release) {
			panic(http.ErrAbortHandler)
		}
		switch {
		case t.word != "" || t.status != 0:
			t.answer(w)
		case t.loseReply:
			emulation.Unheard(next, r)
			panic(http.ErrAbortHandler)
		case t.double:
			body, _ := io.ReadAll(io.LimitReader(r.Body, most+1))
			again := r.Clone(r.Context())
			again.Body = io.NopCloser(bytes.NewReader(body))
			emulation.Unheard(next, again)
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
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
		if i.match.Method != "" && i.match.Method != method {
			continue
		}
		release, ok := i.on.Take()
		if !ok {
			continue
		}
		if t := i.trouble; t.word != "" || t.status != 0 { // goes no further
			s.calls = append(s.calls, Call{Method: method, Error: or(t.word, strconv.Itoa(t.status)), At: time.Now()})
		}
		return i.trouble, release, false
	}
	return Trouble{}, nil, false
}
