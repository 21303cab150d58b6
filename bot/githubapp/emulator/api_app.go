package emulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

func (c *call) getApp() (reply, error) { return ok(c.g.appJSON(c.actor.app)) }

func (c *call) listInstallations() (reply, error) {
	var list []*installation
	for _, i := range c.g.installations {
		if i.app == c.actor.app {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b *installation) int { return cmp.Compare(a.id, b.id) })
	return listing(c, list, c.g.installationJSON)
}

// ownInstallation finds the installation in the path, if it is the app's.
func (c *call) ownInstallation() (*installation, error) {
	i := c.g.installations[c.id("installation_id")]
	if i == nil || i.app != c.actor.app {
		return nil, notFound()
	}
	return i, nil
}

func (c *call) getInstallation() (reply, error) {
	i, err := c.ownInstallation()
	if err != nil {
		return reply{}, err
	}
	return ok(c.g.installationJSON(i))
}

func (c *call) repositoryInstallation() (reply, error) {
	for _, i := range c.g.installationsFor(c.repo) {
		if i.app == c.actor.app {
			return ok(c.g.installationJSON(i))
		}
	}
	return reply{}, notFound()
}

func (c *call) accountInstallation() (reply, error) {
	account := c.g.userByLogin(c.value("username") + c.value("org"))
	if account == nil {
		return reply{}, notFound()
	}
	i := c.g.installationOn(c.actor.app, account)
	if i == nil || (account.Type == TypeOrganization) != strings.HasPrefix(c.r.URL.Path, "/orgs/") {
		return reply{}, notFound()
	}
	return ok(c.g.installationJSON(i))
}

// mostTokenRepositories is how many repositories a token may be narrowed to.
const mostTokenRepositories = 500

func (c *call) createToken() (reply, error) {
	i, err := c.ownInstallation()
	if err != nil {
		return reply{}, err
	}
	if i.suspended {
		return reply{}, fail(http.StatusForbidden, "This installation has been suspended")
	}
	var in struct {
		Repositories  []string    `json:"repositories"`
		RepositoryIDs []int64     `json:"repository_ids"`
		Permissions   Permissions `json:"permissions"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	permissions, refused := i.granted.narrow(in.Permissions)
	if refused != "" {
		return reply{}, fail(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
	}
	repositories, err := c.tokenRepositories(i, in.Repositories, in.RepositoryIDs)
	if err != nil {
		return reply{}, err
	}
	stateless := c.g.statelessTokens
	switch c.r.Header.Get("X-GitHub-Stateless-S2S-Token") {
	case "enabled":
		stateless = true
	case "disabled":
		stateless = false
	}
	t := c.g.issueToken(i, permissions, repositories, stateless)
	c.g.touch()
	body := object{
		"token": t.text, "expires_at": stamp(t.expiresAt), "permissions": permissions, "repository_selection": "all",
	}
	if !i.all || repositories != nil {
		body["repository_selection"] = "selected"
	}
	if repositories != nil {
		list := []object{}
		for _, id := range repositories {
			list = append(list, c.g.repositoryJSON(c.g.repositories[id]))
		}
		body["repositories"] = list
	}
	return created(body)
}

// tokenRepositories answers the ids a token is narrowed to, nil for no narrowing.
func (c *call) tokenRepositories(i *installation, names []string, ids []int64) ([]int64, error) {
	refused := fail(http.StatusUnprocessableEntity,
		"There is at least one repository that does not exist or is not accessible to the parent installation.")
	if len(names)+len(ids) > mostTokenRepositories {
		return nil, fail(http.StatusUnprocessableEntity, "Too many repositories requested.")
	}
	var list []int64
	for _, name := range names {
		r := c.g.repositoryByName(i.account.Login + "/" + name)
		if r == nil || !i.reaches(r) {
			return nil, refused
		}
		list = append(list, r.id)
	}
	for _, id := range ids {
		r := c.g.repositories[id]
		if r == nil || !i.reaches(r) {
			return nil, refused
		}
		list = append(list, id)
	}
	return list, nil
}

func (c *call) revokeToken() (reply, error) {
	delete(c.g.tokens, c.actor.token.text)
	c.g.touch()
	return noContent()
}

func (c *call) installationRepositories() (reply, error) {
	var list []*repository
	for _, r := range c.g.allRepositories() {
		if c.actor.token.reaches(r) {
			list = append(list, r)
		}
	}
	answer, err := counted(c, "repositories", list, c.g.repositoryJSON)
	selection := "all"
	if !c.actor.token.installation.all || c.actor.token.repositories != nil {
		selection = "selected"
	}
	answer.body.(object)["repository_selection"] = selection
	return answer, err
}
