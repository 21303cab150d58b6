package emulator

import (
	"net/http"
	"slices"
	"time"
)

func (c *call) listComments() (reply, error) {
	p, err := c.pull("issue_number")
	if err != nil {
		return reply{}, err
	}
	since, _ := time.Parse(time.RFC3339, c.query("since"))
	list := slices.DeleteFunc(slices.Clone(p.comments), func(found *comment) bool { return found.updatedAt.Before(since) })
	return listing(c, list, c.g.commentJSON)
}

func (c *call) createComment() (reply, error) {
	p, err := c.pull("issue_number")
	if err != nil {
		return reply{}, err
	}
	var in struct {
		Body string `json:"body"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	made, err := c.g.addComment(p, c.actor.account(), c.actor.owningApp(), in.Body)
	if err != nil {
		return reply{}, err
	}
	answer, err := created(c.g.commentJSON(made))
	answer.header = http.Header{"Location": {c.g.api("repos/%s/issues/comments/%d", c.repo.fullName(), made.id)}}
	return answer, err
}

// comment finds the comment in the path.
func (c *call) comment() (*comment, error) {
	found := c.g.comments[c.id("comment_id")]
	if found == nil || found.pull.base != c.repo {
		return nil, notFound()
	}
	return found, nil
}

// ownComment finds the comment in the path if the caller may change it. An
// installation with the permission may change any.
func (c *call) ownComment() (*comment, error) {
	found, err := c.comment()
	if err != nil {
		return nil, err
	}
	if c.actor.user != nil && found.author != c.actor.user && !c.repo.role(c.actor.user).atLeast(RoleWrite) {
		return nil, fail(http.StatusForbidden, "Must have admin rights to Repository.")
	}
	return found, nil
}

func (c *call) getComment() (reply, error) {
	found, err := c.comment()
	if err != nil {
		return reply{}, err
	}
	return ok(c.g.commentJSON(found))
}

func (c *call) updateComment() (reply, error) {
	found, err := c.ownComment()
	if err != nil {
		return reply{}, err
	}
	var in struct {
		Body string `json:"body"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if err := c.g.editComment(found, c.actor.account(), in.Body); err != nil {
		return reply{}, err
	}
	return ok(c.g.commentJSON(found))
}

func (c *call) deleteComment() (reply, error) {
	found, err := c.ownComment()
	if err != nil {
		return reply{}, err
	}
	c.g.removeComment(found, c.actor.account())
	return noContent()
}

func (c *call) listReactions() (reply, error) {
	found, err := c.comment()
	if err != nil {
		return reply{}, err
	}
	content := c.query("content")
	list := slices.DeleteFunc(slices.Clone(found.reactions), func(r *reaction) bool {
		return content != "" && r.content != content
	})
	return listing(c, list, c.g.reactionJSON)
}

func (c *call) createReaction() (reply, error) {
	found, err := c.comment()
	if err != nil {
		return reply{}, err
	}
	var in struct {
		Content string `json:"content"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !slices.Contains(reactionContents, in.Content) {
		return reply{}, invalid("Reaction", "content", "invalid", "")
	}
	made, isNew := c.g.react(found, c.actor.account(), in.Content)
	if !isNew {
		return ok(c.g.reactionJSON(made))
	}
	return created(c.g.reactionJSON(made))
}

// deleteReaction lets everybody take back only what is theirs.
func (c *call) deleteReaction() (reply, error) {
	found, err := c.comment()
	if err != nil {
		return reply{}, err
	}
	r := c.g.reactions[c.id("reaction_id")]
	if r == nil || r.comment != found {
		return reply{}, notFound()
	}
	if r.user != c.actor.account() {
		return reply{}, forbidden()
	}
	c.g.unreact(r)
	return noContent()
}
