package emulator

import (
	"errors"
	"net/http"
	"strings"
)

func (c *call) getRepository() (reply, error) {
	return ok(c.g.fullRepositoryJSON(c.repo, c.actor))
}

func (c *call) createFork() (reply, error) {
	if c.actor.user == nil {
		return reply{}, forbidden()
	}
	fork, err := c.g.fork(c.repo, c.actor.user)
	if err != nil {
		return reply{}, fail(http.StatusForbidden, "%s", err)
	}
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	return reply{status: http.StatusAccepted, body: c.g.fullRepositoryJSON(fork, c.actor)}, nil
}

func (c *call) getBranch() (reply, error) {
	name := c.value("branch")
	sha, found := c.repo.branch(name)
	if !found {
		return reply{}, fail(http.StatusNotFound, "Branch not found")
	}
	tip, err := c.repo.objects.commit(sha)
	if err != nil {
		return reply{}, err
	}
	self := c.g.repoAPI(c.repo) + "/branches/" + escapeSegment(name)
	return ok(object{
		"name":      name,
		"commit":    c.g.commitJSON(c.repo, tip),
		"_links":    object{"self": self, "html": c.g.page("%s/tree/%s", c.repo.fullName(), escapePath(name))},
		"protected": c.repo.protected[name],
		"protection": object{
			"enabled":                c.repo.protected[name],
			"required_status_checks": object{"enforcement_level": "off", "contexts": []string{}, "checks": []object{}},
		},
		"protection_url": self + "/protection",
	})
}

// getRef answers exact matches only; ref comes without refs/.
func (c *call) getRef() (reply, error) {
	name := "refs/" + strings.TrimPrefix(c.value("ref"), "refs/")
	sha, found := c.repo.refs.get(name)
	if !found {
		return reply{}, notFound()
	}
	target, err := c.repo.objects.get(sha)
	if errors.Is(err, errMissing) {
		return reply{}, notFound()
	}
	if err != nil {
		return reply{}, err
	}
	self := c.g.repoAPI(c.repo)
	return ok(object{
		"ref":     name,
		"node_id": nodeID("Ref", c.repo.id) + name,
		"url":     self + "/git/" + escapePath(name),
		"object":  object{"sha": sha, "type": target.kind, "url": self + "/git/" + target.kind + "s/" + sha},
	})
}
