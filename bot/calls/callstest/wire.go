package callstest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Wire carries requests to a handler without a network, so that fake time works. It is
// an http.RoundTripper, safe for concurrent use.
type Wire struct {
	to http.Handler

	mu   sync.Mutex
	open int // answers whose bodies are not closed
}

// NewWire makes a wire to a handler.
func NewWire(to http.Handler) *Wire { return &Wire{to: to} }

// RoundTrip serves a request. It fails when the caller has given up meanwhile.
func (w *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	w.to.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	answer := recorder.Result()
	answer.Request = r
	w.count(1)
	answer.Body = &closing{ReadCloser: answer.Body, wire: w}
	return answer, nil
}

func (w *Wire) count(by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open += by
}

// WantClosed fails a test in which the body of an answer was left open.
func (w *Wire) WantClosed(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != 0 {
		t.Errorf("%d answers were left open", w.open)
	}
}

type closing struct {
	io.ReadCloser
	wire *Wire
	once sync.Once
}

// Close counts once, as closing twice is allowed.
func (c *closing) Close() error {
	c.once.Do(func() { c.wire.count(-1) })
	return c.ReadCloser.Close()
}
