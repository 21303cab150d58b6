package definition

import (
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// action reads one action.
func (r *reader) action(n *node, at place) pipeline.Action {
	a := pipeline.Action{RunOrder: 1}
	values := r.object(n, r.keys)
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
	a.When = r.when(values)
	at.runOrder, at.action, at.actionSkips = a.RunOrder, a.Name, a.When != (pipeline.When{})
	t := r.actionType(n, values)
	a.Type = t.id
	// Artifacts are noted whatever the type, so that one mistake makes no others.
	a.InputArtifacts = r.inputs(values["inputArtifacts"], at)
	a.OutputArtifacts = r.outputs(values["outputArtifacts"], at, t)
	timeout := r.timeout(n, values)
	r.withoutEffect(values, "roleArn", "region")
	switch {
	case t.manual:
		r.manual(n, values, timeout, at, &a)
	case t.known:
		a.Timeout = timeout
		r.refuse(values, "only an action with `provider: Manual` waits for approval", "approval")
		r.provided(n, values, t.info, at, &a)
		r.checkAWS(n, a)
	}
	if v := values["namespace"]; v != nil && !t.manual {
		outputs := append(a.OutputVariables, t.info.OutputVariables...)
		a.Namespace = r.namespace(v, at, outputs, !t.known || t.info.OutputVariables == nil && !t.info.TakesCommands)
	}
	return a
}

// provided reads what depends on the provider, of an action or a rule.
func (r *reader) provided(n *node, values map[string]*node, info pipeline.ActionTypeInfo, at place, a *pipeline.Action) {
	r.counts(n, values, info)
	a.Configuration = r.configuration(n, values["configuration"], info, at)
	if v := values["connection"]; v != nil {
		a.Connection = r.connection(v, info)
	}
	if v := values["environmentVariables"]; v != nil && (info.TakesCommands || info.NotYetSupported) {
		r.environmentVariables(v, at, a)
	}
	if !info.TakesCommands {
		refused := []string{"commands", "outputVariables", "checkout", "secrets"}
		if !info.NotYetSupported {
			refused = append(refused, "environmentVariables")
		}
		r.refuse(values, info.Name+" takes none", refused...)
		return
	}
	r.missing(n, "commands", "write `commands: [make test]`")
	if v := values["commands"]; v != nil {
		a.Commands = r.commands(v, at)
	}
	if v := values["outputVariables"]; v != nil {
		a.OutputVariables = r.outputVariables(v)
	}
	if v := values["secrets"]; v != nil {
		a.Secrets = append(a.Secrets, r.secrets(v, a.Environment)...)
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
