package emulator

// look asks one question under the lock.
func look[T any](g *GitHub, question func(*View) T) T {
	g.mu.Lock()
	defer g.mu.Unlock()
	return question(&View{g})
}

// Checks is View.Checks.
func (g *GitHub) Checks(fullName, sha string) []CheckRun {
	return look(g, func(v *View) []CheckRun { return v.Checks(fullName, sha) })
}

// AllChecks is View.AllChecks.
func (g *GitHub) AllChecks(fullName, sha string) []CheckRun {
	return look(g, func(v *View) []CheckRun { return v.AllChecks(fullName, sha) })
}

// CheckRun is View.CheckRun.
func (g *GitHub) CheckRun(id int64) (CheckRun, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return (&View{g}).CheckRun(id)
}

// Statuses is View.Statuses.
func (g *GitHub) Statuses(fullName, sha string) []Status {
	return look(g, func(v *View) []Status { return v.Statuses(fullName, sha) })
}

// AllStatuses is View.AllStatuses.
func (g *GitHub) AllStatuses(fullName, sha string) []Status {
	return look(g, func(v *View) []Status { return v.AllStatuses(fullName, sha) })
}

// Comments is View.Comments.
func (g *GitHub) Comments(fullName string, number int) []Comment {
	return look(g, func(v *View) []Comment { return v.Comments(fullName, number) })
}

// Reactions is View.Reactions.
func (g *GitHub) Reactions(commentID int64) []Reaction {
	return look(g, func(v *View) []Reaction { return v.Reactions(commentID) })
}

// PullRequest is View.PullRequest.
func (g *GitHub) PullRequest(fullName string, number int) (PullRequest, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return (&View{g}).PullRequest(fullName, number)
}

// PullRequests is View.PullRequests.
func (g *GitHub) PullRequests(fullName string) []PullRequest {
	return look(g, func(v *View) []PullRequest { return v.PullRequests(fullName) })
}

// Suites is View.Suites.
func (g *GitHub) Suites(fullName, sha string) []int64 {
	return look(g, func(v *View) []int64 { return v.Suites(fullName, sha) })
}

// Ref is View.Ref.
func (g *GitHub) Ref(fullName, name string) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return (&View{g}).Ref(fullName, name)
}
