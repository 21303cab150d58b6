package githubapp

// CheckRunEvent is something that happened to a check run, of ours or of another
// app: created, completed, rerequested, requested_action.
type CheckRunEvent struct {
	Origin
	CheckRun CheckRun
	AppID    int64  // whose check run it is
	Button   string // the identifier of the action, with requested_action
	// Pulls are the numbers of the pull requests with that head; none for forks.
	Pulls []int
}

// CheckSuiteEvent is something that happened to all check runs of an app on a
// commit: requested, rerequested, completed.
type CheckSuiteEvent struct {
	Origin
	ID         int64
	HeadSHA    string
	HeadBranch string // empty for forks
	AppID      int64  // whose check suite it is
	// Pulls are the numbers of the pull requests with that head; none for forks.
	Pulls []int
}

func (w *wireEvent) checkRun(o Origin) (any, string) {
	e := CheckRunEvent{Origin: o}
	if c := w.CheckRun; c != nil {
		e.CheckRun = CheckRun{
			ID: c.ID, Name: c.Name, HeadSHA: c.HeadSHA, ExternalID: c.ExternalID,
			Status: c.Status, Conclusion: c.Conclusion,
		}
		if c.CheckSuite != nil {
			e.CheckRun.SuiteID = c.CheckSuite.ID
		}
		e.AppID, e.Pulls = c.App.id(), numbers(c.PullRequests)
	}
	if w.RequestedAction != nil {
		e.Button = w.RequestedAction.Identifier
	}
	switch {
	case o.Repository.ID <= 0:
		return e, "no repository"
	case e.CheckRun.ID <= 0 || checkSHA(e.CheckRun.HeadSHA) != nil:
		return e, "no check run"
	}
	return e, ""
}

func (w *wireEvent) checkSuite(o Origin) (any, string) {
	e := CheckSuiteEvent{Origin: o}
	if s := w.CheckSuite; s != nil {
		e.ID, e.HeadSHA, e.HeadBranch = s.ID, s.HeadSHA, s.HeadBranch
		e.AppID, e.Pulls = s.App.id(), numbers(s.PullRequests)
	}
	switch {
	case o.Repository.ID <= 0:
		return e, "no repository"
	case e.ID <= 0 || checkSHA(e.HeadSHA) != nil:
		return e, "no check suite"
	}
	return e, ""
}

func numbers(list []wirePullNumber) []int {
	var all []int
	for _, p := range list {
		if p.Number > 0 {
			all = append(all, p.Number)
		}
	}
	return all
}
