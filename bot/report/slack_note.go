package report

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// SlackOccasion is something that happens to a run and is told to a channel.
type SlackOccasion string

const (
	SlackStarted    SlackOccasion = "started"
	SlackSucceeded  SlackOccasion = "succeeded"
	SlackFailed     SlackOccasion = "failed"
	SlackRejected   SlackOccasion = "rejected"
	SlackSuperseded SlackOccasion = "superseded"
	SlackStopped    SlackOccasion = "stopped" // by somebody, or cancelled with its pull request
	SlackExpired    SlackOccasion = "expired"
)

// sign is the sign in front of an occasion.
func (o SlackOccasion) sign() string {
	switch o {
	case SlackStarted:
		return "▶️"
	case SlackSucceeded:
		return "✅"
	case SlackFailed, SlackRejected:
		return "❌"
	case SlackExpired:
		return "⌛"
	case SlackSuperseded:
		return "⏭️"
	}
	return "⏹️"
}

// How much of a log Slack shows: the last lines of it.
const (
	slackLogLines = 8
	slackLogLine  = 160
)

// SlackNote says what has happened to a run. tail are the last lines of the log of
// the action that failed, and are shown with SlackFailed only.
func (r *Renderer) SlackNote(run Run, occasion SlackOccasion, tail []pipeline.LogLine) SlackMessage {
	e := run.Execution
	_, words := summarize(run)
	switch {
	case occasion == SlackStarted:
		words = "has started"
	case e.Status == pipeline.ExecutionInProgress: // it has gone on since, with a retry
		words = string(occasion)
	}
	words = rollbackWords(e) + words
	c := r.card(run)
	c.section(0, occasion.sign()+" *"+slackLink(strings.TrimPrefix(e.Repository.Name+": ", ": ")+slackRunName(e), r.RunURL(e.ID))+"* "+slackWords(words, slackWhy))
	if occasion == SlackFailed {
		c.section(2, r.slackLog(e, tail))
	}
	c.context(1, strings.Join(slackCommit(run), " · "), r.slackStarted(run))
	return c.message(slackText(e, slackRunName(e)+" "+words, ""))
}

// slackLog is the end of the log of the action at which a run has failed, with a link
// to the whole; empty if it was no action.
func (r *Renderer) slackLog(e *pipeline.Execution, tail []pipeline.LogLine) string {
	s := e.Current()
	if s == nil {
		return ""
	}
	a := failed(s)
	if a == nil || a.Approval != nil {
		return ""
	}
	whole := slackLink("Whole log", r.LogURL(e.ID, a.ID)) + " of " + slackCode(s.Name+"/"+a.Name, slackName)
	var lines []string
	for _, l := range tail[max(0, len(tail)-slackLogLines):] {
		shown := strings.ReplaceAll(cutBytes(strings.TrimRight(logLine(l), " \t"), 8*slackLogLine), "`", "'")
		if shown != "" {
			lines = append(lines, slackFit(shown, slackLogLine, slackEscape))
		}
	}
	if len(lines) == 0 {
		return whole
	}
	return "```" + strings.Join(lines, "\n") + "```\n" + whole
}
