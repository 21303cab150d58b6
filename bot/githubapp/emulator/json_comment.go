package emulator

func (g *GitHub) commentJSON(c *comment) object {
	repo := g.repoAPI(c.pull.base)
	self := sprintf("%s/issues/comments/%d", repo, c.id)
	o := object{
		"url":                      self,
		"html_url":                 g.commentPage(c),
		"issue_url":                sprintf("%s/issues/%d", repo, c.pull.number),
		"id":                       c.id,
		"node_id":                  nodeID("IssueComment", c.id),
		"user":                     g.userJSON(c.author),
		"created_at":               stamp(c.createdAt),
		"updated_at":               stamp(c.updatedAt),
		"author_association":       g.association(c.pull.base, c.author),
		"body":                     c.body,
		"reactions":                reactionCounts(c.reactions, self),
		"performed_via_github_app": nil,
	}
	if c.via != nil {
		o["performed_via_github_app"] = g.appJSON(c.via)
	}
	return o
}

func reactionCounts(list []*reaction, self string) object {
	o := object{"url": self + "/reactions", "total_count": len(list)}
	for _, content := range reactionContents {
		o[content] = 0
	}
	for _, r := range list {
		o[r.content] = o[r.content].(int) + 1
	}
	return o
}

func (g *GitHub) reactionJSON(r *reaction) object {
	return object{
		"id":         r.id,
		"node_id":    nodeID("Reaction", r.id),
		"user":       g.userJSON(r.user),
		"content":    r.content,
		"created_at": stamp(r.createdAt),
	}
}

// statusJSON is one commit status; short is the form inside the combined one.
func (g *GitHub) statusJSON(s *status, short bool) object {
	o := object{
		"url":         g.repoAPI(s.repo) + "/statuses/" + s.SHA,
		"avatar_url":  g.page("static/avatar.svg?u=%d", s.creator.ID),
		"id":          s.ID,
		"node_id":     nodeID("StatusContext", s.ID),
		"state":       s.State,
		"description": nilIfEmpty(s.Description),
		"target_url":  nilIfEmpty(s.TargetURL),
		"context":     s.Context,
		"created_at":  stamp(s.CreatedAt),
		"updated_at":  stamp(s.CreatedAt),
	}
	if !short {
		o["creator"] = g.userJSON(s.creator)
	}
	return o
}
