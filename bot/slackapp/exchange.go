package slackapp

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxAnswer is how much of an answer is read. A user with all profile fields has a
// few kilobytes.
const maxAnswer = 4 << 20

// maxRetryAfter is the longest that an answer can make us wait.
const maxRetryAfter = time.Hour

// exchange is the way of every request: it names us, bounds what is read, and notes
// what the answer's head says for the call that the request belongs to.
type exchange struct {
	next      http.RoundTripper
	userAgent string
}

// head is what was seen of the answer to a call. It is written and read by the
// goroutine of the call.
type head struct {
	status     int
	retryAfter time.Duration // 0: not said
}

type headKey struct{}

// RoundTrip sends a request. It changes a copy.
func (x exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := r.Clone(r.Context())
	sent.Header.Set("User-Agent", x.userAgent)
	answer, err := x.next.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	if h, ok := r.Context().Value(headKey{}).(*head); ok {
		h.status, h.retryAfter = answer.StatusCode, retryAfter(answer.Header)
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

// withHead makes a context whose requests note the head of their answers.
func withHead(ctx context.Context) (context.Context, *head) {
	h := &head{}
	return context.WithValue(ctx, headKey{}, h), h
}

// retryAfter reads the seconds to wait; 0 when there are none. What is too long is
// cut: a typing error at the other side must not close a channel for years.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseInt(h.Get("Retry-After"), 10, 64)
	if err != nil || seconds < 0 {
		return 0
	}
	return max(time.Second, time.Duration(min(seconds, int64(maxRetryAfter/time.Second)))*time.Second)
}
