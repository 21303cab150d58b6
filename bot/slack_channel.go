package bot

import (
	"path"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// SlackChannel is a channel of the operator's list. What a list leaves out is meant
// whole.
type SlackChannel struct {
	Name string // by which the rules of an environment mean it
	ID   string
	// Repositories are owner/name, or owner/*.
	Repositories []string
	Pipelines    []string
	Environments []string
	Events       []string // of those below
}

// What a channel is told of.
const (
	SlackStarted    = "started"
	SlackWaiting    = "waiting"
	SlackSucceeded  = "succeeded"
	SlackFailed     = "failed"
	SlackRejected   = "rejected"
	SlackSuperseded = "superseded"
)

// reaches reports whether a channel may be told of a repository at all.
func (c SlackChannel) reaches(r pipeline.Repository) bool {
	if len(c.Repositories) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Repositories, func(glob string) bool {
		ok, err := path.Match(strings.ToLower(glob), strings.ToLower(r.FullName()))
		return err == nil && ok
	})
}

// wants reports whether a channel is to be told of something in a run that has to do
// with these environments.
func (c SlackChannel) wants(run *pipeline.Execution, event string, environments ...string) bool {
	return slices.Contains(c.Events, event) && c.reaches(run.Repository) &&
		(len(c.Pipelines) == 0 || slices.Contains(c.Pipelines, run.Pipeline)) &&
		(len(c.Environments) == 0 || slices.ContainsFunc(environments, func(e string) bool { return slices.Contains(c.Environments, e) }))
}

// gateChannels are the channels in which a gate is asked: those of the operator that
// want it, and the one that the rules of its environment name, if the operator lets it
// be told of the repository. A Manual action's rules come with the change and choose
// no channel.
func (s *Slack) gateChannels(run *pipeline.Execution, d *pipeline.Pipeline, gate *pipeline.Approval) []string {
	environment := ""
	if d != nil && d.Stage(gate.Stage) != nil {
		environment = d.Stage(gate.Stage).Environment
	}
	named := ""
	if gate.Action == "" {
		named = strings.TrimPrefix(gate.Policy.Slack, "#")
	}
	return s.channels(func(c SlackChannel) bool {
		asked := named != "" && (strings.EqualFold(c.Name, named) || c.ID == named) && c.reaches(run.Repository)
		return asked || c.wants(run, SlackWaiting, environment)
	})
}

// eventChannels are the channels that are told of something that happens to a run.
func (s *Slack) eventChannels(run *pipeline.Execution, d *pipeline.Pipeline, event string) []string {
	var environments []string
	for i := range run.Stages {
		stage := &run.Stages[i]
		if d == nil || stage.Status == "" && event != SlackStarted {
			continue
		}
		if declared := d.Stage(stage.Name); declared != nil && declared.Environment != "" {
			environments = append(environments, declared.Environment)
		}
	}
	return s.channels(func(c SlackChannel) bool { return c.wants(run, event, environments...) })
}

// channels are the ids of those that are wanted, each once: a channel can be listed twice.
func (s *Slack) channels(wanted func(SlackChannel) bool) []string {
	var ids []string
	for _, c := range s.Channels {
		if wanted(c) {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// shows reports whether whoever is in a channel may be told of a repository there.
func (s *Slack) shows(channel string, r pipeline.Repository) bool {
	return slices.ContainsFunc(s.Channels, func(c SlackChannel) bool { return c.ID == channel && c.reaches(r) })
}
