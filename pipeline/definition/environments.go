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

// stageEnvironment reads the environment that a stage names, and for a local run
// its gate. One that this file does not declare may be declared in another.
func (r *reader) stageEnvironment(n *node, environments []pipeline.Environment) (string, *pipeline.Policy) {
	name, ok := r.word(n, nameCharacters, maxName)
	if !ok {
		return "", nil
	}
	if !r.o.Local {
		return name, nil
	}
	policy := localPolicy()
	if i := slices.IndexFunc(environments, func(e pipeline.Environment) bool { return e.Name == name }); i >= 0 {
		policy = *environments[i].Approval
	}
	return name, &policy
}

func localPolicy() pipeline.Policy {
	return pipeline.Policy{Required: 1, Timeout: pipeline.DefaultApprovalTimeout}
}
