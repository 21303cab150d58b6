package bot

import (
	"context"
	"strings"
	"sync"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// declines says why a change starts no run of a pipeline; empty if it does.
func (c commit) declines(p *pipeline.Pipeline) (string, error) {
	if c.named != "" {
		if p.Name != c.named {
			return "it was not asked for", nil
		}
		return "", nil
	}
	starts, why, err := definition.Judge(p.Triggers, c.what)
	switch {
	case err != nil || !starts:
		return why, err
	case c.only != nil && !c.only(p):
		return "nothing that it asks for has changed", nil
	case c.message == nil:
		return "", nil
	}
	message, err := c.message()
	if word := definition.SkipWord(message); word != "" {
		return word + " in the commit's message", err
	}
	return "", err
}

// remembered asks once, however often it is called. Nil gives the zero value.
func remembered[T any](ask func() (T, error)) func() (T, error) {
	if ask == nil {
		ask = func() (T, error) { var none T; return none, nil }
	}
	return sync.OnceValues(ask)
}

// pushedFiles lists what a push changes, as far as that can be known.
func (b *Bot) pushedFiles(ctx context.Context, r pipeline.Repository, before, after string) func() ([]string, error) {
	return func() ([]string, error) {
		if strings.Trim(before, "0") == "" { // a new branch: there is nothing to compare it with
			return nil, nil
		}
		files, err := b.Forge.ChangedFiles(ctx, r, before, after)
		if pipeline.KindOf(err) == pipeline.NotFound && err != nil { // what was before is gone
			return nil, nil
		}
		return files, err
	}
}

func (b *Bot) pullFiles(ctx context.Context, r pipeline.Repository, number int) func() ([]string, error) {
	return func() ([]string, error) { return b.Forge.PullFiles(ctx, r, number) }
}

// showNotNeeded gives a pull request's commit the status of a pipeline that does
// not run for it, so that a required one never hangs. Where a run has the status,
// it keeps it.
func (b *Bot) showNotNeeded(ctx context.Context, c commit, name, why string) error {
	if c.lane.Kind != pipeline.LanePull || c.what.PullRequest == pipeline.PullRequestClosed || c.only != nil || c.named != "" {
		return nil
	}
	content := b.texts.NotNeeded(name, why)
	r, sha := c.repository, c.revision.SHA
	key := pipeline.ReportKey{Host: r.Host, RepositoryID: r.ID, Subject: sha, Kind: pipeline.ReportStatus, Name: content.Context}
	rows, err := b.Store.Reports(ctx, r.Host, r.ID, sha)
	if err != nil {
		return err
	}
	hash := report.Hash(content)
	for _, row := range rows {
		if row.Key == key && (row.Execution != "" || row.Hash == hash) {
			return nil
		}
	}
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: r.Host, RepositoryID: r.ID, SHA: sha})
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.Pipeline == name {
			return nil
		}
	}
	err = b.Forge.CreateStatus(ctx, r, sha, githubapp.Status{
		Context: content.Context, State: string(content.State), Description: content.Description, TargetURL: content.TargetURL,
	})
	if err != nil {
		return err
	}
	return b.Store.SaveReport(ctx, pipeline.Report{Key: key, Hash: hash, ExternalID: 1, UpdatedAt: b.Now()})
}
