package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// start runs a pipeline at the head of the pull request, whatever its triggers say:
// the one that is named, or the only one.
func (c *asking) start(ctx context.Context) (answer, error) {
	p, r := c.thread.pull, c.event.Repository
	refused := func(why string) (answer, error) { return c.confused(c.texts.Refused(c.asked, why), why) }
	switch {
	case p.State != "open":
		return refused("the pull request is not open")
	case p.Fork():
		return refused("the pull request is from a fork: say " + c.cmd.Form + "ok-to-test with the whole id of its head")
	}
	named, why, err := c.pipelineMeant(ctx)
	switch {
	case err != nil:
		return answer{}, err
	case why != "":
		return refused(why)
	}
	result, err := c.Bot.start(ctx, commit{
		repository: r,
		lane:       pipeline.PullLane(p.Number),
		revision: pipeline.Revision{
			SHA: p.HeadSHA, Ref: "refs/heads/" + p.HeadRef, Branch: p.HeadRef, Message: firstLine(p.Title),
			Author: p.Author.Login, BaseRef: p.BaseRef, BaseSHA: p.BaseSHA, WebURL: p.URL,
		},
		trigger:   pullTrigger(pipeline.TriggerComment, c.by(), p, ""),
		key:       fmt.Sprintf("comment %d %d", c.event.Comment.ID, c.cmd.Line),
		named:     named,
		variables: c.cmd.Variables,
		what:      c.pullChange(ctx, r, p, pipeline.PullRequestUpdated),
		head:      func() (string, error) { return p.HeadSHA, nil },
	})
	switch kind := pipeline.KindOf(err); {
	case err != nil && (kind == pipeline.Invalid || kind == pipeline.Conflict):
		return refused(err.Error())
	case err != nil:
		return answer{}, err
	case !strings.Contains(result.note, "started"):
		return refused(result.note)
	}
	return answer{githubapp.ReactionRocket, "", result.note}, nil
}

// pipelineMeant is the pipeline at the head that is named, or the only one; or why
// none can be meant.
func (c *asking) pipelineMeant(ctx context.Context) (name, why string, err error) {
	names, err := c.pipelineNames(ctx)
	switch named := c.cmd.Pipeline; {
	case err != nil:
		return "", "", err
	case len(names) == 0:
		return "", "there is no pipeline file that can be read", nil
	case slices.Contains(names, named):
		return named, "", nil
	case named != "":
		return "", fmt.Sprintf("there is no pipeline %s; there is %s", named, strings.Join(names, ", ")), nil
	case len(names) == 1:
		return names[0], "", nil
	}
	return "", fmt.Sprintf("there are several pipelines; say %sstart with one of %s", c.cmd.Form, strings.Join(names, ", ")), nil
}

// pipelineNames are the pipelines at the head whose files can be read, in the order
// of the alphabet.
func (c *asking) pipelineNames(ctx context.Context) ([]string, error) {
	files, err := c.Forge.PipelineFiles(ctx, c.event.Repository, c.thread.pull.HeadSHA)
	if err != nil && pipeline.KindOf(err) != pipeline.Invalid {
		return nil, err
	}
	var names []string
	for _, file := range files {
		if p, problems := c.read(file, c.event.Repository); !problems.HasErrors() {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// lane is whose runs rollback and transitions are about: the base branch's once the
// pull request is merged, and its own before.
func (c *asking) lane() pipeline.Lane {
	if c.thread.pull.Merged {
		return pipeline.BranchLane(c.thread.pull.BaseRef)
	}
	return pipeline.PullLane(c.thread.pull.Number)
}

// laneRuns lists the newest runs of the lane, newest first.
func (c *asking) laneRuns(ctx context.Context) ([]*pipeline.Execution, error) {
	return c.Store.Executions(ctx, pipeline.ExecutionFilter{
		Host: c.event.Repository.Host, RepositoryID: c.event.Repository.ID, Lane: c.lane(), Limit: 200,
	})
}

// withStage picks the runs that have a stage, and the stage in its own letters: people
// do not mind them.
func withStage(all []*pipeline.Execution, stage string) (runs []*pipeline.Execution, name string) {
	for _, run := range all {
		for i := range run.Stages {
			if strings.EqualFold(run.Stages[i].Name, stage) && (name == "" || name == run.Stages[i].Name) {
				name = run.Stages[i].Name
				runs = append(runs, run)
			}
		}
	}
	return runs, name
}

func severalPipelines(runs []*pipeline.Execution) bool {
	return slices.ContainsFunc(runs, func(run *pipeline.Execution) bool { return run.Pipeline != runs[0].Pipeline })
}

// rollback brings a stage back to where an earlier run had it: the one that is
// named, or the success before the newest.
func (c *asking) rollback(ctx context.Context) (answer, error) {
	refused := func(why string) (answer, error) { return c.confused(c.texts.Refused(c.asked, why), why) }
	all, err := c.laneRuns(ctx)
	runs, stage := withStage(all, c.cmd.Name)
	switch {
	case err != nil:
		return answer{}, err
	case len(runs) == 0:
		return refused(fmt.Sprintf("no run of %s has a stage %s", c.lane(), c.cmd.Name))
	case c.cmd.Run == 0 && severalPipelines(runs):
		return refused("several pipelines have this stage; name the run: " + c.cmd.Form + "rollback " + stage + " to #NUMBER")
	}
	target := successBefore(runs, stage)
	if c.cmd.Run != 0 {
		target = nil
		for _, run := range runs {
			switch {
			case run.Number == c.cmd.Run && target != nil: // each pipeline counts its own
				return refused(fmt.Sprintf("%s and %s both have a run #%d; say which on the command line: penstock rollback", target.Pipeline, run.Pipeline, run.Number))
			case run.Number == c.cmd.Run:
				target = run
			}
		}
	}
	if target == nil {
		return refused("there is no such run to roll back to: see " + c.cmd.Form + "why, or name another")
	}
	if why := void(target, c.thread.pull); why != "" {
		return refused(why)
	}
	by := c.by()
	_, err = c.Engine.Submit(ctx, target.Key(), c.onceKey(), pipeline.RollbackStage{
		ExecutionID: pipeline.AttemptID(strconv.FormatInt(c.event.Comment.ID, 10), target.Repository.Host, stage, c.cmd.Line),
		Stage:       stage, Target: target.ID, By: by, Reason: "asked for in pull request #" + strconv.Itoa(c.event.Number),
	})
	return c.done(err, fmt.Sprintf("%s is rolled back to #%d", stage, target.Number))
}

// successBefore is the newest run that succeeded in a stage before the newest that
// entered it, or nil.
func successBefore(runs []*pipeline.Execution, stage string) *pipeline.Execution {
	var newest *pipeline.Execution // that entered it
	for _, run := range runs {
		s := run.Stage(stage)
		switch {
		case newest == nil && s.Status != "":
			newest = run
		case run.Rollback == nil && s.Status == pipeline.StageSucceeded:
			return run
		}
	}
	return nil
}

// door closes or opens the way into a stage, for all lanes of every pipeline here
// that has it.
func (c *asking) door(ctx context.Context, enabled bool) (answer, error) {
	all, err := c.laneRuns(ctx)
	if err != nil {
		return answer{}, err
	}
	runs, stage := withStage(all, c.cmd.Name)
	if len(runs) == 0 {
		why := fmt.Sprintf("no run of %s has a stage %s", c.lane(), c.cmd.Name)
		return c.confused(c.texts.Refused(c.asked, why), why)
	}
	touched := map[string]bool{}
	for _, run := range runs {
		if touched[run.Pipeline] {
			continue
		}
		touched[run.Pipeline] = true
		_, err = c.Engine.Submit(ctx, run.Key(), c.key(run), pipeline.SetTransition{
			Stage: stage, AllLanes: true, Enabled: enabled, By: c.by(), Reason: c.cmd.Reason,
		})
		if err != nil && !isDuplicate(err) {
			break
		}
	}
	return c.done(err, fmt.Sprintf("the transition into %s of %d pipelines is touched", stage, len(touched)))
}

// done answers what was done, or why it was not.
func (c *asking) done(err error, note string) (answer, error) {
	switch kind := pipeline.KindOf(err); {
	case err == nil || isDuplicate(err):
		return answer{githubapp.ReactionRocket, "", note}, nil
	case kind == pipeline.Forbidden:
		return answer{githubapp.ReactionMinus, c.texts.Refused(c.asked, err.Error()), err.Error()}, nil
	case kind == pipeline.Conflict, kind == pipeline.NotFound, kind == pipeline.Invalid:
		return c.confused(c.texts.Refused(c.asked, err.Error()), err.Error())
	}
	return answer{}, err
}
