package definition

import (
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// place is where an action stands in the order of the pipeline.
type place struct {
	stage     int
	runOrder  int
	stageName string
	action    string
}

// before reports whether whatever stands at p is certainly over when q starts.
func (p place) before(q place) bool {
	return p.stage < q.stage || p.stage == q.stage && p.runOrder < q.runOrder
}

// action reads one action.
func (r *reader) action(n *node, at place) pipeline.Action {
	a := pipeline.Action{RunOrder: 1}
	values := r.object(n, actionGrammar())
	if values == nil {
		return a
	}
	r.missing(n, "name", "")
	if v := values["name"]; v != nil {
		a.Name, _ = r.word(v, nameCharacters, maxName)
	}
	if v := values["runOrder"]; v != nil {
		if order, ok := r.integer(v, 1, 999); ok {
			a.RunOrder = order
		}
	}
	at.runOrder, at.action = a.RunOrder, a.Name
	t := r.actionType(n, values)
	a.Type = t.id
	// Artifacts are noted whatever the type, so that one mistake makes no others.
	a.InputArtifacts = r.inputs(values["inputArtifacts"], at)
	a.OutputArtifacts = r.outputs(values["outputArtifacts"], at, t)
	timeout := r.timeout(n, values)
	switch {
	case t.manual:
		r.manual(n, values, timeout, &a)
	case t.known:
		a.Timeout = timeout
		r.provided(n, values, t, &a)
	}
	return a
}

// provided reads what depends on the provider.
func (r *reader) provided(n *node, values map[string]*node, t actionType, a *pipeline.Action) {
	r.refuse(values, "only an action with `provider: Manual` waits for approval", "approval")
	r.counts(n, values, t.info)
	a.Configuration = r.configuration(n, values["configuration"], t.info)
	if v := values["connection"]; v != nil {
		a.Connection = r.connection(v, t.info)
	}
	if !t.info.TakesCommands {
		r.refuse(values, t.info.Name+" takes none", "commands", "outputVariables", "environmentVariables", "checkout", "secrets")
		return
	}
	r.missing(n, "commands", "write `commands: [make test]`")
	if v := values["commands"]; v != nil {
		a.Commands = r.commands(v)
	}
	if v := values["outputVariables"]; v != nil {
		a.OutputVariables = r.outputVariables(v)
	}
	if v := values["environmentVariables"]; v != nil {
		a.Environment = r.environmentVariables(v)
	}
	if v := values["secrets"]; v != nil {
		a.Secrets = r.secrets(v, a.Environment)
	}
	if v := values["checkout"]; v != nil {
		a.Checkout = r.checkout(v, values["inputArtifacts"] != nil)
	}
}

// refuse reports keys that this type of action does not take.
func (r *reader) refuse(values map[string]*node, why string, keys ...string) {
	for _, key := range keys {
		if v := values[key]; v != nil {
			r.bad(v, "remove it", "%s", why)
		}
	}
}

// timeout reads timeout or timeoutInMinutes; 0 means that neither is there.
func (r *reader) timeout(n *node, values map[string]*node) time.Duration {
	v, minutes := values["timeout"], values["timeoutInMinutes"]
	switch {
	case v != nil && minutes != nil:
		r.bad(minutes, "keep one of the two", "the timeout is given twice")
	case v != nil:
		d, _ := r.duration(v)
		return d
	case minutes != nil:
		m, _ := r.integer(minutes, 1, int(maxTimeout/time.Minute))
		return time.Duration(m) * time.Minute
	}
	return 0
}

// checkout reads true or false.
func (r *reader) checkout(n *node, hasInputs bool) pipeline.Checkout {
	if n.kind == kindMap {
		r.object(n, checkoutGrammar())
		if len(n.fields) == 0 {
			r.bad(n, "", "must be true or false")
		}
		return pipeline.Checkout{}
	}
	b, ok := r.boolean(n)
	if ok && b && hasInputs {
		r.bad(n, "add `source` to `inputArtifacts`", "an action with input artifacts works in the first of them, not in a checkout")
	}
	return pipeline.Checkout{Skip: ok && !b}
}
