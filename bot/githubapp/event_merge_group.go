package githubapp

import "strings"

// MergeGroup is a group of pull requests in a merge queue: checks_requested, or
// destroyed because it was merged, was not, or is in vain.
type MergeGroup struct {
	Origin
	HeadSHA string
	HeadRef string // refs/heads/gh-readonly-queue/...
	BaseSHA string
	BaseRef string // refs/heads/main: where it is bound for
	Head    Commit
	Reason  string // with destroyed: merged, invalidated or dequeued
}

// Branch is the group's own branch.
func (m MergeGroup) Branch() string { return strings.TrimPrefix(m.HeadRef, "refs/heads/") }

// Base is the branch that the group is bound for.
func (m MergeGroup) Base() string { return strings.TrimPrefix(m.BaseRef, "refs/heads/") }

func (w *wireEvent) mergeGroup(o Origin) (any, string) {
	m := MergeGroup{Origin: o, Reason: w.Reason}
	if g := w.MergeGroup; g != nil {
		m.HeadSHA, m.HeadRef, m.BaseSHA, m.BaseRef = g.HeadSHA, g.HeadRef, g.BaseSHA, g.BaseRef
		if h := g.HeadCommit; h != nil {
			m.Head = Commit{SHA: h.ID, Message: h.Message, AuthorName: h.Author.Name, AuthorEmail: h.Author.Email}
		}
	}
	switch {
	case o.Repository.ID <= 0:
		return m, "no repository"
	case w.MergeGroup == nil:
		return m, "no merge group"
	case checkSHA(m.HeadSHA) != nil || checkSHA(m.BaseSHA) != nil:
		return m, "head or base is not a commit id"
	case checkRef(m.HeadRef) != nil || checkRef(m.BaseRef) != nil || m.Branch() == m.HeadRef || m.Base() == m.BaseRef:
		return m, "head or base is not a branch"
	}
	return m, ""
}
