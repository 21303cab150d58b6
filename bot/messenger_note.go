package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// noteMessages are what is said once: of gates in their threads, and of the run in the
// channels that want to hear of it.
func (b *Bot) noteMessages(ctx context.Context, view report.Run, shown messages) ([]message, error) {
	run := view.Execution
	var list []message
	for _, gate := range run.AllGates() {
		notes, err := b.gateNotes(ctx, view, shown, gate)
		if err != nil {
			return nil, err
		}
		list = append(list, notes...)
	}
	if b.Now().Sub(run.CreatedAt) < tellFor && !run.Status.Ended() {
		for _, channel := range b.Slack.eventChannels(run, view.Pipeline, SlackStarted) {
			list = append(list, note(channel, "note:started:"+run.ID, b.texts.SlackNote(view, report.SlackStarted, nil)))
		}
	}
	if !run.Status.Ended() || b.Now().Sub(run.EndedAt) > tellFor {
		return list, nil
	}
	occasion, event := occasionOf(run)
	name := fmt.Sprintf("note:%s:%s:%d", occasion, run.ID, run.EndedAt.UnixMicro()) // a retried run ends again
	asked := b.Slack.eventChannels(run, view.Pipeline, event)
	channels := slices.Concat(shown.threads(), asked)
	slices.Sort(channels)
	channels = shown.without(name, slices.Compact(channels))
	if len(channels) == 0 { // the log is not read for nothing
		return list, nil
	}
	var tail []pipeline.LogLine
	if stage := run.Current(); occasion == report.SlackFailed && stage != nil {
		var err error
		if tail, err = b.failingLog(ctx, run, stage); err != nil {
			return nil, err
		}
	}
	content := b.texts.SlackNote(view, occasion, tail)
	for _, channel := range channels {
		one := note(channel, name, content)
		one.loud = event == SlackFailed && slices.Contains(asked, channel) // a failure is not to be overlooked
		list = append(list, one)
	}
	return list, nil
}

func note(channel, name string, content report.SlackMessage) message {
	return message{channel: channel, name: name, content: content, thread: true, begin: true, once: true}
}

// occasionOf is what the end of a run is called, and of which events it is one.
func occasionOf(run *pipeline.Execution) (report.SlackOccasion, string) {
	switch {
	case run.Status == pipeline.ExecutionSucceeded:
		return report.SlackSucceeded, SlackSucceeded
	case run.Status == pipeline.ExecutionSuperseded:
		return report.SlackSuperseded, SlackSuperseded
	case run.Status == pipeline.ExecutionFailed && run.FailureType == pipeline.Rejected:
		return report.SlackRejected, SlackRejected
	case run.Status == pipeline.ExecutionFailed && run.FailureType == pipeline.Expired:
		return report.SlackExpired, SlackFailed
	case run.Status == pipeline.ExecutionFailed:
		return report.SlackFailed, SlackFailed
	}
	return report.SlackStopped, "stopped" // which no channel asks for
}

// threads are the channels that have a gate of the run.
func (s messages) threads() []string {
	var channels []string
	for key, row := range s.rows {
		if isGateRow(key.Name) && row.ExternalID != 0 {
			channels = append(channels, strings.TrimPrefix(key.Subject, slackSubject))
		}
	}
	return channels
}

// gateNotes are what is said in the threads of a gate: who decided, or a call to those
// whose vote it still waits for.
func (b *Bot) gateNotes(ctx context.Context, view report.Run, shown messages, gate *pipeline.Approval) ([]message, error) {
	pending, escalated := gate.Status == pipeline.ApprovalPending, !gate.EscalatedAt.IsZero()
	name := ""
	switch {
	case !pending && b.Now().Sub(gate.DecidedAt) < tellFor:
		name = "decision:" + strconv.Itoa(gate.Reopened)
	case pending && escalated:
		name = "escalated"
	case pending && !gate.RemindedAt.IsZero():
		name = "reminder"
	default:
		return nil, nil
	}
	name += ":" + gate.ID
	var channels []string
	for key, row := range shown.rows {
		asked := gate.DecidedAt.IsZero() || row.ShownAt.Before(gate.DecidedAt) // else its message said it first
		if key.Name == gateRow(gate.ID) && row.ExternalID != 0 && asked {
			channels = append(channels, strings.TrimPrefix(key.Subject, slackSubject))
		}
	}
	slices.Sort(channels)
	channels = shown.without(name, channels)
	if len(channels) == 0 { // nobody is looked up for nothing
		return nil, nil
	}
	var content report.SlackMessage
	if pending {
		mention, err := b.slackCalled(ctx, view.Execution, gate)
		if err != nil {
			return nil, err
		}
		content = b.texts.SlackReminder(view, gate, mention, escalated)
	} else {
		content = b.texts.SlackDecision(view, gate)
	}
	var list []message
	for _, channel := range channels {
		one := note(channel, name, content)
		one.gate = gateRow(gate.ID)
		list = append(list, one)
	}
	return list, nil
}

// without leaves out the channels in which something stands already.
func (s messages) without(name string, channels []string) []string {
	return slices.DeleteFunc(channels, func(channel string) bool {
		_, said := s.rows[s.key(channel, name)]
		return said
	})
}
