package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxComment is the longest body of a comment, in characters.
const maxComment = 65536

// Comment is what the outside knows of a comment on a pull request.
type Comment struct {
	ID         int64
	Repository string // owner/name
	Number     int    // of the pull request
	Author     string
	Body       string
	CreatedAt  time.Time
	UpdatedAt  time.Time
	// Edits counts how often the body was changed.
	Edits   int
	HTMLURL string
}

type comment struct {
	id                   int64
	pull                 *pullRequest
	author               *user
	via                  *app // the app it was written through, or nil
	body                 string
	edits                int
	reactions            []*reaction // oldest first
	createdAt, updatedAt time.Time
}

// Comment writes a comment on a pull request, open or closed.
func (g *GitHub) Comment(fullName string, number int, as, body string) (Comment, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p, err := g.pullNumber(fullName, number)
	if err != nil {
		return Comment{}, err
	}
	u, err := g.actorOf(p.base, as, RoleRead)
	if err != nil {
		return Comment{}, err
	}
	c, err := g.addComment(p, u, nil, body)
	if err != nil {
		return Comment{}, fmt.Errorf("%s#%d: %w", fullName, number, err)
	}
	return g.commentView(c), nil
}

// EditComment changes the body of a comment, by its author or someone with
// write access.
func (g *GitHub) EditComment(id int64, as, body string) error {
	return g.withComment(id, as, func(c *comment, by *user) error { return g.editComment(c, by, body) })
}

// DeleteComment deletes a comment, by its author or someone with write access.
func (g *GitHub) DeleteComment(id int64, as string) error {
	return g.withComment(id, as, func(c *comment, by *user) error {
		g.removeComment(c, by)
		return nil
	})
}

func (g *GitHub) withComment(id int64, as string, do func(*comment, *user) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.comments[id]
	if c == nil {
		return fmt.Errorf("no comment %d", id)
	}
	u, err := g.actorOf(c.pull.base, as, RoleRead)
	if err != nil {
		return err
	}
	if u != c.author && !c.pull.base.role(u).atLeast(RoleWrite) {
		return fmt.Errorf("comment %d: %s may not change it", id, u.Login)
	}
	return do(c, u)
}

func (g *GitHub) addComment(p *pullRequest, by *user, via *app, body string) (*comment, error) {
	if err := checkBody(body); err != nil {
		return nil, err
	}
	c := &comment{id: g.nextID(), pull: p, author: by, via: via, body: body, createdAt: g.now(), updatedAt: g.now()}
	g.comments[c.id] = c
	p.comments = append(p.comments, c)
	p.updatedAt = g.now()
	g.sendComment(c, "created", by, nil)
	g.touch()
	return c, nil
}

func (g *GitHub) editComment(c *comment, by *user, body string) error {
	if err := checkBody(body); err != nil {
		return err
	}
	before := c.body
	c.body, c.updatedAt = body, g.now()
	c.edits++
	g.sendComment(c, "edited", by, object{"changes": object{"body": object{"from": before}}})
	g.touch()
	return nil
}

func (g *GitHub) removeComment(c *comment, by *user) {
	g.sendComment(c, "deleted", by, nil)
	delete(g.comments, c.id)
	c.pull.comments = slices.DeleteFunc(c.pull.comments, func(other *comment) bool { return other == c })
	for _, r := range c.reactions {
		delete(g.reactions, r.id)
	}
	g.touch()
}

func checkBody(body string) error {
	switch {
	case strings.TrimSpace(body) == "":
		return invalid("IssueComment", "body", "missing_field", "")
	case utf8.RuneCountInString(body) > maxComment:
		return invalid("IssueComment", "data", "unprocessable",
			fmt.Sprintf("Body is too long (maximum is %d characters)", maxComment))
	}
	return nil
}

func (g *GitHub) commentView(c *comment) Comment {
	return Comment{
		ID: c.id, Repository: c.pull.base.fullName(), Number: c.pull.number, Author: c.author.Login, Body: c.body,
		CreatedAt: c.createdAt, UpdatedAt: c.updatedAt, Edits: c.edits, HTMLURL: g.commentPage(c),
	}
}

func (g *GitHub) commentPage(c *comment) string {
	return g.page("%s/pull/%d#issuecomment-%d", c.pull.base.fullName(), c.pull.number, c.id)
}
