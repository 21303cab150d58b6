package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// item is one thing that a run should show.
type item struct {
	key       pipeline.ReportKey
	execution string
	hash      string // of all of it
	state     string // while it stays the same, the rest is progress
	urgent    bool   // an end or a gate
	send      func(ctx context.Context, row pipeline.Report, mine, unsure bool) (made, error)
	// anew is set for what runs show together, and makes it again as it is by now: one
	// hand at a time does so.
	anew func(ctx context.Context) (*item, error)
}

// shared reports whether the row belongs to several runs at once.
func (i item) shared() bool { return i.anew != nil }

// made is what the forge made: its id and its time.
type made struct {
	id int64
	at time.Time
}

// logTail is how many lines of a failing log go into its check.
const logTail = 100

// wanted lists what a run should show now, the most urgent first. again is when
// to look anew although the run has not changed; zero means never.
func (b *Bot) wanted(ctx context.Context, run *pipeline.Execution) (items []item, again time.Time, err error) {
	definition, err := b.Store.Definition(ctx, run.Repository.ID, run.Definition)
	if err != nil && pipeline.KindOf(err) != pipeline.NotFound {
		return nil, again, err
	}
	view := report.Run{Execution: run, Pipeline: definition, Paused: b.Paused()}
	items = append(items, b.statusItem(view))
	for _, gate := range run.AllGates() {
		items = append(items, b.checkItem(view, b.texts.GateCheck(view, gate)))
	}
	for i := range run.Stages {
		stage := &run.Stages[i]
		if stage.Status == "" {
			continue
		}
		tail, err := b.failingLog(ctx, run, stage)
		if err != nil {
			return nil, again, err
		}
		items = append(items, b.checkItem(view, b.texts.StageCheck(view, stage.Name, tail)))
	}
	comments, again, err := b.gateComments(ctx, view)
	if err != nil {
		return nil, again, err
	}
	items = append(append(items, comments...), b.deployments(view)...)
	sticky, err := b.sticky(ctx, run)
	if sticky != nil {
		items = append(items, *sticky)
	}
	return items, again, err
}

func (b *Bot) statusItem(view report.Run) item {
	run, content := view.Execution, b.texts.Status(view)
	asked := run.Stop != nil && !run.Stop.Abandon // somebody waits to see it; it may take long
	return item{
		key: b.reportKey(run, run.Revision.SHA, pipeline.ReportStatus, content.Context), execution: run.ID,
		hash: report.Hash(content), state: fmt.Sprint(content.State, len(run.Gates()), asked, view.Paused),
		urgent: run.Status.Ended() || len(run.Gates()) > 0 || asked,
		send: func(ctx context.Context, _ pipeline.Report, _, _ bool) (made, error) {
			return made{id: 1}, b.Forge.CreateStatus(ctx, run.Repository, run.Revision.SHA, githubapp.Status{
				Context: content.Context, State: string(content.State), Description: content.Description, TargetURL: content.TargetURL,
			})
		},
	}
}

func (b *Bot) checkItem(view report.Run, content report.CheckContent) item {
	run := view.Execution
	return item{
		key: b.reportKey(run, run.Revision.SHA, pipeline.ReportCheck, content.Name), execution: run.ID,
		hash: report.Hash(content), state: fmt.Sprint(content.Status, content.Conclusion, content.ExternalID, view.Paused),
		urgent: content.Conclusion != "",
		send: func(ctx context.Context, row pipeline.Report, mine, unsure bool) (made, error) {
			return b.showCheck(ctx, run.Repository, run.Revision.SHA, content, row, mine, unsure)
		},
	}
}

func (b *Bot) reportKey(run *pipeline.Execution, subject string, kind pipeline.ReportKind, name string) pipeline.ReportKey {
	return pipeline.ReportKey{Host: run.Repository.Host, RepositoryID: run.Repository.ID, Subject: subject, Kind: kind, Name: name}
}

// showCheck creates or changes a check run.
func (b *Bot) showCheck(ctx context.Context, r pipeline.Repository, sha string, content report.CheckContent, row pipeline.Report, mine, unsure bool) (made, error) {
	check := githubCheck(content)
	id := row.ExternalID
	if !mine {
		id = 0
	}
	if unsure {
		found, ok, err := b.Forge.FindCheck(ctx, r, sha, check.Name, check.ExternalID)
		if err != nil {
			return made{}, err
		}
		// One that is older than what another run shows by now would not be seen.
		if ok && found.ID >= row.ExternalID {
			id = found.ID
		}
	}
	if id == 0 {
		id, err := b.Forge.CreateCheck(ctx, r, sha, check)
		return made{id: id}, err
	}
	return made{id: id}, b.Forge.UpdateCheck(ctx, r, id, check)
}

func githubCheck(c report.CheckContent) githubapp.Check {
	check := githubapp.Check{
		Name: c.Name, ExternalID: c.ExternalID, DetailsURL: c.DetailsURL, Status: string(c.Status), Conclusion: string(c.Conclusion),
		StartedAt: c.StartedAt, EndedAt: c.CompletedAt, Title: c.Title, Summary: c.Summary, Text: c.Text,
	}
	for _, a := range c.Annotations {
		check.Annotations = append(check.Annotations, githubapp.Annotation(a))
	}
	for _, a := range c.Actions {
		check.Actions = append(check.Actions, githubapp.CheckAction(a))
	}
	return check
}

// failingLog returns the end of the log of the first action of a stage that
// failed.
func (b *Bot) failingLog(ctx context.Context, run *pipeline.Execution, stage *pipeline.StageExecution) ([]pipeline.LogLine, error) {
	for i := range stage.Actions {
		a := stage.Latest(stage.Actions[i].Name)
		if a.Status == pipeline.ActionFailed && a.Approval == nil {
			lines, err := b.Logs.Tail(ctx, run.Repository.ID, a.ID, logTail)
			if pipeline.KindOf(err) == pipeline.NotFound { // no longer kept
				return nil, nil
			}
			return lines, err
		}
	}
	return nil, nil
}

// announceTries is how long after its opening the pull request of a gate is
// looked for: a forge may know of a merge a little later than of its push.
const (
	announceFor   = 3 * time.Minute
	announceEvery = 5 * time.Second
)

// gateComments announces the gates of a run in its pull request.
func (b *Bot) gateComments(ctx context.Context, view report.Run) (items []item, again time.Time, err error) {
	run := view.Execution
	gates := run.AllGates()
	if len(gates) == 0 {
		return nil, again, nil
	}
	brought := b.broughtBy(ctx, run)
	for _, gate := range gates {
		number, err := b.threadIn(ctx, run, gate, brought)
		if err != nil {
			return nil, again, err
		}
		if number == 0 {
			if gate.Status == pipeline.ApprovalPending && b.Now().Sub(gate.OpenedAt) < announceFor {
				again = b.Now().Add(announceEvery)
			}
			continue
		}
		items = append(items, b.commentItem(run, number, gateRow(gate.ID), report.GateMarker(gate.ID),
			b.texts.GateComment(view, gate)))
		if gate.Status != pipeline.ApprovalPending || gate.RemindedAt.IsZero() && gate.EscalatedAt.IsZero() {
			continue
		}
		rows, err := b.Store.Reports(ctx, run.Repository.Host, run.Repository.ID, pullSubject(number))
		if err != nil {
			return nil, again, err
		}
		called, err := b.reminders(ctx, view, gate, number, rows)
		if err != nil {
			return nil, again, err
		}
		items = append(items, called...)
	}
	return items, again, nil
}

func (b *Bot) commentItem(run *pipeline.Execution, number int, name, marker, body string) item {
	return item{
		key: b.reportKey(run, pullSubject(number), pipeline.ReportComment, name), execution: run.ID,
		hash: report.Hash(body), state: report.Hash(body), urgent: true,
		send: func(ctx context.Context, row pipeline.Report, mine, unsure bool) (made, error) {
			if mine {
				c, err := b.Forge.EditComment(ctx, run.Repository, row.ExternalID, body)
				if pipeline.KindOf(err) != pipeline.NotFound {
					return made{c.ID, c.CreatedAt}, err
				} // somebody deleted it: say it anew
			}
			if unsure {
				found, ok, err := b.Forge.FindComment(ctx, run.Repository, number, marker)
				if err != nil {
					return made{}, err
				}
				if ok {
					_, err := b.Forge.EditComment(ctx, run.Repository, found.ID, body)
					return made{found.ID, found.CreatedAt}, err
				}
			}
			c, err := b.Forge.CreateComment(ctx, run.Repository, number, body)
			return made{c.ID, c.CreatedAt}, err
		},
	}
}

// threadOf returns the number of the pull request in which a gate is announced:
// that of the run's lane, or the merged one that brought its commit to the
// branch. 0 means that there is none.
func (b *Bot) threadOf(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval) (int, error) {
	return b.threadIn(ctx, run, gate, b.broughtBy(ctx, run))
}

// threadIn is threadOf, for several gates of a run that are asked about together.
func (b *Bot) threadIn(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval, brought func() (int, error)) (int, error) {
	if n := run.Lane.PullNumber(); n != 0 {
		return n, nil
	}
	rows, err := b.Store.ReportsOf(ctx, run.Repository.ID, run.ID)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		var number int
		if row.Key.Name == gateRow(gate.ID) {
			if _, err := fmt.Sscanf(row.Key.Subject, "pull/%d", &number); err == nil {
				return number, nil
			}
		}
	}
	if gate.Status != pipeline.ApprovalPending {
		return 0, nil // decided without an announcement: nothing to fold
	}
	return brought()
}

// broughtBy asks once for the newest pull request that brought a run's commit to its
// branch; 0: there is none.
func (b *Bot) broughtBy(ctx context.Context, run *pipeline.Execution) func() (int, error) {
	return remembered(func() (int, error) {
		pulls, err := b.Forge.PullsOfCommit(ctx, run.Repository, run.Revision.SHA)
		if err != nil {
			return 0, err
		}
		newest := 0
		for _, p := range pulls {
			if p.BaseRef == run.Lane.Name && p.Number > newest {
				newest = p.Number
			}
		}
		return newest, nil
	})
}

// announceAgain makes the reporter look anew at the gates of a commit that a
// merge has just brought to its branch.
func (b *Bot) announceAgain(ctx context.Context, r pipeline.Repository, sha string) error {
	if sha == "" {
		return nil
	}
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: r.Host, RepositoryID: r.ID, SHA: sha, OpenGates: true})
	if err != nil {
		return err
	}
	for _, run := range runs {
		b.again.add(run.Repository.ID, run.ID)
	}
	return nil
}

// showFileCheck shows the mistakes of a pipeline file on its very lines. A file
// without mistakes needs no check, unless an earlier reading of this commit left
// one behind.
func (b *Bot) showFileCheck(ctx context.Context, c commit, path string, problems definition.Problems) error {
	var list []report.Problem
	for _, p := range problems {
		if p.Severity == definition.SeverityNote {
			continue // no part of what is wrong
		}
		list = append(list, report.Problem{
			File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Hint: p.Hint,
			Warning: p.Severity == definition.SeverityWarning,
		})
	}
	if !problems.HasErrors() {
		return nil
	}
	return b.showOnce(ctx, c.repository, c.revision.SHA, b.texts.FileCheck(path, list))
}

// showForkCheck says that a pull request from a fork does not run yet, and how it
// can.
func (b *Bot) showForkCheck(ctx context.Context, e githubapp.PullRequestEvent) error {
	return b.showOnce(ctx, e.Repository, e.PullRequest.HeadSHA, b.texts.ForkCheck(e.PullRequest.HeadSHA, b.Unsandboxed))
}

// showForkAllowed says that somebody has let a fork's commit run.
func (b *Bot) showForkAllowed(ctx context.Context, r pipeline.Repository, p githubapp.PullRequest, by pipeline.Actor) error {
	return b.showOnce(ctx, r, p.HeadSHA, b.texts.ForkAllowed(p.HeadSHA, by.Login))
}

// showOnce makes a commit show a check that belongs to no run.
func (b *Bot) showOnce(ctx context.Context, r pipeline.Repository, sha string, content report.CheckContent) error {
	key := pipeline.ReportKey{Host: r.Host, RepositoryID: r.ID, Subject: sha, Kind: pipeline.ReportCheck, Name: content.Name}
	rows, err := b.Store.Reports(ctx, r.Host, r.ID, sha)
	if err != nil {
		return err
	}
	var row pipeline.Report
	for _, have := range rows {
		if have.Key == key {
			row = have
		}
	}
	hash := report.Hash(content)
	if row.Hash == hash {
		return nil
	}
	made, err := b.showCheck(ctx, r, sha, content, row, row.ExternalID != 0, row.ExternalID == 0)
	if err != nil {
		return err
	}
	return b.Store.SaveReport(ctx, pipeline.Report{Key: key, Hash: hash, ExternalID: made.id, UpdatedAt: b.Now()})
}

// sayOnce writes a comment that nothing will change, once for its name. Number 0
// means that there is nobody to say it to.
func (b *Bot) sayOnce(ctx context.Context, run *pipeline.Execution, number int, name, text string) error {
	if number == 0 {
		return nil
	}
	item := b.commentItem(run, number, name, fmt.Sprintf("<!-- penstock:%s -->", name), fmt.Sprintf("<!-- penstock:%s -->\n%s", name, text))
	rows, err := b.Store.Reports(ctx, run.Repository.Host, run.Repository.ID, item.key.Subject)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Key == item.key {
			return nil
		}
	}
	said, err := item.send(ctx, pipeline.Report{}, false, false)
	if err != nil {
		return err
	}
	return b.Store.SaveReport(ctx, pipeline.Report{
		Key: item.key, Execution: run.ID, Lane: run.Lane, Position: run.Position, Number: run.Number,
		Hash: item.hash, ExternalID: said.id, ShownAt: said.at, UpdatedAt: b.Now(),
	})
}
