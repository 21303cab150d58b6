package api

import (
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// RunOf is a run in the words of the API, with its stages. definition may be nil;
// it adds the environments. page is the address of the pages of runs, with a slash
// at its end.
func RunOf(e *pipeline.Execution, definition *pipeline.Pipeline, page string) Run {
	r := SummaryOf(e, page)
	r.Stages = make([]Stage, 0, len(e.Stages))
	for i := range e.Stages {
		s := stageOf(&e.Stages[i])
		if definition != nil {
			if declared := definition.Stage(s.Name); declared != nil {
				s.Environment = declared.Environment
			}
		}
		r.Stages = append(r.Stages, s)
	}
	return r
}

// SummaryOf is a run as it stands in lists.
func SummaryOf(e *pipeline.Execution, page string) Run {
	r := Run{
		ID: e.ID, Number: e.Number, Pipeline: e.Pipeline, Lane: e.Lane.String(),
		Repository: Repository{Host: e.Repository.Host, ID: e.Repository.ID, Name: e.Repository.FullName()},
		Status:     string(e.Status), FailureType: string(e.FailureType), Reason: e.Reason, SupersededBy: e.SupersededBy, Attempt: e.Attempt,
		Commit: Commit{
			SHA: e.Revision.SHA, Ref: e.Revision.Ref, Branch: e.Revision.Branch, Message: e.Revision.Message, Author: e.Revision.Author,
			BaseRef: e.Revision.BaseRef, Fork: e.Revision.Fork, URL: e.Revision.WebURL,
		},
		Trigger:   Trigger{Kind: string(e.Trigger.Kind), By: e.Trigger.By.Login, PullRequest: e.Trigger.PullRequest},
		Variables: e.Variables, Gates: []Gate{}, CreatedAt: e.CreatedAt.UTC(), UpdatedAt: e.UpdatedAt.UTC(), EndedAt: e.EndedAt.UTC(), URL: page + e.ID,
	}
	if e.Rollback != nil {
		r.Rollback = &Rollback{Target: e.Rollback.Target, TargetNumber: e.Rollback.TargetNumber, Reason: e.Rollback.Reason}
	}
	for _, g := range e.Gates() {
		r.Gates = append(r.Gates, *gateOf(g))
	}
	return r
}

func stageOf(s *pipeline.StageExecution) Stage {
	v := Stage{
		Name: s.Name, Status: string(s.Status), FailureType: string(s.FailureType), Reason: s.Reason, Gate: gateOf(s.Gate),
		Actions: actionsOf(s.Actions), StartedAt: s.StartedAt.UTC(), EndedAt: s.EndedAt.UTC(),
	}
	if s.Status == "" {
		v.Status = "NotReached"
	}
	for _, block := range pipeline.ConditionBlocks() {
		if c := s.Condition(block); c != nil {
			v.Conditions = append(v.Conditions, Condition{
				Block: string(block), Status: string(c.Status), Result: string(c.Result), Reason: c.Reason, By: c.By.Login, Rules: actionsOf(c.Rules),
			})
		}
	}
	return v
}

func actionsOf(attempts []pipeline.ActionExecution) []Action {
	list := make([]Action, 0, len(attempts))
	for i := range attempts {
		a := &attempts[i]
		list = append(list, Action{
			ID: a.ID, Name: a.Name, Attempt: a.Attempt, Status: string(a.Status), FailureType: string(a.FailureType), Summary: a.Summary,
			URL: a.URL, Percent: a.Percent, Variables: a.Variables, Artifacts: artifactsOf(a.Artifacts), Gate: gateOf(a.Approval),
			StartedAt: a.StartedAt.UTC(), EndedAt: a.EndedAt.UTC(),
		})
	}
	return list
}

func artifactsOf(artifacts []pipeline.Artifact) []Artifact {
	var list []Artifact
	for _, a := range artifacts {
		list = append(list, Artifact{Name: a.Name, Digest: a.Digest, Size: a.Size})
	}
	return list
}

func gateOf(g *pipeline.Approval) *Gate {
	if g == nil {
		return nil
	}
	v := &Gate{
		Name: g.Name, Stage: g.Stage, Status: string(g.Status), Requirements: []Requirement{}, Message: g.Policy.Message, Link: g.Policy.Link,
		SHA: g.SHA, Votes: []Vote{}, OpenedAt: g.OpenedAt.UTC(), ExpiresAt: g.ExpiresAt.UTC(), DecidedAt: g.DecidedAt.UTC(),
	}
	for _, s := range policy.Progress(g) {
		one := Requirement{Words: s.Words, Needed: s.Needed, Missing: s.Missing, By: []string{}}
		for _, vote := range s.By {
			one.By = append(one.By, vote.Facts.Voter.Login)
		}
		v.Required, v.Requirements = max(v.Required, s.Needed), append(v.Requirements, one)
	}
	for _, vote := range g.Votes {
		one := Vote{
			Verdict: string(vote.Verdict), By: vote.Facts.Voter.Login, Reason: vote.Reason, Door: string(vote.Door), At: vote.At.UTC(), Withdrawn: vote.Withdrawn.UTC(),
		}
		if ok, why := policy.Counts(g, vote); !ok && g.Status == pipeline.ApprovalPending {
			one.Refusal = why
		}
		v.Votes = append(v.Votes, one)
	}
	if o := g.Overridden; o != nil {
		v.Overridden = &Overridden{o.By.Login, o.Reason, o.At.UTC()}
	}
	return v
}

// ArtifactsOf are the newest artifacts of a run by name, in the order in which they
// were first made.
func ArtifactsOf(e *pipeline.Execution) Artifacts {
	list, place := []Artifact{}, map[string]int{}
	add := func(a Artifact) {
		i, known := place[a.Name]
		if !known {
			i = len(list)
			place[a.Name], list = i, append(list, a)
		}
		list[i] = a
	}
	if e.Rollback != nil {
		for _, a := range artifactsOf(e.Rollback.Artifacts) {
			add(a)
		}
	}
	for i := range e.Stages {
		s := &e.Stages[i]
		for j := range s.Actions {
			for _, a := range artifactsOf(s.Actions[j].Artifacts) {
				a.Stage, a.Action = s.Name, s.Actions[j].Name
				add(a)
			}
		}
	}
	return Artifacts{Artifacts: list}
}

// TransitionsOf are doors in the words of the API.
func TransitionsOf(doors []pipeline.Transition) Transitions {
	list := []Transition{}
	for _, d := range doors {
		t := Transition{Stage: d.Stage, Enabled: d.Enabled, Reason: d.Reason, By: d.By.Login, At: d.At.UTC()}
		if d.Lane != (pipeline.Lane{}) {
			t.Lane = d.Lane.String()
		}
		list = append(list, t)
	}
	return Transitions{Transitions: list}
}

// EnvironmentsOf are environments in the words of the API.
func EnvironmentsOf(all []pipeline.EnvironmentLockout) Environments {
	list := []Environment{}
	for _, l := range all {
		list = append(list, Environment{Name: l.Environment, Locked: l.Locked, Reason: l.Reason, By: l.By.Login, At: l.At.UTC()})
	}
	return Environments{Environments: list}
}
