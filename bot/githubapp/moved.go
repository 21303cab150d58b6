package githubapp

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// Learn notes by which installation a repository is reached now: what is kept of it
// elsewhere may be older than its transfer to another owner.
func (a *App) Learn(r pipeline.Repository) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reached[r.ID] = r.Installation
}

// reachedBy is the installation by which a repository is reached.
func (a *App) reachedBy(r pipeline.Repository) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if id := a.reached[r.ID]; id != 0 {
		return id
	}
	return r.Installation
}

// byID is an address of the API with the repository's id in the place of its name:
// the name may be another's by now. GitHub itself writes such addresses where it sends
// on from an old name, and between the pages of a list.
func (a *App) byID(u *url.URL, r pipeline.Repository) *url.URL {
	named := a.api.Path + "repos/" + r.FullName()
	rest, ok := strings.CutPrefix(u.Path, named)
	if !ok || rest != "" && rest[0] != '/' {
		return u
	}
	id := fmt.Sprintf("%srepositories/%d", a.api.Path, r.ID)
	moved := *u
	moved.Path = id + rest
	if raw, ok := strings.CutPrefix(u.RawPath, named); ok {
		moved.RawPath = id + raw
	}
	return &moved
}
