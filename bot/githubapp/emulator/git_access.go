package emulator

import (
	"net/http"
	"strings"
)

// admitGit decides whether a git request may go on, and for whom. It answers the
// request itself when not.
func (g *GitHub) admitGit(w http.ResponseWriter, r *http.Request, repo *repository, push bool) (*user, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, password, given := r.BasicAuth()
	if !given {
		if header := r.Header.Get("Authorization"); header != "" {
			_, password, _ = strings.Cut(header, " ")
			given = true
		}
	}
	var who actor
	if given {
		var ok bool
		if who, ok = g.actorByToken(strings.TrimSpace(password)); !ok {
			demandLogin(w, "Invalid username or token.")
			return nil, false
		}
	}
	need := "read"
	if push {
		need = "write"
	}
	switch {
	case g.mayGit(who, repo, need):
		return who.account(), true
	case !given:
		demandLogin(w, "Authentication required.")
	case g.mayGit(who, repo, "read"):
		http.Error(w, "Permission to "+repo.fullName()+".git denied to "+who.name()+".", http.StatusForbidden)
	default:
		http.Error(w, "Repository not found.", http.StatusNotFound)
	}
	return nil, false
}

func (g *GitHub) mayGit(who actor, repo *repository, need string) bool {
	if who.token != nil {
		if who.token.reaches(repo) {
			return who.token.permits("contents", need)
		}
		return need == "read" && !repo.private
	}
	if who.via != nil {
		return need == "read" && !repo.private
	}
	if need == "write" {
		return who.user != nil && repo.role(who.user).atLeast(RoleWrite)
	}
	return repo.role(who.user).atLeast(RoleRead)
}

func demandLogin(w http.ResponseWriter, message string) {
	w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
	http.Error(w, message, http.StatusUnauthorized)
}
