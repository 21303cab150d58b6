package githubapp

// IssueComment is a comment in the thread of an issue or pull request. GitHub
// does not say which commit it is about: read the pull request for its head.
type IssueComment struct {
	Origin
	Comment Comment
	Number  int
	// PullRequest is false for the thread of a plain issue.
	PullRequest bool
	Open        bool
}

func (w *wireEvent) issueComment(o Origin) (any, string) {
	e := IssueComment{Origin: o}
	if w.Issue == nil || w.Issue.Number <= 0 {
		return e, "no issue"
	}
	e.Number, e.PullRequest, e.Open = w.Issue.Number, w.Issue.PullRequest != nil, w.Issue.State == "open"
	if c := w.Comment; c != nil {
		e.Comment = Comment{
			ID: c.ID, Body: c.Body, Author: c.User.account(), URL: c.HTMLURL,
			CreatedAt: c.CreatedAt.Time, UpdatedAt: c.UpdatedAt.Time,
		}
	}
	switch {
	case o.Repository.ID <= 0:
		return e, "no repository"
	case e.Comment.ID <= 0:
		return e, "no comment"
	}
	return e, ""
}
