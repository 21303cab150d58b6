package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// asking is one command of one comment.
type asking struct {
	*Bot
	event  githubapp.IssueComment
	thread *thread
	cmd    command.Command
	author func() (pipeline.Facts, error) // what is known of who wrote it
	asked  report.Asked
}

// by is who asks.
func (c *asking) by() pipeline.Actor { return c.event.Comment.Author.Actor }

// key is the business key of what the command does to a run.
func (c *asking) key(run *pipeline.Execution) string { return c.keyOf(run.ID) }

// keyOf is the business key of what the command does to something else.
func (c *asking) keyOf(what string) string {
	return fmt.Sprintf("comment %d %d %s", c.event.Comment.ID, c.cmd.Line, what)
}

// onceKey is the business key of what a command does that has one effect, whatever run
// it turns out to be about: once it had that, it would be judged by what it has changed.
// Other commands have an effect for each run, and none of this key.
func (c *asking) onceKey() string { return c.keyOf(string(c.cmd.Verb)) }

func (c *asking) confused(text, note string) (answer, error) {
	return answer{githubapp.ReactionConfused, text, note}, nil
}

// retry runs the failed actions of the newest runs again.
func (c *asking) retry(ctx context.Context) (answer, error) {
	runs := c.thread.newest(func(run *pipeline.Execution) bool { return run.Status != pipeline.ExecutionSucceeded })
	mode := pipeline.RetryFailedActions
	if c.cmd.All {
		mode = pipeline.RetryAllActions
	}
	return c.each(ctx, runs, func(run *pipeline.Execution) error {
		if why := void(run, c.thread.pull); why != "" {
			return pipeline.Errorf(pipeline.Conflict, "%s", why)
		}
		_, err := c.Engine.Submit(ctx, run.Key(), c.key(run), pipeline.RetryStage{ExecutionID: run.ID, Mode: mode, By: c.by()})
		return err
	})
}

// stop stops the newest runs.
func (c *asking) stop(ctx context.Context) (answer, error) {
	runs := c.thread.newest(func(run *pipeline.Execution) bool { return !run.Status.Ended() })
	return c.each(ctx, runs, func(run *pipeline.Execution) error {
		_, err := c.Engine.Submit(ctx, run.Key(), c.key(run), pipeline.StopExecution{
			ExecutionID: run.ID, Abandon: c.cmd.Abandon, By: c.by(),
			Reason: "stopped by " + c.by().Login,
		})
		return err
	})
}

// each does something with every run and gathers the refusals.
func (c *asking) each(ctx context.Context, runs []*pipeline.Execution, do func(*pipeline.Execution) error) (answer, error) {
	if len(runs) == 0 {
		for _, run := range c.thread.runs { // it may have been done before
			if before, err := c.hadEffect(ctx, pipeline.Request{Key: c.key(run)}, c.event.Repository); before || err != nil {
				return answer{githubapp.ReactionRocket, "", "done before"}, err
			}
		}
		return c.confused(c.texts.NoRun(c.asked), "nothing to do")
	}
	result := answer{githubapp.ReactionRocket, "", "done"}
	var refusals []string
	for _, run := range runs {
		err := do(run)
		switch kind := pipeline.KindOf(err); {
		case err == nil || c.askedBefore(ctx, pipeline.Request{Key: c.key(run)}, c.event.Repository, err):
		case kind == pipeline.Conflict || kind == pipeline.NotFound:
			result.reaction, result.note = githubapp.ReactionConfused, err.Error()
			refusals = append(refusals, c.texts.Refused(c.asked, err.Error()))
		default:
			return answer{}, err
		}
	}
	result.reply = strings.Join(refusals, "\n")
	return result, nil
}
