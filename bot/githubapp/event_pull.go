package githubapp

// PullRequestEvent is a change of a pull request: opened, synchronize (new
// commits), reopened, closed, edited ...
type PullRequestEvent struct {
	Origin
	PullRequest PullRequest
	Before      string // head before, with synchronize
	After       string // head after, with synchronize
	OldBaseRef  string // with edited, when the base branch was changed
}

func (w *wireEvent) pullRequest(o Origin) (any, string) {
	e := PullRequestEvent{Origin: o, Before: w.Before, After: w.After}
	if w.Changes != nil && w.Changes.Base != nil {
		e.OldBaseRef = w.Changes.Base.Ref.From
	}
	if w.PullRequest != nil {
		e.PullRequest = w.PullRequest.pullRequest()
	}
	p := e.PullRequest
	switch {
	case o.Repository.ID <= 0:
		return e, "no repository"
	case w.PullRequest == nil || p.Number <= 0 || p.ID <= 0:
		return e, "no pull request"
	case checkSHA(p.HeadSHA) != nil || checkSHA(p.BaseSHA) != nil:
		return e, "head or base is not a commit id"
	case checkRef("refs/heads/"+p.HeadRef) != nil || checkRef("refs/heads/"+p.BaseRef) != nil:
		return e, "head or base is not a branch"
	case p.BaseRepositoryID != o.Repository.ID:
		return e, "the base is another repository"
	}
	return e, ""
}

func (w *wirePull) pullRequest() PullRequest {
	p := PullRequest{
		ID: w.ID, Number: w.Number, State: w.State, Draft: w.Draft, Merged: w.Merged, Title: w.Title, URL: w.HTMLURL,
		Author: w.User.account(), MergedBy: w.MergedBy.account(), MergeCommitSHA: w.MergeCommitSHA,
		HeadSHA: w.Head.SHA, HeadRef: w.Head.Ref, BaseSHA: w.Base.SHA, BaseRef: w.Base.Ref,
		CreatedAt: w.CreatedAt.Time, UpdatedAt: w.UpdatedAt.Time, ClosedAt: w.ClosedAt.Time, MergedAt: w.MergedAt.Time,
	}
	for _, l := range w.Labels {
		p.Labels = append(p.Labels, l.Name)
	}
	if w.Head.Repo != nil { // null when the fork is gone
		p.HeadRepositoryID = w.Head.Repo.ID
	}
	if w.Base.Repo != nil {
		p.BaseRepositoryID = w.Base.Repo.ID
	}
	return p
}
