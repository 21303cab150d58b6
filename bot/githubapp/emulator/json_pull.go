package emulator

// pullMinimalJSON stands inside check runs and suites.
func (g *GitHub) pullMinimalJSON(p *pullRequest) object {
	side := func(r *repository, ref, sha string) object {
		return object{"ref": ref, "sha": sha, "repo": object{"id": r.id, "url": g.repoAPI(r), "name": r.name}}
	}
	return object{
		"url":    g.pullAPI(p),
		"id":     p.id,
		"number": p.number,
		"head":   side(p.head, p.headRef, p.headSHA),
		"base":   side(p.base, p.baseRef, p.baseSHA),
	}
}

func (g *GitHub) pullAPI(p *pullRequest) string {
	return sprintf("%s/pulls/%d", g.repoAPI(p.base), p.number)
}

// pullSimpleJSON is a pull request in lists.
func (g *GitHub) pullSimpleJSON(p *pullRequest) object {
	self, repo := g.pullAPI(p), g.repoAPI(p.base)
	issue := sprintf("%s/issues/%d", repo, p.number)
	page := g.page("%s/pull/%d", p.base.fullName(), p.number)
	statuses := repo + "/statuses/" + p.headSHA
	return object{
		"url":                 self,
		"id":                  p.id,
		"node_id":             nodeID("PullRequest", p.id),
		"html_url":            page,
		"diff_url":            page + ".diff",
		"patch_url":           page + ".patch",
		"issue_url":           issue,
		"number":              p.number,
		"state":               p.state,
		"locked":              false,
		"active_lock_reason":  nil,
		"title":               p.title,
		"user":                g.userJSON(p.author),
		"body":                nilIfEmpty(p.body),
		"created_at":          stamp(p.createdAt),
		"updated_at":          stamp(p.updatedAt),
		"closed_at":           stamp(p.closedAt),
		"merged_at":           stamp(p.mergedAt),
		"merge_commit_sha":    nilIfEmpty(p.mergeCommit),
		"assignee":            nil,
		"assignees":           []object{},
		"requested_reviewers": []object{},
		"requested_teams":     []object{},
		"labels":              g.labelsJSON(p),
		"milestone":           nil,
		"draft":               p.draft,
		"commits_url":         self + "/commits",
		"review_comments_url": self + "/comments",
		"review_comment_url":  repo + "/pulls/comments{/number}",
		"comments_url":        issue + "/comments",
		"statuses_url":        statuses,
		"head":                g.sideJSON(p.head, p.headOwner, p.headRef, p.headSHA),
		"base":                g.sideJSON(p.base, p.base.owner, p.baseRef, p.baseSHA),
		"author_association":  g.association(p.base, p.author),
		"auto_merge":          nil,
		"_links": object{
			"self":            link(self),
			"html":            link(page),
			"issue":           link(issue),
			"comments":        link(issue + "/comments"),
			"review_comments": link(self + "/comments"),
			"review_comment":  link(repo + "/pulls/comments{/number}"),
			"commits":         link(self + "/commits"),
			"statuses":        link(statuses),
		},
	}
}

// pullJSON is one pull request in full; mergeable is null while unknown, as in
// webhooks.
func (g *GitHub) pullJSON(p *pullRequest, mergeable *bool) object {
	o := g.pullSimpleJSON(p)
	o["merged"] = p.merged
	o["mergeable"], o["mergeable_state"] = nil, "unknown"
	if mergeable != nil {
		o["mergeable"], o["mergeable_state"] = *mergeable, "dirty"
		if *mergeable {
			o["mergeable_state"] = "clean"
		}
	}
	o["rebaseable"] = o["mergeable"]
	o["merged_by"] = g.userJSON(p.mergedBy)
	o["comments"], o["review_comments"] = len(p.comments), 0
	o["maintainer_can_modify"] = p.fromFork()
	o["commits"] = p.stats.commits
	o["additions"] = p.stats.additions
	o["deletions"] = p.stats.deletions
	o["changed_files"] = p.stats.files
	return o
}

// sideJSON is the head or base of a pull request. The repository is null when
// a fork is gone.
func (g *GitHub) sideJSON(r *repository, owner *user, ref, sha string) object {
	o := object{"label": owner.Login + ":" + ref, "ref": ref, "sha": sha, "user": g.userJSON(owner), "repo": nil}
	if r != nil {
		o["repo"] = g.repositoryJSON(r)
	}
	return o
}

func link(url string) object { return object{"href": url} }

// issueJSON is a pull request seen as an issue.
func (g *GitHub) issueJSON(p *pullRequest) object {
	repo := g.repoAPI(p.base)
	self := sprintf("%s/issues/%d", repo, p.number)
	page := g.page("%s/pull/%d", p.base.fullName(), p.number)
	return object{
		"url":                      self,
		"repository_url":           repo,
		"labels_url":               self + "/labels{/name}",
		"comments_url":             self + "/comments",
		"events_url":               self + "/events",
		"html_url":                 page,
		"timeline_url":             self + "/timeline",
		"id":                       p.id,
		"node_id":                  nodeID("PullRequest", p.id),
		"number":                   p.number,
		"title":                    p.title,
		"user":                     g.userJSON(p.author),
		"labels":                   g.labelsJSON(p),
		"state":                    p.state,
		"locked":                   false,
		"assignee":                 nil,
		"assignees":                []object{},
		"milestone":                nil,
		"comments":                 len(p.comments),
		"created_at":               stamp(p.createdAt),
		"updated_at":               stamp(p.updatedAt),
		"closed_at":                stamp(p.closedAt),
		"author_association":       g.association(p.base, p.author),
		"active_lock_reason":       nil,
		"draft":                    p.draft,
		"body":                     nilIfEmpty(p.body),
		"reactions":                reactionCounts(nil, self),
		"performed_via_github_app": nil,
		"state_reason":             nil,
		"pull_request": object{
			"url": g.pullAPI(p), "html_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
			"merged_at": stamp(p.mergedAt),
		},
	}
}

func (g *GitHub) labelsJSON(p *pullRequest) []object {
	list := []object{}
	for _, name := range p.labels {
		list = append(list, g.labelJSON(p, name))
	}
	return list
}

func (g *GitHub) labelJSON(p *pullRequest, name string) object {
	id := int64(len(name)) + 1000*p.base.id // labels are the repository's; nobody asks for them by id
	return object{
		"id": id, "node_id": nodeID("Label", id), "url": g.repoAPI(p.base) + "/labels/" + escapeSegment(name),
		"name": name, "description": nil, "color": "ededed", "default": false,
	}
}
