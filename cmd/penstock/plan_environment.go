package main

import (
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// places are the environments of the working tree, and the change that would go to
// them.
type places struct {
	environments  []pipeline.Environment
	defaultBranch string
	subject       definition.Subject
	now           time.Time
}

func placesOf(pipelines []*pipeline.Pipeline, change definition.Change, run pipeline.Execution) places {
	p := places{
		defaultBranch: change.DefaultBranch, now: time.Now(),
		subject: definition.Subject{Branch: change.Branch, Paths: run.Revision.Files},
	}
	if change.Kind == pipeline.TriggerPullRequest {
		p.subject.Labels = append([]string{}, run.Trigger.Labels...)
	}
	for _, declared := range pipelines {
		p.environments = append(p.environments, declared.Environments...)
	}
	return p
}

// plan says what the environment of a stage asks of a run.
func (p places) plan(v *stagePlan, run pipeline.Execution) {
	if v.Environment == "" || v.Runs == "no" {
		return
	}
	for _, e := range p.environments {
		if e.Name != v.Environment {
			continue
		}
		if why := definition.Admits(e, p.defaultBranch, &run); why != "" {
			v.Runs, v.Why = "no", why
			return
		}
		if e.Approval != nil {
			policy := definition.PolicyFor(*e.Approval, p.subject)
			v.Gate = definition.PolicyInWords(policy)
			for _, waived := range policy.Waived {
				v.Gate = append(v.Gate, "not asked for: "+waived)
			}
		}
		switch frozen, _, err := condition.Frozen(e.Freezes, run.Pipeline, p.now); {
		case err != nil:
			v.Frozen = err.Error()
		case frozen != nil:
			v.Frozen = frozen.Reason + ", until " + frozen.Until.Format("2006-01-02 15:04 UTC")
		}
		return
	}
	v.Runs, v.Why = "no", "the environment "+v.Environment+" is declared nowhere in these files"
}

// asks says what the gate of a Manual action asks for.
func (p places) asks(policy *pipeline.Policy) string {
	var words []string
	for _, r := range definition.PolicyFor(*policy, p.subject).Requirements() {
		words = append(words, r.String())
	}
	return strings.Join(words, " and ")
}
