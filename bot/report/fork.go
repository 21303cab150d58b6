package report

import "github.com/penstock-cd/penstock/pipeline"

// forkView is what the template of a fork's check is filled with.
type forkView struct {
	Line        string // the command to copy
	Unsandboxed bool
	Login       string // who let it run; empty: nobody has
	SHA         string // short
}

// ForkCheck answers a pull request from a fork: nothing of it runs before
// somebody says so for the commit that is its head. It is action_required,
// because neutral and skipped count as passed where a check is required.
// unsandboxed means that it cannot run on this server at all.
func (r *Renderer) ForkCheck(head string, unsandboxed bool) CheckContent {
	title := "Runs once somebody with write access has looked at it"
	if unsandboxed {
		title = "Pull requests from forks do not run on this server"
	}
	return CheckContent{
		Name: ForkCheckName, Status: CheckCompleted, Conclusion: ConclusionActionRequired, Title: title,
		Summary:    r.execute("fork.tmpl", forkView{Line: r.form + "ok-to-test " + head, Unsandboxed: unsandboxed, SHA: pipeline.ShortSHA(head)}),
		DetailsURL: r.base,
		ExternalID: External{Kind: ExternalFork}.String(),
	}
}

// ForkAllowed is that check once somebody has let the commit run.
func (r *Renderer) ForkAllowed(head, login string) CheckContent {
	return CheckContent{
		Name: ForkCheckName, Status: CheckCompleted, Conclusion: ConclusionSuccess,
		Title:      line(pipeline.ShortSHA(head)+" may run, says "+login, maxTitle),
		Summary:    r.execute("fork.tmpl", forkView{Login: login, SHA: pipeline.ShortSHA(head)}),
		DetailsURL: r.base,
		ExternalID: External{Kind: ExternalFork}.String(),
	}
}
