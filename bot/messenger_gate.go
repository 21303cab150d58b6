package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// tellFor is how long after something has happened it is still worth a message of its
// own: Slack may have been away.
const tellFor = 24 * time.Hour

func isGateRow(name string) bool { return strings.HasPrefix(name, gateRow("")) }

// gateMessages are the messages of a run's gates, one in each channel, also those that
// were made unknown to us and found by a click.
func (b *Bot) gateMessages(_ context.Context, view report.Run, shown messages) ([]message, error) {
	var list []message
	for _, gate := range view.Execution.AllGates() {
		one := message{
			name: gateRow(gate.ID), content: b.texts.SlackGate(view, gate, nil),
			begin: b.worthTelling(gate), renew: gate.Status == pipeline.ApprovalPending, settled: gate.Status != pipeline.ApprovalPending,
		}
		channels := b.Slack.gateChannels(view.Execution, view.Pipeline, gate)
		for _, channel := range channels {
			one.channel = channel
			list = append(list, one)
		}
		for key, row := range shown.rows {
			channel := strings.TrimPrefix(key.Subject, slackSubject)
			stray := strings.HasPrefix(key.Name, one.name+":") // found by a click
			switch {
			case row.ExternalID == 0, !stray && key.Name != one.name:
				continue // not there, or of another gate
			case !stray && slices.Contains(channels, channel):
				continue // in the list already
			}
			other := one
			other.channel, other.name = channel, key.Name
			if stray { // nobody makes it anew
				other.begin, other.renew = false, false
			}
			list = append(list, other)
		}
	}
	return append(list, b.goneMessages(view, shown)...), nil
}

// goneMessages take the buttons from messages of gates that the run has no more: it was
// tried again before Slack could be told what came of them.
func (b *Bot) goneMessages(view report.Run, shown messages) []message {
	var list []message
	for key, row := range shown.rows {
		id, _, _ := strings.Cut(strings.TrimPrefix(key.Name, gateRow("")), ":")
		if !isGateRow(key.Name) || row.ExternalID == 0 || strings.HasPrefix(row.Hash, settled) || gateOf(view.Execution, id) != nil {
			continue
		}
		channel := strings.TrimPrefix(key.Subject, slackSubject)
		list = append(list, message{name: key.Name, channel: channel, content: b.texts.SlackGateGone(view), settled: true})
	}
	return list
}

// worthTelling reports whether a gate gets a message if it has none.
func (b *Bot) worthTelling(gate *pipeline.Approval) bool {
	return gate.Status == pipeline.ApprovalPending || gate.Status != pipeline.ApprovalCancelled && b.Now().Sub(gate.DecidedAt) < tellFor
}

// adopt takes a message of a gate for ours in which somebody has clicked: Slack may
// have made it without our hearing of it, or twice.
func (b *Bot) adopt(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval, channel string, ts int64) error {
	if channel == "" || ts == 0 {
		return nil
	}
	shown, err := b.messagesOf(ctx, run)
	if err != nil {
		return err
	}
	for key, row := range shown.rows {
		if key.Subject == slackSubject+channel && isGateRow(key.Name) && row.ExternalID == ts {
			return nil
		}
	}
	err = b.Store.SaveReport(ctx, pipeline.Report{
		Key: shown.key(channel, gateRow(gate.ID)+":"+strconv.FormatInt(ts, 10)), Execution: run.ID, Lane: run.Lane, Position: run.Position,
		Number: run.Number, ExternalID: ts, ShownAt: b.Now(), UpdatedAt: b.Now(),
	})
	if err == nil {
		b.retell.add(run.Repository.ID, run.ID)
	}
	return err
}
