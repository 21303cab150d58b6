package emulator

import (
	"net/http"
	"slices"
	"strings"
)

func (c *call) listPulls() (reply, error) {
	state := or(c.query("state"), "open")
	if !slices.Contains([]string{"open", "closed", "all"}, state) {
		return reply{}, invalid("PullRequest", "state", "invalid", "")
	}
	var list []*pullRequest
	for _, p := range c.repo.pulls {
		head, base := c.query("head"), c.query("base")
		if state != "all" && p.state != state || base != "" && p.baseRef != base {
			continue
		}
		// GitHub ignores a head without an owner.
		if owner, branch, named := strings.Cut(head, ":"); named && (!sameName(owner, p.headOwner.Login) || branch != p.headRef) {
			continue
		}
		list = append(list, p)
	}
	byUpdate := c.query("sort") == "updated"
	slices.SortStableFunc(list, func(a, b *pullRequest) int {
		if byUpdate {
			return a.updatedAt.Compare(b.updatedAt)
		}
		return a.number - b.number
	})
	if c.query("direction") != "asc" {
		slices.Reverse(list)
	}
	return listing(c, list, c.g.pullSimpleJSON)
}

func (c *call) createPull() (reply, error) {
	var in struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		Head  string `json:"head"`
		Base  string `json:"base"`
		Draft bool   `json:"draft"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	for field, value := range map[string]string{"title": in.Title, "head": in.Head, "base": in.Base} {
		if value == "" {
			return reply{}, invalid("PullRequest", field, "missing_field", "")
		}
	}
	p, err := c.g.openPull(c.repo, c.actor.account(), NewPullRequest{
		Title: in.Title, Body: in.Body, Head: in.Head, Base: in.Base, Draft: in.Draft,
	})
	if err != nil {
		return reply{}, err
	}
	answer, err := c.onePull(p)
	answer.status = http.StatusCreated
	return answer, err
}

// onePull answers a pull request with the question settled whether it merges.
func (c *call) onePull(p *pullRequest) (reply, error) {
	mergeable := c.g.mergeable(c.ctx(), p)
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	return ok(c.g.pullJSON(p, mergeable))
}

func (c *call) getPull() (reply, error) {
	c.g.mu.Lock()
	p, err := c.pull("pull_number")
	c.g.mu.Unlock()
	if err != nil {
		return reply{}, err
	}
	return c.onePull(p)
}

func (c *call) updatePull() (reply, error) {
	p, err := c.pull("pull_number")
	if err != nil {
		return reply{}, err
	}
	var in struct {
		Title *string `json:"title"`
		Body  *string `json:"body"`
		State *string `json:"state"`
		Base  *string `json:"base"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	by := c.actor.account()
	if c.actor.user != nil && by != p.author && !c.repo.role(by).atLeast(RoleTriage) {
		return reply{}, fail(http.StatusForbidden, "Must have admin rights to Repository.")
	}
	set(&p.title, in.Title)
	set(&p.body, in.Body)
	switch {
	case in.Base != nil && *in.Base != p.baseRef:
		if err := c.g.changeBase(p, *in.Base, by); err != nil {
			return reply{}, err
		}
	case in.State == nil || *in.State == p.state:
		p.updatedAt = c.g.now()
	case *in.State == "closed":
		c.g.closePull(p, by)
	case *in.State == "open":
		if err := c.g.reopenPull(p, by); err != nil {
			return reply{}, err
		}
	default:
		return reply{}, invalid("PullRequest", "state", "invalid", "")
	}
	c.g.touch()
	return ok(c.g.pullJSON(p, nil))
}

func (c *call) mergePull() (reply, error) {
	var in struct {
		CommitTitle   string `json:"commit_title"`
		CommitMessage string `json:"commit_message"`
		SHA           string `json:"sha"`
		MergeMethod   string `json:"merge_method"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	sha, err := c.g.merge(c.ctx(), c.repo, int(c.id("pull_number")), c.actor.account(), mergeRequest{
		method: in.MergeMethod, expect: in.SHA, title: in.CommitTitle, message: in.CommitMessage,
	})
	if err != nil {
		return reply{}, err
	}
	return ok(object{"sha": sha, "merged": true, "message": "Pull Request successfully merged"})
}

// mostPullCommits is how many commits of a pull request GitHub lists.
const mostPullCommits = 250

func (c *call) listPullCommits() (reply, error) {
	p, err := c.pull("pull_number")
	if err != nil {
		return reply{}, err
	}
	own, err := p.ownCommits()
	if err != nil {
		return reply{}, err
	}
	own = own[:min(len(own), mostPullCommits)]
	return listing(c, own, func(found *commit) object { return c.g.commitJSON(c.repo, found) })
}

// mostPullFiles is how many files of a pull request GitHub lists.
const mostPullFiles = 3000

func (c *call) listPullFiles() (reply, error) {
	c.g.mu.Lock()
	p, err := c.pull("pull_number")
	if err != nil {
		c.g.mu.Unlock()
		return reply{}, err
	}
	base, head := p.baseSHA, p.headSHA
	c.g.mu.Unlock()
	files, err := c.g.diff(c.ctx(), c.repo, base, head, true)
	if err != nil {
		return reply{}, err
	}
	files = files[:min(len(files), mostPullFiles)]
	return listing(c, files, func(f fileDiff) object { return c.g.fileJSON(c.repo, head, f) })
}

func (c *call) getIssue() (reply, error) {
	p, err := c.pull("issue_number")
	if err != nil {
		return reply{}, err
	}
	return ok(c.g.issueJSON(p))
}
