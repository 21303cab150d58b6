package bot

import (
	"context"
	"time"

	"github.com/penstock-cd/penstock/bot/command"
)

// override opens a gate, or lets a run pass a freeze, against the rules. It is bound
// to what was seen as a vote is.
func (c *asking) override(ctx context.Context) (answer, error) {
	all, err := c.allHeld(ctx)
	if err != nil {
		return answer{}, err
	}
	var open []command.Gate
	for _, h := range all {
		open = append(open, h.named())
	}
	v := command.ResolveVote(c.cmd, open, c.thread.gateNames()...)
	if v.Problem != "" {
		return c.confused(c.problem(v), string(v.Problem))
	}
	var meant held
	for _, h := range all {
		if h.id() == v.Gate.ID {
			meant = h
		}
	}
	why, lines, err := c.staleOverride(ctx, meant, v, open)
	if err != nil {
		return answer{}, err
	}
	if why != "" {
		return c.confused(c.texts.StaleVote(c.asked, lines), why)
	}
	facts, err := c.author()
	if err != nil {
		return answer{}, err
	}
	return c.done(c.goOver(ctx, meant, facts, v.Reason, c.onceKey()), meant.name+" is overridden")
}

// allHeld lists what keeps the runs of the thread back and can be overridden.
func (c *asking) allHeld(ctx context.Context) ([]held, error) {
	var all []held
	for _, run := range c.thread.runs {
		list, err := c.heldBack(ctx, run)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// staleOverride is stale, for a freeze too: that is announced by the run that it
// holds.
func (c *asking) staleOverride(ctx context.Context, h held, v command.Vote, open []command.Gate) (why string, lines []string, err error) {
	switch {
	case h.gate != nil:
		return c.stale(ctx, h.run, h.gate, v)
	case h.run.Lane.PullNumber() != 0 && c.thread.pull.HeadSHA != h.run.Revision.SHA:
		return "the commit is not the head any more", nil, nil
	case v.SHA == "" && h.run.CreatedAt.Truncate(time.Second).After(c.event.Comment.CreatedAt): // GitHub tells whole seconds
		return "older than the run", c.cmd.Verb.Lines(c.cmd.Form, []command.Gate{h.named()}, open), nil
	}
	return "", nil, nil
}
