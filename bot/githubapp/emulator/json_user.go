package emulator

// userJSON is GitHub's simple-user. Nil stays null.
func (g *GitHub) userJSON(u *user) any {
	if u == nil {
		return nil
	}
	self := g.api("users/%s", u.Login)
	return object{
		"login":               u.Login,
		"id":                  u.ID,
		"node_id":             nodeID("User", u.ID),
		"avatar_url":          g.page("static/avatar.svg?u=%d", u.ID),
		"gravatar_id":         "",
		"url":                 self,
		"html_url":            g.page("%s", u.Login),
		"followers_url":       self + "/followers",
		"following_url":       self + "/following{/other_user}",
		"gists_url":           self + "/gists{/gist_id}",
		"starred_url":         self + "/starred{/owner}{/repo}",
		"subscriptions_url":   self + "/subscriptions",
		"organizations_url":   self + "/orgs",
		"repos_url":           self + "/repos",
		"events_url":          self + "/events{/privacy}",
		"received_events_url": self + "/received_events",
		"type":                u.Type,
		"user_view_type":      "public",
		"site_admin":          false,
	}
}

// profileJSON is the longer form: public-user, or private-user for oneself.
func (g *GitHub) profileJSON(u *user, private bool) object {
	o := g.userJSON(u).(object)
	repositories := 0
	for _, r := range g.repositories {
		if r.owner == u {
			repositories++
		}
	}
	for _, key := range []string{"name", "company", "location", "email", "hireable", "bio", "twitter_username"} {
		o[key] = nil
	}
	o["blog"] = ""
	o["public_repos"], o["public_gists"] = repositories, 0
	o["followers"], o["following"] = 0, 0
	o["created_at"], o["updated_at"] = stamp(u.createdAt), stamp(u.createdAt)
	if !u.suspended.IsZero() { // as Enterprise Servers say it
		o["suspended_at"] = stamp(u.suspended)
	}
	if private {
		o["user_view_type"] = "private"
		o["private_gists"], o["total_private_repos"], o["owned_private_repos"] = 0, 0, 0
		o["disk_usage"], o["collaborators"], o["two_factor_authentication"] = 0, 0, true
	}
	return o
}

// organizationJSON is what webhooks of an organization carry.
func (g *GitHub) organizationJSON(u *user) object {
	self := g.api("orgs/%s", u.Login)
	return object{
		"login":              u.Login,
		"id":                 u.ID,
		"node_id":            nodeID("Organization", u.ID),
		"url":                self,
		"repos_url":          self + "/repos",
		"events_url":         self + "/events",
		"hooks_url":          self + "/hooks",
		"issues_url":         self + "/issues",
		"members_url":        self + "/members{/member}",
		"public_members_url": self + "/public_members{/member}",
		"avatar_url":         g.page("static/avatar.svg?u=%d", u.ID),
		"description":        nil,
	}
}
