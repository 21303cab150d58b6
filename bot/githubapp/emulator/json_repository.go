package emulator

import "maps"

// repositoryURLs are the addresses every form of a repository carries, relative
// to its API address.
func repositoryURLs(self string) object {
	return object{
		"forks_url":         self + "/forks",
		"keys_url":          self + "/keys{/key_id}",
		"collaborators_url": self + "/collaborators{/collaborator}",
		"teams_url":         self + "/teams",
		"hooks_url":         self + "/hooks",
		"issue_events_url":  self + "/issues/events{/number}",
		"events_url":        self + "/events",
		"assignees_url":     self + "/assignees{/user}",
		"branches_url":      self + "/branches{/branch}",
		"tags_url":          self + "/tags",
		"blobs_url":         self + "/git/blobs{/sha}",
		"git_tags_url":      self + "/git/tags{/sha}",
		"git_refs_url":      self + "/git/refs{/sha}",
		"trees_url":         self + "/git/trees{/sha}",
		"statuses_url":      self + "/statuses/{sha}",
		"languages_url":     self + "/languages",
		"stargazers_url":    self + "/stargazers",
		"contributors_url":  self + "/contributors",
		"subscribers_url":   self + "/subscribers",
		"subscription_url":  self + "/subscription",
		"commits_url":       self + "/commits{/sha}",
		"git_commits_url":   self + "/git/commits{/sha}",
		"comments_url":      self + "/comments{/number}",
		"issue_comment_url": self + "/issues/comments{/number}",
		"contents_url":      self + "/contents/{+path}",
		"compare_url":       self + "/compare/{base}...{head}",
		"merges_url":        self + "/merges",
		"archive_url":       self + "/{archive_format}{/ref}",
		"downloads_url":     self + "/downloads",
		"issues_url":        self + "/issues{/number}",
		"pulls_url":         self + "/pulls{/number}",
		"milestones_url":    self + "/milestones{/number}",
		"notifications_url": self + "/notifications{?since,all,participating}",
		"labels_url":        self + "/labels{/name}",
		"releases_url":      self + "/releases{/id}",
		"deployments_url":   self + "/deployments",
	}
}

// minimalRepositoryJSON is what stands inside other objects.
func (g *GitHub) minimalRepositoryJSON(r *repository) object {
	self := g.repoAPI(r)
	o := repositoryURLs(self)
	maps.Copy(o, object{
		"id":          r.id,
		"node_id":     nodeID("Repository", r.id),
		"name":        r.name,
		"full_name":   r.fullName(),
		"private":     r.private,
		"owner":       g.userJSON(r.owner),
		"html_url":    g.page("%s", r.fullName()),
		"description": nilIfEmpty(r.description),
		"fork":        r.parent != nil,
		"url":         self,
	})
	return o
}

// repositoryJSON is the usual form, in answers and webhooks.
func (g *GitHub) repositoryJSON(r *repository) object {
	o := g.minimalRepositoryJSON(r)
	forks, open := g.forksOf(r), openPulls(r)
	visibility := "public"
	if r.private {
		visibility = "private"
	}
	page := g.page("%s", r.fullName())
	maps.Copy(o, object{
		"created_at":        stamp(r.createdAt),
		"updated_at":        stamp(r.updatedAt),
		"pushed_at":         stamp(r.pushedAt),
		"git_url":           "git" + page[len("http"):] + ".git",
		"ssh_url":           "git@" + page[len("http://"):] + ".git",
		"clone_url":         page + ".git",
		"svn_url":           page,
		"homepage":          nil,
		"size":              0,
		"stargazers_count":  0,
		"watchers_count":    0,
		"language":          nil,
		"has_issues":        true,
		"has_projects":      true,
		"has_downloads":     true,
		"has_wiki":          true,
		"has_pages":         false,
		"has_discussions":   false,
		"has_pull_requests": true,
		"forks_count":       forks,
		"mirror_url":        nil,
		"archived":          false,
		"disabled":          false,
		"open_issues_count": open,
		"license":           nil,
		"allow_forking":     true,
		"is_template":       false,
		"topics":            []string{},
		"visibility":        visibility,
		"forks":             forks,
		"open_issues":       open,
		"watchers":          0,
		"default_branch":    r.defaultBranch,

		"web_commit_signoff_required": false,
	})
	return o
}

// fullRepositoryJSON is what GET on one repository answers.
func (g *GitHub) fullRepositoryJSON(r *repository, who actor) object {
	o := g.repositoryJSON(r)
	o["network_count"], o["subscribers_count"] = g.forksOf(r), 0
	o["permissions"] = rolePermissions(r.role(who.account()))
	if r.parent != nil {
		o["parent"], o["source"] = g.repositoryJSON(r.parent), g.repositoryJSON(r.parent)
	}
	return o
}

// pushRepositoryJSON is the odd form in push events: times as numbers, and an
// owner with a name.
func (g *GitHub) pushRepositoryJSON(r *repository) object {
	o := g.repositoryJSON(r)
	owner := g.userJSON(r.owner).(object)
	owner["name"], owner["email"] = r.owner.Login, r.owner.Email
	o["owner"] = owner
	o["url"] = g.page("%s", r.fullName())
	o["created_at"], o["pushed_at"] = r.createdAt.Unix(), r.pushedAt.Unix()
	o["stargazers"], o["master_branch"] = 0, r.defaultBranch
	return o
}

// shortRepositoryJSON is what installation events list.
func (g *GitHub) shortRepositoryJSON(r *repository) object {
	return object{
		"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.name, "full_name": r.fullName(), "private": r.private,
	}
}

func rolePermissions(role Role) object {
	return object{
		"admin": role.atLeast(RoleAdmin), "maintain": role.atLeast(RoleMaintain), "push": role.atLeast(RoleWrite),
		"triage": role.atLeast(RoleTriage), "pull": role.atLeast(RoleRead),
	}
}

func (g *GitHub) repoAPI(r *repository) string { return g.api("repos/%s", r.fullName()) }

func (g *GitHub) forksOf(r *repository) int {
	n := 0
	for _, fork := range g.repositories {
		if fork.parent == r {
			n++
		}
	}
	return n
}

func openPulls(r *repository) int {
	n := 0
	for _, p := range r.pulls {
		if p.open() {
			n++
		}
	}
	return n
}

func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}
