package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// message is one message that a channel should show.
type message struct {
	channel string
	name    string // in the rows
	content report.SlackMessage
	thread  bool   // belongs under a gate of the run in that channel, if there is one
	gate    string // whose thread that is, in the rows; empty: the newest one's
	loud    bool   // is shown in the channel, too
	begin   bool   // may be made; otherwise it is only brought up to date
	renew   bool   // may be made again after somebody has deleted it
	once    bool   // is never changed
	settled bool   // asks nobody any more
}

// messages are what Slack shows of a run.
type messages struct {
	run  *pipeline.Execution
	rows map[pipeline.ReportKey]pipeline.Report
}

func (b *Bot) messagesOf(ctx context.Context, run *pipeline.Execution) (messages, error) {
	rows, err := b.Store.ReportsOf(ctx, run.Repository.ID, run.ID)
	shown := messages{run, map[pipeline.ReportKey]pipeline.Report{}}
	for _, row := range rows {
		if row.Key.Kind == pipeline.ReportMessage {
			shown.rows[row.Key] = row
		}
	}
	return shown, err
}

func (s messages) key(channel, name string) pipeline.ReportKey {
	r := s.run.Repository
	return pipeline.ReportKey{Host: r.Host, RepositoryID: r.ID, Subject: slackSubject + channel, Kind: pipeline.ReportMessage, Name: name}
}

// slackSubject is what the subjects of messages begin with.
const slackSubject = "slack/"

// show says what differs from what Slack shows of a run, gates first, and returns by
// channel how long until what is left can be said.
func (m *Messenger) show(ctx context.Context, run *pipeline.Execution) (held map[string]time.Duration, err error) {
	shown, err := m.bot.messagesOf(ctx, run)
	if err != nil {
		return nil, err
	}
	view, err := m.bot.slackView(ctx, run)
	if err != nil {
		return nil, err
	}
	held = map[string]time.Duration{}
	unmade := map[string]bool{} // channels that lack a message which others may stand under
	for _, wanted := range []func(context.Context, report.Run, messages) ([]message, error){
		m.bot.gateMessages, m.bot.directMessages, m.bot.noteMessages, // each knows what those before have said
	} {
		list, err := wanted(ctx, view, shown)
		after, _ := calls.RetryAfter(err)
		all := true // of the list has been said so far
		switch {
		case calls.Limited(err): // what is in the list can be said all the same
			held[""], all = after, false
		case err != nil:
			return nil, err
		}
		for _, one := range list {
			if one.channel == "" && !all {
				continue // a mark is for all that stands before it
			}
			if unmade[one.channel] {
				all = false // it is not its turn
				continue
			}
			wait, err := m.say(ctx, shown, one)
			if err != nil {
				return nil, err
			}
			if wait > 0 {
				held[one.channel], all = wait, false
				unmade[one.channel] = shown.rows[shown.key(one.channel, one.name)].ExternalID == 0
			}
		}
	}
	return held, nil
}

// say makes a channel show one message, and returns how long it has to wait if it
// cannot go yet.
func (m *Messenger) say(ctx context.Context, shown messages, one message) (time.Duration, error) {
	key := shown.key(one.channel, one.name)
	row, exists := shown.rows[key]
	hash := report.Hash(one.content)
	if one.settled {
		hash = settled + hash
	}
	switch {
	case exists && (one.once || row.Hash == hash):
		return 0, nil
	case row.ExternalID == 0 && (!one.begin || exists && !one.renew):
		return 0, nil
	}
	if one.channel == "" { // a mark: all before it has been said
		row.Key, row.Execution, row.UpdatedAt = key, shown.run.ID, m.bot.Now()
		return 0, m.bot.Store.SaveReport(ctx, row)
	}
	app := m.bot.Slack.App
	content := slackapp.Message{Channel: one.channel, Text: one.content.Text, Blocks: one.content.Blocks}
	var err error
	if row.ExternalID != 0 {
		if err = app.Update(ctx, one.channel, row.ExternalID, content); slices.Contains(lostMessages(), slackapp.Code(err)) {
			row.ExternalID, err = 0, nil
		}
	}
	if row.ExternalID == 0 && err == nil && (!exists || one.renew) {
		if one.thread {
			content.Thread = shown.parent(one.channel, one.gate)
			content.Broadcast = one.loud && content.Thread != 0
		}
		var posted slackapp.Posted
		if posted, err = app.Post(ctx, content); err == nil {
			row.ExternalID, row.ShownAt = posted.TS, m.bot.Now()
		}
	}
	switch {
	case calls.Limited(err):
		after, _ := calls.RetryAfter(err)
		return after, nil
	case err != nil && (pipeline.KindOf(err) == pipeline.Unavailable || errors.Is(err, slackapp.ErrAccess)):
		return 0, slackFailed{err}
	case err != nil: // asking again would not change Slack's mind, until somebody has changed something
		if row.ExternalID == 0 {
			hash = "" // what is not there is tried once more when the run changes, and at the next start
		}
		m.bot.Logger.Error("Slack refuses a message", "execution", shown.run.ID, "channel", one.channel, "name", one.name, "error", err)
	}
	row.Key, row.Execution, row.Lane, row.Position, row.Number = key, shown.run.ID, shown.run.Lane, shown.run.Position, shown.run.Number
	row.Hash, row.UpdatedAt = hash, m.bot.Now()
	shown.rows[key] = row
	return 0, m.bot.Store.SaveReport(ctx, row)
}

// settled is what the hash of a message that asks nobody begins with.
const settled = "settled "

// lostMessages are Slack's words for a message that is not there any more, and for one that
// is another app's: ours had other tokens when it was made.
func lostMessages() []string { return []string{"message_not_found", "cant_update_message"} }

// parent is the message of a gate of the run in a channel, of the newest one if none is
// named; 0 if there is none.
func (s messages) parent(channel, gate string) int64 {
	newest := int64(0)
	for key, row := range s.rows {
		if key.Subject == slackSubject+channel && isGateRow(key.Name) && (gate == "" || key.Name == gate) {
			newest = max(newest, row.ExternalID)
		}
	}
	return newest
}
