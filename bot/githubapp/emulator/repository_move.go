package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// RenameRepository gives a repository another name. Who asks for the old one is sent
// on, until that name is used again. It sends repository renamed.
func (g *GitHub) RenameRepository(fullName, name, as string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repositoryByName(fullName)
	if r == nil {
		return fmt.Errorf("no repository %q", fullName)
	}
	by, err := g.actorOf(r, as, RoleAdmin)
	if err != nil {
		return err
	}
	if name == "" || strings.ContainsAny(name, "/ ") || g.repositoryNamed(r.owner.Login+"/"+name) != nil {
		return fmt.Errorf("repository name %q is not usable", name)
	}
	old := r.name
	g.moved[strings.ToLower(r.fullName())] = r.id
	r.name, r.updatedAt = name, g.now()
	g.emit(event{name: "repository", action: "renamed", repo: r, sender: by, lane: sprintf("repository %d", r.id),
		payload: object{"changes": object{"repository": object{"name": object{"from": old}}}}})
	g.touch()
	return nil
}

// TransferRepository gives a repository to somebody else, roles included; apps
// installed on the old owner reach it no longer. It sends repository transferred to
// those of the new one.
func (g *GitHub) TransferRepository(fullName, owner, as string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, to := g.repositoryByName(fullName), g.userByLogin(owner)
	if r == nil || to == nil {
		return fmt.Errorf("no repository %q or no account %q", fullName, owner)
	}
	by, err := g.actorOf(r, as, RoleAdmin)
	if err != nil {
		return err
	}
	if g.repositoryNamed(to.Login+"/"+r.name) != nil {
		return fmt.Errorf("%s has a repository %s", owner, r.name)
	}
	from := object{"user": g.userJSON(r.owner)}
	if r.owner.Type == TypeOrganization {
		from = object{"organization": g.organizationJSON(r.owner)}
	}
	g.moved[strings.ToLower(r.fullName())] = r.id
	r.owner, r.updatedAt = to, g.now()
	g.emit(event{name: "repository", action: "transferred", repo: r, sender: by, lane: sprintf("repository %d", r.id),
		payload: object{"changes": object{"owner": object{"from": from}}}})
	g.touch()
	return nil
}

// SetDefaultBranch makes another branch the default one. It sends no webhook.
func (g *GitHub) SetDefaultBranch(fullName, branch, as string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.repositoryByName(fullName)
	if r == nil {
		return fmt.Errorf("no repository %q", fullName)
	}
	if _, err := g.actorOf(r, as, RoleAdmin); err != nil {
		return err
	}
	if _, ok := r.branch(branch); !ok {
		return fmt.Errorf("%s: no branch %q", fullName, branch)
	}
	r.defaultBranch, r.updatedAt = branch, g.now()
	g.touch()
	return nil
}

// followMoves sends requests for an old name on, to the repository's id, as GitHub
// does.
func (g *GitHub) followMoves(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.SplitN(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/", 4) // repos, owner, name, rest
		if parts[0] == "repos" && len(parts) >= 3 {
			if id := g.movedFrom(parts[1] + "/" + parts[2]); id != 0 {
				g.sendOn(w, r, g.api("repositories/%d", id)+strings.Join(append([]string{""}, parts[3:]...), "/"))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// nameIDs lets the ids of repositories stand for their names. What is noted of
// requests, and the faults that they meet, go by names.
func (g *GitHub) nameIDs(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.SplitN(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/", 3) // repositories, id, rest
		if parts[0] == "repositories" && len(parts) >= 2 {
			if named, ok := g.byID(r, parts[1]); ok {
				r = named
			}
		}
		next.ServeHTTP(w, r)
	})
}

// movedFrom is the id of the repository that had this name and has another now, or 0.
func (g *GitHub) movedFrom(fullName string) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.repositoryNamed(fullName) != nil {
		return 0
	}
	return g.moved[strings.ToLower(fullName)]
}

// sendOn answers with where to go: the method stays what it was.
func (g *GitHub) sendOn(w http.ResponseWriter, r *http.Request, to string) {
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	status := http.StatusMovedPermanently
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		status = http.StatusTemporaryRedirect
	}
	g.answer(w, r, actor{}, reply{
		status: status, header: http.Header{"Location": {to}},
		body: object{"message": "Moved Permanently", "url": to, "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"},
	})
}

// byID is the request under the repository's name.
func (g *GitHub) byID(r *http.Request, id string) (*http.Request, bool) {
	n, _ := strconv.ParseInt(id, 10, 64)
	g.mu.Lock()
	found := g.repositories[n]
	name := ""
	if found != nil {
		name = found.fullName()
	}
	g.mu.Unlock()
	if found == nil {
		return nil, false
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/repositories/"), "/")
	escaped := "/repos/" + name
	if rest != "" {
		escaped += "/" + rest
	}
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return nil, false
	}
	clone := *r
	clone.URL = new(url.URL)
	*clone.URL = *r.URL
	clone.URL.Path, clone.URL.RawPath = plain, escaped
	return &clone, true
}
