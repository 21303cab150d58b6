package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

func (c *call) createStatus() (reply, error) {
	var in struct {
		State       string `json:"state"`
		Context     string `json:"context"`
		Description string `json:"description"`
		TargetURL   string `json:"target_url"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	at, err := c.repo.resolve(c.value("sha"))
	if err != nil || !isSHA(c.value("sha")) {
		return reply{}, fail(http.StatusUnprocessableEntity, "No commit found for SHA: %s", c.value("sha"))
	}
	in.Context = or(in.Context, "default")
	if !slices.Contains([]string{"error", "failure", "pending", "success"}, in.State) {
		return reply{}, invalid("Status", "state", "custom", "state is not included in the list")
	}
	if utf8.RuneCountInString(in.Description) > maxDescription {
		return reply{}, invalid("Status", "description", "custom", "description is too long (maximum is 140 characters)")
	}
	if u, err := url.Parse(in.TargetURL); in.TargetURL != "" && (err != nil || !strings.HasPrefix(u.Scheme, "http")) {
		return reply{}, invalid("Status", "target_url", "custom", "target_url must use http(s) scheme")
	}
	if c.countStatuses(at.sha, in.Context) >= maxStatuses {
		return reply{}, invalid("Status", "context", "custom", "This SHA and context has reached the maximum number of statuses.")
	}
	s := &status{repo: c.repo, creator: c.actor.account(), Status: Status{
		ID: c.g.nextID(), SHA: at.sha, State: in.State, Context: in.Context, Description: in.Description,
		TargetURL: in.TargetURL, CreatedAt: c.g.now(),
	}}
	key := commitKey{c.repo.id, at.sha}
	c.g.statusesAt[key] = append(c.g.statusesAt[key], s)
	c.g.touch()
	return created(c.g.statusJSON(s, false))
}

func (c *call) countStatuses(sha, context string) int {
	n := 0
	for _, s := range c.g.statusesAt[commitKey{c.repo.id, sha}] {
		if strings.EqualFold(s.Context, context) {
			n++
		}
	}
	return n
}

func (c *call) listStatuses() (reply, error) {
	at, err := c.commit("ref")
	if err != nil {
		return reply{}, err
	}
	return listing(c, c.g.statusesOf(c.repo, at.sha), func(s *status) object { return c.g.statusJSON(s, false) })
}

func (c *call) combinedStatus() (reply, error) {
	at, err := c.repo.resolve(c.value("ref"))
	if err != nil {
		return reply{}, err
	}
	latest := latestStatuses(c.g.statusesOf(c.repo, at.sha))
	slices.Reverse(latest)
	page, header := paginate(c, latest)
	self := c.g.repoAPI(c.repo) + "/commits/" + at.sha
	return reply{status: http.StatusOK, header: header, body: object{
		"state":       combined(latest),
		"statuses":    renderAll(page, func(s *status) object { return c.g.statusJSON(s, true) }),
		"sha":         at.sha,
		"total_count": len(latest),
		"repository":  c.g.minimalRepositoryJSON(c.repo),
		"commit_url":  self,
		"url":         self + "/status",
	}}, nil
}
