package bot

import (
	"context"
	"slices"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// mostOffers is how many lines /help shows of one verb.
const mostOffers = 3

// help is /help: what this person could ask for here and now, and nothing else.
func (c *asking) help(ctx context.Context) (answer, error) {
	rights, err := c.author()
	if err != nil {
		return answer{}, err
	}
	offers := map[command.Verb][]string{command.Help: {c.cmd.Form + string(command.Help)}}
	if len(c.thread.newest(func(*pipeline.Execution) bool { return true })) > 0 {
		offers[command.Status] = []string{c.cmd.Form + string(command.Status)}
		offers[command.Why] = []string{c.cmd.Form + string(command.Why)}
	}
	if err := c.offerGates(ctx, rights, offers); err != nil {
		return answer{}, err
	}
	lacks := ""
	switch {
	case len(rights.Unknown) > 0:
		lacks = "What else you may do could not be looked up: ask again in a minute"
	case !rights.Permission.CanWrite():
		lacks = "Everything else takes write access to " + c.event.Repository.FullName() + ", or a gate whose rules name you"
	default:
		if err := c.offerWriter(ctx, offers); err != nil {
			return answer{}, err
		}
	}
	var lines []report.HelpLine
	for _, spec := range command.Verbs() {
		for i, line := range offers[spec.Verb] {
			if i == mostOffers { // the rest in general
				lines = append(lines, report.HelpLine{Line: c.cmd.Form + spec.Line()[1:], Does: spec.Does})
				break
			}
			lines = append(lines, report.HelpLine{Line: line, Does: spec.Does})
		}
	}
	return answer{githubapp.ReactionRocket, c.texts.Help(c.by().Login, lines, lacks), "shown"}, nil
}

// offerGates adds what this person may say to the gates that are open here.
func (c *asking) offerGates(ctx context.Context, rights pipeline.Facts, offers map[command.Verb][]string) error {
	open := c.thread.openGates()
	offer := func(verb command.Verb, gate command.Gate) {
		offers[verb] = append(offers[verb], verb.Lines(c.cmd.Form, []command.Gate{gate}, open)...)
	}
	all, err := c.allHeld(ctx)
	if err != nil {
		return err
	}
	for _, h := range all {
		if h.run.Lane.PullNumber() != 0 && c.thread.pull.HeadSHA != h.run.Revision.SHA {
			continue
		}
		facts, err := c.withTeams(ctx, c.event.Repository, rights, h.teams())
		if err != nil {
			return err
		}
		if h.gate != nil {
			voted := c.votedOn(h.gate)
			if may(h.gate, facts, pipeline.Approve) && !voted {
				offer(command.Approve, h.named())
			}
			if may(h.gate, facts, pipeline.Reject) {
				offer(command.Reject, h.named())
			}
			if voted {
				offer(command.Unapprove, h.named())
			}
		}
		if ok, _ := policy.MayOverride(h.override, facts); ok {
			offer(command.Override, h.named())
		}
	}
	return nil
}

// offerWriter adds what somebody with write access may ask for.
func (c *asking) offerWriter(ctx context.Context, offers map[command.Verb][]string) error {
	offer := func(verb command.Verb, args string) {
		line := c.cmd.Form + string(verb)
		if args != "" {
			line += " " + args
		}
		if !slices.Contains(offers[verb], line) {
			offers[verb] = append(offers[verb], line)
		}
	}
	if len(c.thread.newest(func(run *pipeline.Execution) bool { return !run.Status.Ended() })) > 0 {
		offer(command.Stop, "")
		offer(command.Stop, "abandon")
	}
	if len(c.thread.newest(func(run *pipeline.Execution) bool {
		return (run.Status == pipeline.ExecutionFailed || run.Status == pipeline.ExecutionStopped) && void(run, c.thread.pull) == ""
	})) > 0 {
		offer(command.Retry, "")
		offer(command.Retry, "all")
	}
	if err := c.offerStart(ctx, offer); err != nil {
		return err
	}
	if err := c.offerStages(ctx, offer); err != nil {
		return err
	}
	return c.offerLocks(ctx, offer)
}

// offerStart offers what starts a run of the head.
func (c *asking) offerStart(ctx context.Context, offer func(command.Verb, string)) error {
	p := c.thread.pull
	switch {
	case p.State != "open":
	case !p.Fork():
		names, err := c.pipelineNames(ctx)
		if err != nil {
			return err
		}
		for _, name := range names {
			offer(command.Start, name)
		}
	case !c.Unsandboxed && !slices.ContainsFunc(c.thread.runs, func(run *pipeline.Execution) bool {
		return run.Revision.SHA == p.HeadSHA && void(run, p) == ""
	}):
		offer(command.OkToTest, p.HeadSHA)
	}
	return nil
}

// offerStages offers what can be done to the stages of the lane.
func (c *asking) offerStages(ctx context.Context, offer func(command.Verb, string)) error {
	all, err := c.laneRuns(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, run := range all {
		if seen[run.Pipeline] {
			continue
		}
		seen[run.Pipeline] = true
		state, err := c.Store.LoadState(ctx, run.Key())
		if err != nil {
			return err
		}
		for _, s := range run.Stages {
			if state.ClosedTransition(s.Name) != nil {
				offer(command.Enable, s.Name)
			} else {
				offer(command.Disable, s.Name+" <reason>")
			}
			with, _ := withStage(all, s.Name)
			if target := successBefore(with, s.Name); target != nil && !severalPipelines(with) && void(target, c.thread.pull) == "" {
				offer(command.Rollback, s.Name)
			}
		}
	}
	return nil
}

// offerLocks offers what locks and unlocks the environments of the repository.
func (c *asking) offerLocks(ctx context.Context, offer func(command.Verb, string)) error {
	state, names, err := c.environments(ctx, c.event.Repository)
	if pipeline.KindOf(err) == pipeline.NotFound {
		return nil
	}
	for _, name := range names {
		if state.Lockout(name) != nil {
			offer(command.Unlock, name)
		} else {
			offer(command.Lock, name+" <reason>")
		}
	}
	return err
}
