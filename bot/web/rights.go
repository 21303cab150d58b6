package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// rightsLife is how long an answer of GitHub's about rights is believed.
	rightsLife = time.Minute
	// troubleLife is how long it is not asked again after it could not be asked.
	troubleLife = 5 * time.Second
	// maxRights is how many answers are kept at most.
	maxRights = 20_000
	// rightsTime is how long finding out may take.
	rightsTime = 10 * time.Second
)

// unknownRights means that GitHub could not be asked what somebody may do.
type unknownRights struct{ err error }

// Error is for the server's log. The cause is not unwrapped: its kind would be
// taken for that of the answer.
func (u unknownRights) Error() string { return "rights unknown: " + u.err.Error() }

type rightKey struct {
	host       string
	repository int64
	who        pipeline.Actor // the login too: GitHub is asked by it
}

// answer is what GitHub says about somebody and a repository, once ready is
// closed.
type answer struct {
	ready      chan struct{}
	permission pipeline.Permission
	err        error
	until      time.Time
}

// rights asks GitHub, and believes its answers for a while. Many who want to know
// the same ask once.
type rights struct {
	source Rights
	now    func() time.Time
	mu     sync.Mutex
	known  map[rightKey]*answer
}

func newRights(source Rights, now func() time.Time) *rights {
	return &rights{source: source, now: now, known: map[rightKey]*answer{}}
}

func (r *rights) permission(ctx context.Context, key rightKey) (pipeline.Permission, error) {
	r.mu.Lock()
	a := r.known[key]
	if a == nil || !a.until.IsZero() && !r.now().Before(a.until) {
		r.makeRoom()
		a = &answer{ready: make(chan struct{})}
		r.known[key] = a
		go r.ask(context.WithoutCancel(ctx), key, a) // others wait for it too
	}
	r.mu.Unlock()
	select {
	case <-a.ready:
		return a.permission, a.err
	case <-ctx.Done():
		return pipeline.PermissionNone, ctx.Err()
	}
}

func (r *rights) ask(ctx context.Context, key rightKey, a *answer) {
	ctx, cancel := context.WithTimeout(ctx, rightsTime)
	defer cancel()
	asked := r.now()
	permission, err := r.source.Permission(ctx, key.host, key.repository, key.who)
	r.mu.Lock()
	defer r.mu.Unlock()
	a.permission, a.until = permission, asked.Add(rightsLife)
	if err != nil {
		a.permission, a.err, a.until = pipeline.PermissionNone, err, r.now().Add(troubleLife)
	}
	close(a.ready)
}

// makeRoom drops what is too old when there is much, and if that does not help,
// everything.
func (r *rights) makeRoom() {
	if len(r.known) < maxRights {
		return
	}
	for key, a := range r.known {
		if !a.until.IsZero() && !r.now().Before(a.until) {
			delete(r.known, key)
		}
	}
	if len(r.known) >= maxRights {
		clear(r.known)
	}
}

// may answers nil if who asks has at least that permission in a repository; kind
// NotFound if not, as if nothing were there; and unknownRights if that could not
// be found out.
func (h *Handler) may(c echo.Context, host string, repositoryID int64, least pipeline.Permission) error {
	if h.Login == nil {
		return nil // whoever came this far is on this machine
	}
	v := viewerOf(c)
	no := pipeline.Errorf(pipeline.NotFound, "repository %d of %s is not for them to see", repositoryID, host)
	if v == nil || v.host != host || repositoryID <= 0 || v.token != nil && !v.token.Reaches(repositoryID) {
		return no
	}
	has, err := h.rights.permission(c.Request().Context(), rightKey{host, repositoryID, v.who})
	switch {
	case err != nil:
		return unknownRights{fmt.Errorf("repository %d of %s: %w", repositoryID, host, err)}
	case !reaches(has, least):
		return no
	}
	return nil
}

// reaches reports whether a permission includes another. A word that is not known
// includes nothing.
func reaches(has, least pipeline.Permission) bool {
	rank := map[pipeline.Permission]int{pipeline.PermissionRead: 1, pipeline.PermissionWrite: 2, pipeline.PermissionAdmin: 3}
	return rank[has] > 0 && rank[least] > 0 && rank[has] >= rank[least]
}
