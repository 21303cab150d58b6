package emulator

import (
	"slices"
	"time"
)

// reactionContents are the reactions there are, in the order GitHub shows them.
var reactionContents = []string{"+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"}

// Reaction is one person's reaction to a comment.
type Reaction struct {
	ID      int64
	User    string
	Content string
}

type reaction struct {
	id        int64
	comment   *comment
	user      *user
	content   string
	createdAt time.Time
}

// react adds a reaction, once per person and content.
func (g *GitHub) react(c *comment, u *user, content string) (r *reaction, isNew bool) {
	for _, r := range c.reactions {
		if r.user == u && r.content == content {
			return r, false
		}
	}
	r = &reaction{id: g.nextID(), comment: c, user: u, content: content, createdAt: g.now()}
	g.reactions[r.id] = r
	c.reactions = append(c.reactions, r)
	g.touch()
	return r, true
}

// unreact takes a reaction back.
func (g *GitHub) unreact(r *reaction) {
	delete(g.reactions, r.id)
	r.comment.reactions = slices.DeleteFunc(r.comment.reactions, func(other *reaction) bool { return other == r })
	g.touch()
}
