package report

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/pipeline"
)

// How much of a gate Slack shows; the rest is on the page of the run.
const (
	slackCommits = 5
	slackPaths   = 5
	slackVotes   = 6
	slackPeople  = 5
	slackActions = 6
)

// SlackGate is the message of a gate: what is asked with its buttons while it waits,
// and once it is decided, in short, what came of it. mention are the ids of people in
// Slack who are called while it waits; whatever else stands in it calls nobody.
func (r *Renderer) SlackGate(run Run, gate *pipeline.Approval, mention []string) SlackMessage {
	if gate.Status != pipeline.ApprovalPending {
		return r.slackDecided(run, gate)
	}
	e, v := run.Execution, r.gateView(run, gate, slackCommits)
	c := r.card(run)
	c.most = slackGateSection
	c.header(e.Repository.Name + ": " + slackQuestion(gate))
	c.section(0, slackMentions(mention), r.slackWhere(run))
	c.section(3, slackAsk(v.Gate))
	c.section(4, slackChange(v.Change, slackCommits)...)
	c.section(2, slackRules(v.Gate)...)
	c.section(1, slackNotes(v.Notes)...)
	c.context(6, slackTests(v.Tests)...)
	c.buttons(r.slackButtons(run, gate)...)
	c.context(5, strings.TrimSpace(r.slackStarted(run)+" Asked "+slackMoment(gate.OpenedAt)+", expires "+slackMoment(gate.ExpiresAt)+". "+v.Missed()))
	c.context(7, slackCannot(v.Gate)...)
	return c.message(slackText(e, slackQuestion(gate), slackRunName(e)+" "+e.Revision.ShortSHA()+" "+e.Revision.Message))
}

// slackQuestion is what a gate asks.
func slackQuestion(gate *pipeline.Approval) string {
	if gate.Reopened > 0 {
		return "approve " + gate.Name + " again?"
	}
	return "approve " + gate.Name + "?"
}

// slackText is what a notification says.
func slackText(e *pipeline.Execution, what, more string) string {
	words := what
	if e.Repository.Name != "" {
		words = e.Repository.Name + ": " + what
	}
	if more != "" {
		words += " – " + more
	}
	return slackWords(words, slackMaxText)
}

func slackRunName(e *pipeline.Execution) string { return e.Pipeline + " " + number(e) }

// slackWhere names the repository, the run and the commit, with links.
func (r *Renderer) slackWhere(run Run) string {
	e := run.Execution
	commit := slackCommit(run)
	where := []string{commit[0], slackLink(slackRunName(e), r.RunURL(e.ID))}
	return strings.Join(append(where, commit[1:]...), " · ")
}

// slackCommit names the repository, the branch and the commit.
func slackCommit(run Run) []string {
	e := run.Execution
	parts := []string{slackLink(e.Repository.FullName(), e.Repository.WebURL)}
	if e.Revision.Branch != "" {
		parts = append(parts, slackCode(e.Revision.Branch, slackName))
	}
	words := slackLink(e.Revision.ShortSHA(), commitURL(e))
	if e.Revision.Message != "" {
		words += " " + slackWords(e.Revision.Message, slackTitle)
	}
	if e.Revision.Author != "" {
		words += " by " + slackCode(e.Revision.Author, slackName)
	}
	return append(parts, words)
}

// slackStarted says who or what has started a run, and what it is besides a run.
func (r *Renderer) slackStarted(run Run) string {
	e := run.Execution
	words := "Started by " + slackWords(triggerWords(e.Trigger), slackName)
	if n := e.Trigger.PullRequest; n != 0 && e.Repository.WebURL != "" {
		words += " (" + slackLink("#"+strconv.Itoa(n), e.Repository.WebURL+"/pull/"+strconv.Itoa(n)) + ")"
	}
	if by := e.Trigger.By.Login; by != "" {
		words += " of " + slackCode(by, slackName)
	}
	if e.Rollback != nil {
		words += ". It brings back what #" + strconv.FormatInt(e.Rollback.TargetNumber, 10) + " had"
	}
	if e.Attempt > 1 {
		words += ", attempt " + strconv.Itoa(e.Attempt)
	}
	return words + "."
}

// slackAsk is what the rules ask people to look at. The address stays text: whoever
// writes the rules must not lead people elsewhere.
func slackAsk(g Gate) string {
	words := ""
	if g.Ask != "" {
		words += " " + slackWords(g.Ask, slackWhy)
	}
	if g.See != "" {
		words += " " + slackCode(g.See, slackWhy)
	}
	if words == "" {
		return ""
	}
	return "*What to look at:*" + words
}

// slackButtons are those of a gate that waits.
func (r *Renderer) slackButtons(run Run, gate *pipeline.Approval) []slack.BlockElement {
	value := SlackGateValue(run.Execution.ID, gate.ID)
	list := []slack.BlockElement{
		slack.NewButtonBlockElement(SlackApprove, value, slackPlainText("Approve")).WithStyle(slack.StylePrimary),
		slack.NewButtonBlockElement(SlackReject, value, slackPlainText("Reject")).WithStyle(slack.StyleDanger),
	}
	if address := slackAddress(changeURL(run.Execution, gate)); address != "" {
		list = append(list, slack.NewButtonBlockElement(SlackChange, "", slackPlainText("View change")).WithURL(address))
	}
	return append(list, r.slackRunButton(run)...)
}

func (r *Renderer) slackRunButton(run Run) []slack.BlockElement {
	address := slackAddress(r.RunURL(run.Execution.ID))
	if address == "" {
		return nil
	}
	return []slack.BlockElement{slack.NewButtonBlockElement(SlackRun, "", slackPlainText("View run")).WithURL(address)}
}

// changeURL is where to look at what would go out: all of it, the pull request, or the
// commit.
func changeURL(e *pipeline.Execution, gate *pipeline.Approval) string {
	switch {
	case gate.Brief != nil && gate.Brief.CompareURL != "":
		return gate.Brief.CompareURL
	case e.Trigger.PullRequest != 0 && e.Repository.WebURL != "":
		return e.Repository.WebURL + "/pull/" + strconv.Itoa(e.Trigger.PullRequest)
	}
	return commitURL(e)
}
