package web

import (
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"
)

// heldAtMost is how many answers are kept open at once for one account: each is
// looked at twice a second.
const heldAtMost = 50

// holder is an account; the zero value is whoever is on this machine.
type holder struct {
	host string
	id   int64
}

// held counts the answers that are kept open. Its zero value is ready; it may be used
// by many goroutines.
type held struct {
	mu sync.Mutex
	of map[holder]int
}

// hold keeps an answer open for who asks, until let is called. It is false if they
// have too many.
func (h *Handler) hold(c echo.Context) (let func(), ok bool) {
	var who holder
	if v := viewerOf(c); v != nil {
		who = holder{v.host, v.who.ID}
	}
	h.held.mu.Lock()
	defer h.held.mu.Unlock()
	if h.held.of[who] >= heldAtMost {
		c.Response().Header().Set("Retry-After", "10")
		return nil, false
	}
	if h.held.of == nil {
		h.held.of = map[holder]int{}
	}
	h.held.of[who]++
	return func() {
		h.held.mu.Lock()
		defer h.held.mu.Unlock()
		if h.held.of[who]--; h.held.of[who] == 0 {
			delete(h.held.of, who)
		}
	}, true
}

// tooMany answers who has too many answers open.
func (h *Handler) tooMany(c echo.Context) error {
	return h.problem(c, http.StatusTooManyRequests, "you follow 50 logs and runs already; end one of them, or try again later", "")
}
