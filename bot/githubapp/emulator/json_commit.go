package emulator

import (
	"strings"
	"time"
)

func gitUserJSON(s signature) object {
	return object{"name": s.name, "email": s.email, "date": stamp(s.when)}
}

// commitJSON is the usual form of a commit in answers.
func (g *GitHub) commitJSON(r *repository, c *commit) object {
	self := g.repoAPI(r)
	parents := []object{}
	for _, p := range c.parents {
		parents = append(parents, object{
			"sha": p, "url": self + "/commits/" + p, "html_url": g.page("%s/commit/%s", r.fullName(), p),
		})
	}
	return object{
		"sha":     c.sha,
		"node_id": nodeID("Commit", r.id) + c.sha[:8],
		"commit": object{
			"author":        gitUserJSON(c.author),
			"committer":     gitUserJSON(c.committer),
			"message":       c.message,
			"tree":          object{"sha": c.tree, "url": self + "/git/trees/" + c.tree},
			"url":           self + "/git/commits/" + c.sha,
			"comment_count": 0,
			"verification": object{
				"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil,
			},
		},
		"url":          self + "/commits/" + c.sha,
		"html_url":     g.page("%s/commit/%s", r.fullName(), c.sha),
		"comments_url": self + "/commits/" + c.sha + "/comments",
		"author":       g.userJSON(g.userByEmail(c.author.email)),
		"committer":    g.userJSON(g.userByEmail(c.committer.email)),
		"parents":      parents,
	}
}

// simpleCommitJSON stands inside check suites.
func simpleCommitJSON(c *commit) object {
	return object{
		"id":        c.sha,
		"tree_id":   c.tree,
		"message":   c.message,
		"timestamp": c.committer.when.Format(time.RFC3339),
		"author":    object{"name": c.author.name, "email": c.author.email},
		"committer": object{"name": c.committer.name, "email": c.committer.email},
	}
}

// pushCommitJSON is a commit in a push event.
func (g *GitHub) pushCommitJSON(r *repository, c *commit, changes treeChanges) object {
	person := func(s signature) object {
		o := object{"name": s.name, "email": s.email, "date": s.when.Format(time.RFC3339)}
		if u := g.userByEmail(s.email); u != nil {
			o["username"] = u.Login
		}
		return o
	}
	return object{
		"id":        c.sha,
		"tree_id":   c.tree,
		"distinct":  true,
		"message":   c.message,
		"timestamp": c.committer.when.Format(time.RFC3339),
		"url":       g.page("%s/commit/%s", r.fullName(), c.sha),
		"author":    person(c.author),
		"committer": person(c.committer),
		"added":     changes.added,
		"removed":   changes.removed,
		"modified":  changes.modified,
	}
}

// fileJSON is one file of a comparison.
func (g *GitHub) fileJSON(r *repository, ref string, f fileDiff) object {
	path := escapePath(f.name)
	o := object{
		"sha":          nilIfEmpty(f.sha),
		"filename":     f.name,
		"status":       f.status,
		"additions":    f.additions,
		"deletions":    f.deletions,
		"changes":      f.additions + f.deletions,
		"blob_url":     g.page("%s/blob/%s/%s", r.fullName(), ref, path),
		"raw_url":      g.page("%s/raw/%s/%s", r.fullName(), ref, path),
		"contents_url": g.repoAPI(r) + "/contents/" + path + "?ref=" + ref,
	}
	if f.patch != "" {
		o["patch"] = f.patch
	}
	if f.previous != "" {
		o["previous_filename"] = f.previous
	}
	return o
}

// escapePath makes a file's path fit for a URL and keeps its slashes.
func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = escapeSegment(s)
	}
	return strings.Join(segments, "/")
}
