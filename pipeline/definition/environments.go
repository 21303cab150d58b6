package definition

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

const maxEnvironments = 50

// environments reads the declared environments for a local run, where each is a
// gate with one vote. Of their rules only the timeout counts there; the rest is
// known and left to the server.
func (r *reader) environments(n *node) []pipeline.Environment {
	if n.kind != kindMap || len(n.fields) > maxEnvironments {
		r.bad(n, "write `environments: {production: {}}`", "must be a map of at most %d environments", maxEnvironments)
		return nil
	}
	var environments []pipeline.Environment
	for _, f := range n.fields {
		name := &node{kind: kindText, at: f.at, text: f.key, parent: n, key: f.key}
		if _, ok := r.word(name, nameCharacters, maxName); !ok {
			continue
		}
		policy := localPolicy()
		e := pipeline.Environment{Name: f.key, Approval: &policy}
		if f.value.kind != kindNull {
			g := environmentGrammar()
			values := r.object(f.value, g.accepting(g.known()...))
			if v := values["approval"]; v != nil {
				g := approvalGrammar()
				if d := r.approval(v, g.accepting(g.known()...)); d != 0 {
					e.Approval.Timeout = d
				}
			}
		}
		environments = append(environments, e)
	}
	return environments
}

// stageEnvironment reads the environment that a stage names.
func (r *reader) stageEnvironment(n *node) string {
	name, _ := r.word(n, nameCharacters, maxName)
	return name
}

// localEnvironments are those that the stages name and this file does not declare:
// another file may. For a local run each is a gate with one vote.
func localEnvironments(p *pipeline.Pipeline) {
	for _, s := range p.Stages {
		if s.Environment != "" && !slices.ContainsFunc(p.Environments, func(e pipeline.Environment) bool { return e.Name == s.Environment }) {
			policy := localPolicy()
			p.Environments = append(p.Environments, pipeline.Environment{Name: s.Environment, Approval: &policy})
		}
	}
}

func localPolicy() pipeline.Policy {
	return pipeline.Policy{Required: 1, Timeout: pipeline.DefaultApprovalTimeout}
}
