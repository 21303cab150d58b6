package githubapp

import (
	"strings"
	"time"
)

// Push is a move of a branch or tag.
type Push struct {
	Origin
	Ref     string // refs/heads/main, refs/tags/v1
	Before  string // zeros when Created
	After   string // zeros when Deleted
	Created bool
	Deleted bool
	Forced  bool
	// PushedAt orders the pushes of a repository, in whole seconds; zero when
	// GitHub did not say.
	PushedAt   time.Time
	Head       Commit // zero when Deleted
	CompareURL string
}

// Commit is what a push says about a commit.
type Commit struct {
	SHA         string
	Message     string
	AuthorName  string
	AuthorEmail string
	AuthorLogin string // empty when GitHub knows no account of that address
	URL         string
}

// Branch is the branch that moved, or empty.
func (p Push) Branch() string {
	name, ok := strings.CutPrefix(p.Ref, "refs/heads/")
	if !ok {
		return ""
	}
	return name
}

// Tag is the tag that moved, or empty.
func (p Push) Tag() string {
	name, ok := strings.CutPrefix(p.Ref, "refs/tags/")
	if !ok {
		return ""
	}
	return name
}

func (w *wireEvent) push(o Origin) (any, string) {
	p := Push{
		Origin: o, Ref: w.Ref, Before: w.Before, After: w.After,
		Created: w.Created, Deleted: w.Deleted, Forced: w.Forced, CompareURL: w.Compare,
	}
	if w.Repository != nil {
		p.PushedAt = w.Repository.PushedAt.Time
	}
	if h := w.HeadCommit; h != nil {
		p.Head = Commit{SHA: h.ID, Message: h.Message, URL: h.URL,
			AuthorName: h.Author.Name, AuthorEmail: h.Author.Email, AuthorLogin: h.Author.Username}
	}
	switch {
	case o.Repository.ID <= 0:
		return p, "no repository"
	case checkRef(p.Ref) != nil:
		return p, "ref is missing or malformed"
	case checkSHA(p.Before) != nil || checkSHA(p.After) != nil:
		return p, "before or after is not a commit id"
	case p.Head.SHA != "" && checkSHA(p.Head.SHA) != nil:
		return p, "head_commit.id is not a commit id"
	}
	return p, ""
}
