package bot

import (
	"context"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/pipeline"
)

// held is something that keeps a run back and that can be overridden: an open gate,
// or a freeze of the environment that a stage is to enter.
type held struct {
	run   *pipeline.Execution
	stage string
	name  string             // the gate's, or the environment's
	gate  *pipeline.Approval // nil: it is a freeze
	// override names who may.
	override []pipeline.Selector
}

// id tells it from others.
func (h held) id() string {
	if h.gate != nil {
		return h.gate.ID
	}
	return h.run.ID + " " + h.stage
}

// named is how a comment must name it.
func (h held) named() command.Gate {
	return command.Gate{ID: h.id(), Pipeline: h.run.Pipeline, Name: h.name, SHA: h.run.Revision.SHA}
}

// teams are those that the rules ask for.
func (h held) teams() []string {
	policy, brief := pipeline.Policy{Override: h.override}, (*pipeline.Brief)(nil)
	if h.gate != nil {
		policy, brief = h.gate.Policy, h.gate.Brief
	}
	return teamsOf(policy, brief)
}

// goOver asks the machine to let a run pass, with the rules as they are today. facts
// are somebody's rights.
func (b *Bot) goOver(ctx context.Context, h held, facts pipeline.Facts, reason, key string) error {
	in := pipeline.OverrideGate{ExecutionID: h.run.ID, Stage: h.stage, Reason: reason}
	action := ""
	if h.gate != nil && h.gate.Action != "" {
		in.ApprovalID, action = h.gate.ID, h.gate.Action
	}
	definition, err := b.Store.Definition(ctx, h.run.Repository.ID, h.run.Definition)
	if err != nil {
		return err
	}
	reading, err := b.reading(ctx, h.run, definition, h.stage, action, h.gate)
	if err != nil {
		return err
	}
	in.Reading = &reading
	if in.Facts, err = b.withTeams(ctx, h.run.Repository, facts, teamsOf(pipeline.Policy{Override: reading.Override}, nil)); err != nil {
		return err
	}
	_, err = b.Engine.Submit(ctx, h.run.Key(), key, in)
	return err
}

// heldBack lists what keeps a run back and can be overridden.
func (b *Bot) heldBack(ctx context.Context, run *pipeline.Execution) ([]held, error) {
	var list []held
	for _, g := range run.Gates() {
		override := g.Policy.Override
		if s := run.Stage(g.Stage); g.Action == "" && s.Entry != nil {
			override = s.Entry.Override
		}
		list = append(list, held{run, g.Stage, g.Name, g, override})
	}
	stage := run.Current()
	if run.Status.Ended() || stage == nil || stage.Gate != nil && stage.Gate.Status == pipeline.ApprovalPending {
		return list, nil
	}
	e := stage.Entry
	if e == nil || e.Frozen == nil || e.Overridden != nil || e.Inside {
		return list, nil
	}
	environment, err := b.environmentOf(ctx, run, stage.Name)
	if err != nil || environment == "" {
		return list, err
	}
	return append(list, held{run, stage.Name, environment, nil, e.Override}), nil
}

// environmentOf is the environment of a stage of a run; empty if it names none.
func (b *Bot) environmentOf(ctx context.Context, run *pipeline.Execution, stage string) (string, error) {
	definition, err := b.Store.Definition(ctx, run.Repository.ID, run.Definition)
	if err != nil {
		return "", err
	}
	if declared := definition.Stage(stage); declared != nil {
		return declared.Environment, nil
	}
	return "", nil
}
