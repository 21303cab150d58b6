package emulation

import (
	"context"
	"net/http"
	"time"
)

// Hold holds a request up until it is released or a while has passed, 0 is for ever. It
// is false when the request or the emulator ended first.
func Hold(request, closed context.Context, while time.Duration, release <-chan struct{}) bool {
	var timeout <-chan time.Time
	if while > 0 {
		timer := time.NewTimer(while)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-timeout:
	case <-release:
	case <-request.Done():
		return false
	case <-closed.Done():
		return false
	}
	return true
}

// Unheard has a handler do what a request asks for, and throws its answer away.
func Unheard(next http.Handler, r *http.Request) {
	next.ServeHTTP(discarder(http.Header{}), r)
}

// discarder is a ResponseWriter for answers that nobody hears.
type discarder http.Header

func (d discarder) Header() http.Header            { return http.Header(d) }
func (d discarder) WriteHeader(int)                {}
func (d discarder) Write(data []byte) (int, error) { return len(data), nil }
