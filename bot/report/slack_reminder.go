package report

import "github.com/penstock-cd/penstock/pipeline"

// SlackReminder tells people once more that a gate waits. mention are their ids in
// Slack; nobody else is called. escalated means that more people's votes count from
// now on, because it has waited for too long.
func (r *Renderer) SlackReminder(run Run, gate *pipeline.Approval, mention []string, escalated bool) SlackMessage {
	e, v := run.Execution, r.gateView(run, gate, 0)
	words := "⏰ *" + slackWords(e.Repository.Name+": "+gate.Name, 2*slackName) + "* still waits for approval"
	text := gate.Name + " still waits for approval"
	if people := slackMentions(mention); people != "" {
		words = people + " " + words
	}
	words += " of " + slackLink(slackRunName(e), r.RunURL(e.ID)) + ", commit " + slackLink(e.Revision.ShortSHA(), commitURL(e)) +
		", since " + slackMoment(gate.OpenedAt) + ". It expires " + slackMoment(gate.ExpiresAt) + "."
	if missed := v.Missed(); missed != "" {
		words += " " + missed
	}
	lines := []string{words}
	if escalate := gate.Policy.Escalate; escalated && escalate != nil {
		who := pipeline.SelectorsInWords(escalate.To)
		text += ", and votes of " + who + " count too now"
		lines = append(lines, "From now on votes of "+slackWords(who, slackWhy)+" count too, because it has waited for "+took(gate.EscalatedAt.Sub(gate.OpenedAt))+".")
	}
	c := r.card(run)
	c.section(0, lines...)
	return c.message(slackText(e, text, slackRunName(e)))
}
