package report

// ForkCheck answers a pull request from a fork: nothing of it runs yet. It is
// action_required, because neutral and skipped count as passed where a check is
// required.
func (r *Renderer) ForkCheck() CheckContent {
	return CheckContent{
		Name: ForkCheckName, Status: CheckCompleted, Conclusion: ConclusionActionRequired,
		Title:      "Pull requests from forks do not run yet",
		Summary:    r.execute("fork.tmpl", nil),
		DetailsURL: r.base,
		ExternalID: External{Kind: ExternalFork}.String(),
	}
}
