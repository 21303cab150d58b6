package machine

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// digests are those of all artifacts that a run has.
func digests(e *pipeline.Execution) []string {
	var all []string
	for i := range e.Stages {
		for _, a := range e.Stages[i].Actions {
			for _, artifact := range a.Artifacts {
				all = append(all, artifact.Digest)
			}
		}
	}
	return all
}

// asSeen reports whether a run still has what it had when its gate asked. It may have
// more: actions beside a Manual one go on while people are asked.
func asSeen(e *pipeline.Execution, gate *pipeline.Approval) bool {
	now := digests(e)
	return gate.SHA == e.Revision.SHA && !slices.ContainsFunc(gate.Digests, func(d string) bool { return !slices.Contains(now, d) })
}

// bindAnew makes a gate one about what the run has now: no word that was given about
// something else counts. e and gate are of this turn's own copy.
func (t *turn) bindAnew(e *pipeline.Execution, gate *pipeline.Approval) {
	gate.SHA, gate.Digests, gate.Overridden = e.Revision.SHA, digests(e), nil
	for i := range gate.Votes {
		if v := &gate.Votes[i]; v.Withdrawn.IsZero() {
			v.Withdrawn = t.now
		}
	}
}
