package emulator

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

func (c *call) listCommits() (reply, error) {
	start := or(c.query("sha"), c.repo.defaultBranch)
	tip, err := c.repo.resolve(start)
	if err != nil {
		if c.query("sha") == "" {
			return reply{}, fail(http.StatusConflict, "Git Repository is empty.")
		}
		return reply{}, notFound()
	}
	list, err := c.repo.objects.between(nil, tip.sha, 0)
	if err != nil {
		return reply{}, err
	}
	since, _ := time.Parse(time.RFC3339, c.query("since"))
	until, errUntil := time.Parse(time.RFC3339, c.query("until"))
	author, file := c.query("author"), c.query("path")
	list = slices.DeleteFunc(list, func(found *commit) bool {
		when := found.committer.when
		if when.Before(since) || errUntil == nil && when.After(until) {
			return true
		}
		if author != "" && !c.wrote(author, found) {
			return true
		}
		return file != "" && !c.touches(found, file)
	})
	return listing(c, list, func(found *commit) object { return c.g.commitJSON(c.repo, found) })
}

func (c *call) wrote(author string, found *commit) bool {
	if u := c.g.userByEmail(found.author.email); u != nil && sameName(u.Login, author) {
		return true
	}
	return strings.EqualFold(found.author.email, author)
}

func (c *call) touches(found *commit, file string) bool {
	d, err := c.repo.objects.changes(found)
	if err != nil {
		return false
	}
	file = strings.Trim(file, "/")
	return slices.ContainsFunc(slices.Concat(d.added, d.removed, d.modified), func(name string) bool {
		return name == file || strings.HasPrefix(name, file+"/")
	})
}

func (c *call) getCommit() (reply, error) {
	found, err := c.commit("ref")
	if err != nil {
		return reply{}, err
	}
	accept := c.r.Header.Get("Accept")
	if strings.Contains(accept, "vnd.github") && strings.Contains(accept, "sha") {
		return reply{status: http.StatusOK, raw: []byte(found.sha), kind: "application/vnd.github.sha; charset=utf-8"}, nil
	}
	files, err := c.g.diffCommit(c.ctx(), c.repo, found)
	if err != nil {
		return reply{}, err
	}
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	o := c.g.commitJSON(c.repo, found)
	additions, deletions := 0, 0
	for _, f := range files {
		additions, deletions = additions+f.additions, deletions+f.deletions
	}
	o["stats"] = object{"additions": additions, "deletions": deletions, "total": additions + deletions}
	o["files"] = renderAll(files, func(f fileDiff) object { return c.g.fileJSON(c.repo, found.sha, f) })
	return ok(o)
}

// pullsWithCommit finds the pull requests that brought a commit: the merged ones
// when it is on the default branch, else open ones as well.
func (c *call) pullsWithCommit() (reply, error) {
	found, err := c.commit("commit_sha")
	if err != nil {
		return reply{}, err
	}
	onDefault := false
	if tip, exists := c.repo.branch(c.repo.defaultBranch); exists {
		onDefault = c.repo.objects.isAncestor(found.sha, tip)
	}
	var list []*pullRequest
	for _, p := range c.repo.pulls {
		if !p.merged && (!p.open() || onDefault) {
			continue
		}
		brought, err := p.brings(found.sha)
		if err != nil {
			return reply{}, err
		}
		if brought {
			list = append(list, p)
		}
	}
	return listing(c, list, c.g.pullSimpleJSON)
}

func (p *pullRequest) brings(sha string) (bool, error) {
	if p.merged && (p.mergeCommit == sha || slices.Contains(p.rewritten, sha) || slices.Contains(p.commits, sha)) {
		return true, nil
	}
	if p.merged {
		return false, nil
	}
	own, err := p.ownCommits()
	return slices.ContainsFunc(own, func(c *commit) bool { return c.sha == sha }), err
}

// Limits of a comparison.
const (
	mostCompareFiles   = 300
	mostCompareCommits = 250
)

func (c *call) compareCommits() (reply, error) {
	base, head, ok3 := strings.Cut(c.value("basehead"), "...")
	if !ok3 {
		return reply{}, notFound()
	}
	from, err := c.repo.resolve(base)
	if err != nil {
		return reply{}, err
	}
	to, err := c.repo.resolve(c.localName(head))
	if err != nil {
		return reply{}, err
	}
	mergeBase, err := c.repo.objects.commit(or(c.repo.mergeBase(c.ctx(), c.g.git, from.sha, to.sha), zeroSHA))
	if errors.Is(err, errMissing) {
		return reply{}, fail(http.StatusNotFound, "No common ancestor between %s and %s.", base, head)
	}
	if err != nil {
		return reply{}, err
	}
	ahead, err := c.repo.objects.between([]string{from.sha}, to.sha, 0)
	if err != nil {
		return reply{}, err
	}
	behind, err := c.repo.objects.between([]string{to.sha}, from.sha, 0)
	if err != nil {
		return reply{}, err
	}
	files, err := c.g.diff(c.ctx(), c.repo, from.sha, to.sha, true)
	if err != nil {
		return reply{}, err
	}
	slices.Reverse(ahead)
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	return ok(c.comparisonJSON(base, head, from, to, mergeBase, ahead, len(behind), files))
}

// localName drops the owner of owner:branch when it is this repository's.
func (c *call) localName(head string) string {
	if owner, branch, named := strings.Cut(head, ":"); named && sameName(owner, c.repo.owner.Login) {
		return branch
	}
	return head
}

func (c *call) comparisonJSON(base, head string, from, to, mergeBase *commit, ahead []*commit, behind int, files []fileDiff) object {
	state := "diverged"
	switch {
	case len(ahead) == 0 && behind == 0:
		state = "identical"
	case behind == 0:
		state = "ahead"
	case len(ahead) == 0:
		state = "behind"
	}
	render := func(found *commit) object { return c.g.commitJSON(c.repo, found) }
	html := c.g.page("%s/compare/%s...%s", c.repo.fullName(), escapePath(base), escapePath(head))
	shown := ahead[:min(len(ahead), mostCompareCommits)]
	if c.query("page") != "" || c.query("per_page") != "" {
		shown, _ = paginate(c, ahead)
	}
	if page, _ := c.pageSize(); page > 1 {
		files = nil // they are on the first page
	}
	return object{
		"url":               c.g.repoAPI(c.repo) + "/compare/" + escapeSegment(base) + "..." + escapeSegment(head),
		"html_url":          html,
		"permalink_url":     c.g.page("%s/compare/%s...%s", c.repo.fullName(), from.sha, to.sha),
		"diff_url":          html + ".diff",
		"patch_url":         html + ".patch",
		"base_commit":       render(from),
		"merge_base_commit": render(mergeBase),
		"status":            state,
		"ahead_by":          len(ahead),
		"behind_by":         behind,
		"total_commits":     len(ahead),
		"commits":           renderAll(shown, render),
		"files": renderAll(files[:min(len(files), mostCompareFiles)], func(f fileDiff) object {
			return c.g.fileJSON(c.repo, to.sha, f)
		}),
	}
}
