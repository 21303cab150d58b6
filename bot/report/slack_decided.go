package report

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// slackDecided is a gate's message when nothing is asked any more.
func (r *Renderer) slackDecided(run Run, gate *pipeline.Approval) SlackMessage {
	c := r.card(run)
	c.section(0, slackOutcome(run, gate)...)
	c.context(1, r.slackWhere(run), slackApprovals(r.Gate(run, gate)))
	c.buttons(r.slackRunButton(run)...)
	return c.message(slackOutcomeText(run, gate))
}

// SlackDecision is the line in the thread of a gate's message that says who decided
// it, how and why. Of a gate that still waits it says what it needs.
func (r *Renderer) SlackDecision(run Run, gate *pipeline.Approval) SlackMessage {
	c := r.card(run)
	c.section(0, slackOutcome(run, gate)...)
	return c.message(slackOutcomeText(run, gate))
}

// slackApprovals lists who has approved and where, if it took more than one.
func slackApprovals(g Gate) string {
	var all []string
	for _, v := range g.Votes {
		if v.Verdict == "approved" && v.Not == "" {
			all = append(all, strings.TrimSpace(slackCode(v.Login, slackName)+" "+v.Where))
		}
	}
	if len(all) < 2 || g.Status != pipeline.ApprovalApproved {
		return ""
	}
	shown := all[:min(len(all), slackVotes)]
	return "Approved by " + strings.Join(shown, ", ") + slackMore(len(all)-len(shown)+g.MoreVotes)
}

// slackOutcome says what came of a gate, by whom, through which door and why.
func slackOutcome(run Run, gate *pipeline.Approval) []string {
	who, why := slackBy(run, gate)
	words := slackSign(gate) + " *" + slackWords(run.Execution.Repository.Name+": "+gate.Name, 2*slackName) + " " + slackVerb(gate) + "*" + who
	if !gate.DecidedAt.IsZero() {
		words += " · " + slackMoment(gate.DecidedAt)
	}
	lines := []string{words}
	switch {
	case why == "":
	case decidedBy(gate) != pipeline.Actor{}:
		lines = append(lines, "Reason: "+slackWords(why, slackMaxReason))
	default: // words of ours
		lines = append(lines, slackWords(capital(why), slackMaxReason))
	}
	return lines
}

func slackOutcomeText(run Run, gate *pipeline.Approval) string {
	_, why := slackBy(run, gate)
	words := gate.Name + " " + slackVerb(gate)
	if by := decidedBy(gate); by.Login != "" {
		words += " by " + by.Login
	}
	return slackText(run.Execution, because(words, why), "")
}

// slackVerb is how a gate stands, in a word or two.
func slackVerb(gate *pipeline.Approval) string {
	switch {
	case gate.Overridden != nil && gate.Status == pipeline.ApprovalApproved:
		return "opened against its rules"
	case gate.Status == pipeline.ApprovalPending:
		return "waits for approval"
	}
	return gateWords(gate)
}

// decidedBy is who had the last word on a gate; nobody if it ran out.
func decidedBy(gate *pipeline.Approval) pipeline.Actor {
	switch {
	case gate.Overridden != nil && gate.Status == pipeline.ApprovalApproved:
		return gate.Overridden.By
	case gate.Status == pipeline.ApprovalApproved, gate.Status == pipeline.ApprovalRejected:
		return decider(gate).Facts.Voter
	}
	return pipeline.Actor{}
}

// slackBy says who decided a gate and where, as mrkdwn, and why, as somebody wrote it.
func slackBy(run Run, gate *pipeline.Approval) (who, why string) {
	if by := decidedBy(gate); by.Login != "" {
		who = " by " + slackCode(by.Login, slackName)
	}
	switch {
	case gate.Overridden != nil && gate.Status == pipeline.ApprovalApproved:
		return who, gate.Overridden.Reason
	case gate.Status == pipeline.ApprovalApproved, gate.Status == pipeline.ApprovalRejected:
		vote := decider(gate)
		if where := door(vote.Door); where != "" {
			who += " " + where
		}
		return who, vote.Reason
	case gate.Status == pipeline.ApprovalExpired:
		return who, "nobody decided within " + took(gate.Policy.Timeout)
	case gate.Status == pipeline.ApprovalCancelled:
		if _, words := summarize(run); run.Execution.Status != pipeline.ExecutionInProgress {
			return who, "the run is " + words
		}
	}
	return who, ""
}

// SlackGateGone is the message of a gate that the run has no more, since it was tried
// again: what came of the gate is in the run's history.
func (r *Renderer) SlackGateGone(run Run) SlackMessage {
	c := r.card(run)
	c.section(0, "Nothing is asked here any more: "+slackLink(slackRunName(run.Execution), r.RunURL(run.Execution.ID))+" was tried again.")
	return c.message(slackText(run.Execution, "nothing is asked here any more", slackRunName(run.Execution)))
}
