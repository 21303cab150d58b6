package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// change is what a gate is about: everything between the last success of its stage
// and its commit.
type change struct {
	base       string // empty: the stage has never succeeded
	baseNumber int64
	commits    []githubapp.ComparedCommit // newest first
	more       int                        // commits that are not listed
	unasked    int                        // commits whose pull requests are not asked for
	url        string
	files      []string                // nil: not known
	pulls      []githubapp.PullRequest // that brought the newest commits, newest first
	labels     []string                // of the pull requests; nil: not known
	branch     string                  // that a pull request is bound for, or that was pushed
	runs       []*pipeline.Execution   // of the lane since the base, and of the pull requests
}

// maxAskedPulls is of how many commits the pull requests are asked for.
const maxAskedPulls = 100

// changeOf gathers what would go out with a run, and the run that it follows; nil:
// none. Pull requests are not asked for.
func (b *Bot) changeOf(ctx context.Context, run *pipeline.Execution, stage string) (change, *pipeline.Execution, error) {
	var c change
	base, err := b.lastSuccess(ctx, run, stage)
	if err != nil {
		return c, nil, err
	}
	from := ""
	if base != nil && base.Revision.SHA != run.Revision.SHA {
		from, c.base, c.baseNumber = base.Revision.SHA, base.Revision.SHA, base.Number
	}
	if from != "" {
		err = b.between(ctx, run, from, &c)
		if pipeline.KindOf(err) == pipeline.NotFound && err != nil { // force-pushed away: the change alone is listed
			c, from = change{}, ""
		} else if err != nil {
			return c, base, err
		}
	}
	if from == "" {
		if err := b.alone(ctx, run, &c); err != nil {
			return c, base, err
		}
		if base != nil && base.Revision.SHA != run.Revision.SHA { // what else goes out, nobody knows
			c.files = nil
		}
	}
	return c, base, nil
}

// lastSuccess is the run that a stage was last brought to, by itself or by a
// rollback: of the lane, or of the pipeline if the lane has had none, as that of a
// tag.
func (b *Bot) lastSuccess(ctx context.Context, run *pipeline.Execution, stage string) (*pipeline.Execution, error) {
	filter := pipeline.ExecutionFilter{
		Host: run.Repository.Host, RepositoryID: run.Repository.ID, Pipeline: run.Pipeline, Lane: run.Lane, Limit: 100,
	}
	found, err := b.newestSuccess(ctx, run, stage, filter)
	if found != nil || err != nil {
		return found, err
	}
	state, err := b.Store.LoadState(ctx, run.Key())
	if err != nil {
		return nil, err
	}
	if id := state.Ledger.Succeeded[stage]; id != "" && id != run.ID { // it was long ago
		found, _, err := b.Store.Execution(ctx, run.Repository.ID, id)
		if err == nil || pipeline.KindOf(err) != pipeline.NotFound {
			return found, err
		} // pruned since
	}
	if run.Lane.Kind == pipeline.LanePull {
		return nil, nil
	}
	filter.Lane = pipeline.Lane{}
	return b.newestSuccess(ctx, run, stage, filter)
}

// newestSuccess is the newest other run that succeeded in a stage, among some. Those
// of pull requests are nobody else's base.
func (b *Bot) newestSuccess(ctx context.Context, run *pipeline.Execution, stage string, among pipeline.ExecutionFilter) (*pipeline.Execution, error) {
	runs, err := b.Store.Executions(ctx, among)
	for _, other := range runs {
		s := other.Stage(stage)
		foreign := other.Lane != run.Lane && other.Lane.Kind == pipeline.LanePull
		if other.ID != run.ID && !foreign && s != nil && s.Status == pipeline.StageSucceeded {
			return other, err
		}
	}
	return nil, err
}

// between adds what lies between a commit and the run's.
func (b *Bot) between(ctx context.Context, run *pipeline.Execution, from string, c *change) error {
	compared, err := b.compared.between(ctx, b.Forge, run.Repository, from, run.Revision.SHA)
	if err != nil {
		return err
	}
	c.commits, c.url, c.files = compared.Commits, compared.URL, compared.Files
	c.more = max(0, compared.Total-len(compared.Commits))
	return nil
}

// alone adds the change of the run where nothing has succeeded before it: a pull
// request, or all that was pushed to the branch since its first run.
func (b *Bot) alone(ctx context.Context, run *pipeline.Execution, c *change) error {
	revision := run.Revision
	from := revision.BaseSHA
	if run.Lane.Kind != pipeline.LanePull {
		var err error
		if from, err = b.firstBefore(ctx, run); err != nil {
			return err
		}
	}
	if from != "" {
		err := b.between(ctx, run, from, c)
		if err == nil || pipeline.KindOf(err) != pipeline.NotFound {
			return err
		}
	}
	commit, err := b.Forge.Commit(ctx, run.Repository, revision.SHA)
	if err != nil {
		return err
	}
	one := githubapp.ComparedCommit{SHA: commit.SHA, Message: commit.Message, AuthorName: commit.AuthorName, AuthorEmail: commit.AuthorEmail}
	if commit.AuthorLogin != "" {
		if one.Author, err = b.Forge.Account(ctx, run.Repository, commit.AuthorLogin); err != nil && !hasNoAnswer(err) {
			return err
		}
	}
	c.commits, c.url = []githubapp.ComparedCommit{one}, commit.URL
	return nil
}

// firstBefore is where the branch of a run stood before the oldest push of its lane
// that is known; empty: that is not known.
func (b *Bot) firstBefore(ctx context.Context, run *pipeline.Execution) (string, error) {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{
		Host: run.Repository.Host, RepositoryID: run.Repository.ID, Pipeline: run.Pipeline, Lane: run.Lane, Limit: 200,
	})
	for _, other := range slices.Backward(runs) {
		if before := other.Revision.BeforeSHA; strings.Trim(before, "0") != "" {
			return before, err
		}
	}
	return "", err
}

// pullsOf adds the pull requests of the change, and the runs of its lane since base
// and of these pull requests: they know who pushed.
func (b *Bot) pullsOf(ctx context.Context, run, base *pipeline.Execution, c *change) error {
	var numbers []int
	if n := run.Lane.PullNumber(); n != 0 {
		numbers = []int{n}
	} else {
		var err error
		if numbers, err = b.mergedWith(ctx, run.Repository, c); err != nil {
			return err
		}
		if err := b.runsOf(ctx, run, run.Lane, base, c); err != nil {
			return err
		}
	}
	c.pulls = make([]githubapp.PullRequest, len(numbers))
	err := sideBySide(len(numbers), func(i int) (err error) {
		c.pulls[i], err = b.Forge.PullRequest(ctx, run.Repository, numbers[i])
		return err
	})
	if err != nil {
		return err
	}
	c.labels, c.branch = []string{}, ""
	for _, pull := range c.pulls {
		c.labels = append(c.labels, pull.Labels...)
		if err := b.runsOf(ctx, run, pipeline.PullLane(pull.Number), nil, c); err != nil {
			return err
		}
	}
	switch {
	case run.Lane.Kind == pipeline.LanePull:
		c.branch = c.pulls[0].BaseRef
	case run.Lane.Kind == pipeline.LaneBranch:
		c.branch = run.Lane.Name
	}
	if c.unasked > 0 {
		c.labels = nil // not all are known
	}
	return nil
}

// mergedWith lists the pull requests that brought the commits of a change, those of
// the newest commits first.
func (b *Bot) mergedWith(ctx context.Context, r pipeline.Repository, c *change) ([]int, error) {
	asked := min(len(c.commits), maxAskedPulls)
	c.unasked = len(c.commits) - asked
	found := make([][]githubapp.PullRequest, asked)
	err := sideBySide(asked, func(i int) (err error) {
		found[i], err = b.Forge.PullsOfCommit(ctx, r, c.commits[i].SHA)
		return err
	})
	var numbers []int
	for _, pulls := range found {
		for _, p := range pulls {
			if (p.Merged || !p.MergedAt.IsZero()) && !slices.Contains(numbers, p.Number) {
				numbers = append(numbers, p.Number)
			}
		}
	}
	return numbers, err
}

// runsOf adds the newest runs of a lane, down to one.
func (b *Bot) runsOf(ctx context.Context, run *pipeline.Execution, lane pipeline.Lane, down *pipeline.Execution, c *change) error {
	runs, err := b.Store.Executions(ctx, pipeline.ExecutionFilter{Host: run.Repository.Host, RepositoryID: run.Repository.ID, Lane: lane, Limit: 200})
	if err != nil {
		return err
	}
	for _, other := range runs {
		if down != nil && other.Pipeline == run.Pipeline && other.Position <= down.Position || lane == run.Lane && other.Pipeline == run.Pipeline && other.Position > run.Position {
			continue
		}
		c.runs = append(c.runs, other)
	}
	return nil
}
