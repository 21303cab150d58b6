package emulator

import (
	"net/http"
	"strings"
)

// reservedNames cannot be logins: the pages need them.
var reservedNames = map[string]bool{"api": true, "apps": true, "login": true, "settings": true, "organizations": true, "static": true, "-": true}

// handler serves everything: API, git and pages.
func (g *GitHub) handler() http.Handler {
	api := http.StripPrefix(apiPrefix, g.apiHandler())
	pages, oauth, newApps := g.pageHandler(), g.oauthHandler(), g.newAppHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.running.Add(1)
		defer g.running.Done()
		if strings.HasPrefix(r.URL.Path, apiPrefix+"/") {
			api.ServeHTTP(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/login/") {
			oauth.ServeHTTP(w, r)
			return
		}
		if strings.Contains(r.URL.Path, "/settings/apps/") {
			newApps.ServeHTTP(w, r)
			return
		}
		if repo, path, ok := g.gitPath(r); ok {
			if repo == nil {
				http.Error(w, "Repository not found.", http.StatusNotFound)
				return
			}
			if to, moved := g.gitMoved(r, repo, path); moved {
				http.Redirect(w, r, to, http.StatusMovedPermanently)
				return
			}
			g.serveGit(w, r, repo, path)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// gitPath recognises git's requests: owner/name.git/path, and without .git.
func (g *GitHub) gitPath(r *http.Request) (repo *repository, path string, ok bool) {
	parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 3)
	if len(parts) != 3 {
		return nil, "", false
	}
	switch path = parts[2]; path {
	case "info/refs", "git-upload-pack", "git-receive-pack":
	default:
		return nil, "", false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.repositoryByName(parts[0] + "/" + strings.TrimSuffix(parts[1], ".git")), path, true
}

// gitMoved is where git is sent that begins with a name which the repository had before.
func (g *GitHub) gitMoved(r *http.Request, repo *repository, path string) (to string, moved bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 3)
	if path != "info/refs" || sameName(parts[0]+"/"+strings.TrimSuffix(parts[1], ".git"), repo.fullName()) {
		return "", false
	}
	return g.page("%s.git/%s?%s", repo.fullName(), path, r.URL.RawQuery), true
}
