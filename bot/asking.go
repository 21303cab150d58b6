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

// asking is one command of one comment, by somebody who may give commands.
type asking struct {
	*Bot
	event  githubapp.IssueComment
	thread *thread
	cmd    command.Command
	facts  pipeline.Facts
	asked  report.Asked
}

// key is the business key of what the command does to a run.
func (c *asking) key(run *pipeline.Execution) string {
	return fmt.Sprintf("comment %d %d %s", c.event.Comment.ID, c.cmd.Line, run.ID)
}

func (c *asking) confused(text, note string) (answer, error) {
	return answer{githubapp.ReactionConfused, text, note}, nil
}

// vote is /approve and /reject. A vote counts only for a gate that was announced
// here before the comment was written, or whose commit it names, and in the lane
// of a pull request only while that commit is the head.
func (c *asking) vote(ctx context.Context) (answer, error) {
	v := command.ResolveVote(c.cmd, c.thread.openGates(), c.thread.gateNames()...)
	if v.Problem != "" {
		return c.confused(c.problem(v), string(v.Problem))
	}
	run, gate := c.thread.gate(v.Gate.ID)
	if run.Lane.PullNumber() != 0 && c.thread.pull.HeadSHA != gate.SHA {
		return c.confused(c.texts.StaleVote(c.asked, nil), "the commit is not the head any more")
	}
	if v.SHA == "" {
		before, err := c.announcedBefore(ctx, gate)
		if err != nil {
			return answer{}, err
		}
		if !before {
			return c.confused(c.texts.StaleVote(c.asked, []string{c.lineFor(gate)}), "older than the gate's announcement")
		}
	}
	vote := pipeline.Vote{
		Verdict: pipeline.Approve, Facts: c.facts, Reason: v.Reason,
		Door: pipeline.DoorComment, Source: fmt.Sprint(c.event.Comment.ID),
	}
	if c.cmd.Verb == command.Reject {
		vote.Verdict = pipeline.Reject
	}
	result, err := c.Bot.vote(ctx, run, gate, vote, c.key(run))
	switch {
	case err != nil:
		return answer{}, err
	case !result.counted:
		return answer{githubapp.ReactionMinus, c.texts.VoteRefused(c.asked, result.why), result.why}, nil
	}
	return answer{githubapp.ReactionPlus, "", "counted for " + gate.Name}, nil
}

// announcedBefore reports whether the comment answers the announcement of the
// gate. Ids of comments only grow; times have whole seconds. An announcement that
// has just been made may not be in its row yet: then the thread is read.
func (c *asking) announcedBefore(ctx context.Context, gate *pipeline.Approval) (bool, error) {
	row, announced := c.thread.announced[gate.ID]
	if !announced {
		made, found, err := c.Forge.FindComment(ctx, c.thread.repository, c.thread.pull.Number, report.GateMarker(gate.ID))
		if err != nil || !found {
			return false, err
		}
		row.ExternalID, row.ShownAt = made.ID, made.CreatedAt
	}
	return row.ExternalID < c.event.Comment.ID && !row.ShownAt.After(c.event.Comment.CreatedAt), nil
}

// lineFor is the command to copy that counts for a gate whenever it is written.
func (c *asking) lineFor(gate *pipeline.Approval) string {
	line := fmt.Sprintf("%s%s %s %s", c.cmd.Form, c.cmd.Verb, gate.Name, pipeline.ShortSHA(gate.SHA))
	if c.cmd.Verb == command.Reject {
		line += " <reason>"
	}
	return line
}

func (c *asking) problem(v command.Vote) string {
	switch v.Problem {
	case command.Ambiguous:
		return c.texts.Ambiguous(c.asked, v.Lines)
	case command.NotOpen:
		return c.texts.NotOpen(c.asked, v.Named, v.Lines)
	case command.WrongCommit:
		return c.texts.WrongCommit(c.asked, v.Named, v.Lines)
	case command.NeedsReason:
		return c.texts.NeedsReason(c.asked, v.Lines)
	}
	return c.texts.NoOpenGate(c.asked)
}

// retry runs the failed actions of the newest runs again.
func (c *asking) retry(ctx context.Context) (answer, error) {
	runs := c.thread.newest(func(run *pipeline.Execution) bool { return run.Status != pipeline.ExecutionSucceeded })
	mode := pipeline.RetryFailedActions
	if c.cmd.All {
		mode = pipeline.RetryAllActions
	}
	return c.each(runs, func(run *pipeline.Execution) error {
		if why := void(run, c.thread.pull); why != "" {
			return pipeline.Errorf(pipeline.Conflict, "%s", why)
		}
		_, err := c.Engine.Submit(ctx, run.Key(), c.key(run), pipeline.RetryStage{ExecutionID: run.ID, Mode: mode, By: c.event.Comment.Author.Actor})
		return err
	})
}

// stop stops the newest runs.
func (c *asking) stop(ctx context.Context) (answer, error) {
	runs := c.thread.newest(func(run *pipeline.Execution) bool { return !run.Status.Ended() })
	return c.each(runs, func(run *pipeline.Execution) error {
		_, err := c.Engine.Submit(ctx, run.Key(), c.key(run), pipeline.StopExecution{
			ExecutionID: run.ID, Abandon: c.cmd.Abandon, By: c.event.Comment.Author.Actor,
			Reason: "stopped by " + c.event.Comment.Author.Login,
		})
		return err
	})
}

// each does something with every run and gathers the refusals.
func (c *asking) each(runs []*pipeline.Execution, do func(*pipeline.Execution) error) (answer, error) {
	if len(runs) == 0 {
		return c.confused(c.texts.NoRun(c.asked), "nothing to do")
	}
	result := answer{githubapp.ReactionRocket, "", "done"}
	var refusals []string
	for _, run := range runs {
		err := do(run)
		switch kind := pipeline.KindOf(err); {
		case err == nil || isDuplicate(err):
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
