package emulator

import (
	"context"
	"slices"
)

// View answers questions inside Await, where the lock is held: ask the View
// there, never the GitHub.
type View struct{ g *GitHub }

// Await returns when the condition holds. It is asked now and after every change
// of state, under the lock, so it must be quick. The error is the context's, or
// says that the emulator was closed.
func (g *GitHub) Await(ctx context.Context, condition func(*View) bool) error {
	return g.mu.Await(ctx, g.ctx, func() bool { return condition(&View{g}) })
}

// Look runs a function on one consistent state.
func (g *GitHub) Look(look func(*View)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	look(&View{g})
}

// Checks lists the latest run of each check of a commit, oldest first.
func (v *View) Checks(fullName, sha string) []CheckRun { return v.checks(fullName, sha, latestRuns) }

// AllChecks lists all check runs of a commit, also those that a newer one of the
// same name hides.
func (v *View) AllChecks(fullName, sha string) []CheckRun {
	return v.checks(fullName, sha, func(all []*checkRun) []*checkRun { return all })
}

func (v *View) checks(fullName, sha string, pick func([]*checkRun) []*checkRun) []CheckRun {
	r := v.g.repositoryByName(fullName)
	if r == nil {
		return nil
	}
	var list []CheckRun
	for _, c := range pick(v.g.runsOf(r, sha)) {
		list = append(list, c.view())
	}
	return list
}

// Check answers the latest run of one name.
func (v *View) Check(fullName, sha, name string) (CheckRun, bool) {
	checks := v.Checks(fullName, sha)
	i := slices.IndexFunc(checks, func(c CheckRun) bool { return c.Name == name })
	if i < 0 {
		return CheckRun{}, false
	}
	return checks[i], true
}

// CheckRun answers one check run by id.
func (v *View) CheckRun(id int64) (CheckRun, bool) {
	c := v.g.runs[id]
	if c == nil {
		return CheckRun{}, false
	}
	return c.view(), true
}

// Statuses lists the newest status of each context of a commit.
func (v *View) Statuses(fullName, sha string) []Status {
	return v.statuses(fullName, sha, latestStatuses)
}

// AllStatuses lists all statuses of a commit, newest first.
func (v *View) AllStatuses(fullName, sha string) []Status {
	return v.statuses(fullName, sha, func(all []*status) []*status { return all })
}

func (v *View) statuses(fullName, sha string, pick func([]*status) []*status) []Status {
	r := v.g.repositoryByName(fullName)
	if r == nil {
		return nil
	}
	var list []Status
	for _, s := range pick(v.g.statusesOf(r, sha)) {
		list = append(list, s.view())
	}
	return list
}

// Comments lists the comments of a pull request, oldest first.
func (v *View) Comments(fullName string, number int) []Comment {
	p, err := v.g.pullNumber(fullName, number)
	if err != nil {
		return nil
	}
	var list []Comment
	for _, c := range p.comments {
		list = append(list, v.g.commentView(c))
	}
	return list
}

// Reactions lists the reactions to a comment, oldest first.
func (v *View) Reactions(commentID int64) []Reaction {
	c := v.g.comments[commentID]
	if c == nil {
		return nil
	}
	var list []Reaction
	for _, r := range c.reactions {
		list = append(list, Reaction{ID: r.id, User: r.user.Login, Content: r.content})
	}
	return list
}

// PullRequest answers one pull request.
func (v *View) PullRequest(fullName string, number int) (PullRequest, bool) {
	p, err := v.g.pullNumber(fullName, number)
	if err != nil {
		return PullRequest{}, false
	}
	return v.g.pullView(p), true
}

// PullRequests lists the pull requests of a repository by number.
func (v *View) PullRequests(fullName string) []PullRequest {
	r := v.g.repositoryByName(fullName)
	if r == nil {
		return nil
	}
	var list []PullRequest
	for _, p := range r.pulls {
		list = append(list, v.g.pullView(p))
	}
	return list
}

// Suites lists the ids of the check suites of a commit.
func (v *View) Suites(fullName, sha string) []int64 {
	r := v.g.repositoryByName(fullName)
	if r == nil {
		return nil
	}
	var list []int64
	for _, s := range v.g.suitesOf(r, sha) {
		list = append(list, s.id)
	}
	return list
}

// Ref answers the commit a full ref name points to, such as refs/heads/main.
func (v *View) Ref(fullName, name string) (string, bool) {
	r := v.g.repositoryByName(fullName)
	if r == nil {
		return "", false
	}
	return r.refs.get(name)
}
