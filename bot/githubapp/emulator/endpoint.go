package emulator

import (
	"net/http"
	"strings"
)

// audience says what kind of credentials an endpoint takes.
type audience int

const (
	forAnyone       audience = iota // tokens of installations and people; nobody where the repository is public
	forApp                          // the app's JSON web token
	forInstallation                 // an installation token only
	forLoggedIn                     // any token
)

// endpoint is one operation of the REST API.
type endpoint struct {
	pattern  string // method and path, as in GitHub's description
	audience audience
	// perms are the permissions of which an installation needs one, such as
	// "checks:write".
	perms []string
	// role is what a person needs in the repository.
	role Role
	// content marks what counts as creating content for the secondary limit.
	content bool
	// slow endpoints run git commands and take GitHub.mu themselves; all others
	// are called with it held.
	slow  bool
	serve func(*call) (reply, error)
}

func (e *endpoint) path() string {
	_, path, _ := strings.Cut(e.pattern, " ")
	return path
}

// ofRepository says whether the path names a repository.
func (e *endpoint) ofRepository() bool { return strings.HasPrefix(e.path(), "/repos/{owner}/{repo}") }

// ofTeam says whether the path names a team.
func (e *endpoint) ofTeam() bool { return strings.HasPrefix(e.path(), "/orgs/{org}/teams/") }

// admit checks credentials, repository and permissions, in the order and with
// the answers of GitHub. It fills c.repo.
func (e *endpoint) admit(c *call) error {
	switch e.audience {
	case forApp:
		if c.actor.app == nil {
			return fail(http.StatusUnauthorized, "A JSON web token could not be decoded")
		}
	case forLoggedIn, forInstallation:
		if c.actor.token == nil && c.actor.user == nil {
			return fail(http.StatusUnauthorized, "Requires authentication")
		}
		if e.audience == forInstallation && c.actor.token == nil {
			return fail(http.StatusForbidden, "You must authenticate via a GitHub App.")
		}
	case forAnyone:
		if c.actor.app != nil && e.ofRepository() {
			return fail(http.StatusUnauthorized, "Bad credentials")
		}
	}
	if e.ofTeam() {
		return e.admitTeam(c)
	}
	if !e.ofRepository() {
		return nil
	}
	c.repo = c.g.repositoryByName(c.value("owner") + "/" + c.value("repo"))
	if e.audience == forApp {
		if c.repo == nil {
			return notFound()
		}
		return nil
	}
	if c.repo == nil || !c.actor.sees(c.repo) {
		return notFound()
	}
	return e.permit(c)
}

// admitTeam lets in who may see the teams of the organization in the path: its
// installations with the permission, and its members. It fills c.org.
func (e *endpoint) admitTeam(c *call) error {
	c.org = c.g.userByLogin(c.value("org"))
	if c.org == nil || c.org.Type != TypeOrganization {
		return notFound()
	}
	if t := c.actor.token; t != nil {
		name, level, _ := strings.Cut(e.perms[0], ":")
		if t.installation.account != c.org || !t.permits(name, level) {
			return forbidden()
		}
		c.g.usedPermissions[e.perms[0]] = e.perms
		return nil
	}
	if c.actor.via != nil || !c.org.members[c.actor.user.ID] {
		return notFound()
	}
	return nil
}

func (e *endpoint) permit(c *call) error {
	if c.actor.via != nil && c.r.Method != http.MethodGet {
		return forbidden()
	}
	if c.actor.token == nil {
		switch {
		case c.repo.role(c.actor.user).atLeast(e.role):
			return nil
		case c.actor.user == nil:
			return fail(http.StatusUnauthorized, "Requires authentication")
		default:
			return fail(http.StatusForbidden, "Must have admin rights to Repository.")
		}
	}
	readsOnly := true
	for _, perm := range e.perms {
		name, level, _ := strings.Cut(perm, ":")
		if c.actor.token.reaches(c.repo) && c.actor.token.permits(name, level) {
			c.g.usedPermissions[strings.Join(e.perms, " ")] = e.perms
			return nil
		}
		readsOnly = readsOnly && level == "read"
	}
	if readsOnly && e.role == RoleRead && !c.repo.private && !c.actor.token.reaches(c.repo) {
		return nil // what anybody may read
	}
	return forbidden()
}
