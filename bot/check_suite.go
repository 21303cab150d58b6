package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// checkSuite is "Re-run all checks" on a commit.
func (b *Bot) checkSuite(ctx context.Context, e githubapp.CheckSuiteEvent) (outcome, error) {
	us, err := b.Forge.App(ctx)
	switch {
	case err != nil:
		return outcome{}, err
	case e.AppID != us.ID:
		return ignored("the check suite is another app's"), nil
	case e.Sender.Bot:
		return ignored("bots give no commands"), nil
	case e.Action != "rerequested":
		return ignored("nothing follows from a check suite that is %s", e.Action), nil
	}
	return b.rerunCommit(ctx, e.Repository, e.HeadSHA, e.Sender, fmt.Sprintf("suite %d", e.ID))
}

// rerunCommit retries what failed of the newest run of each lane and pipeline of
// a commit, and starts anew what cannot be retried.
func (b *Bot) rerunCommit(ctx context.Context, r pipeline.Repository, sha string, by githubapp.Account, key string) (outcome, error) {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: r.Host, RepositoryID: r.ID, SHA: sha})
	if err != nil {
		return outcome{}, err
	}
	seen := map[pipeline.StateKey]bool{}
	var notes []string
	for _, run := range runs {
		if seen[run.Key()] {
			continue
		}
		seen[run.Key()] = true
		result, err := b.rerun(ctx, r, by, run.ID, "", key)
		if err != nil {
			return outcome{}, err
		}
		notes = append(notes, result.note)
	}
	if len(notes) == 0 {
		return done("no run has this commit"), nil
	}
	return done("%s", strings.Join(notes, "; ")), nil
}
