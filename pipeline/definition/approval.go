package definition

import (
	"net/url"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// The lengths of what an approver is shown.
const (
	maxMessage = 1000
	maxLink    = 2000
)

// manual reads an action that waits for people.
func (r *reader) manual(n *node, values map[string]*node, timeout time.Duration, a *pipeline.Action) {
	r.refuse(values, manualName+" waits for people and takes none",
		"commands", "outputVariables", "environmentVariables", "checkout", "secrets", "connection", "inputArtifacts", "outputArtifacts")
	policy := &pipeline.Policy{Required: 1, Timeout: pipeline.DefaultApprovalTimeout}
	if timeout != 0 {
		policy.Timeout = timeout
	}
	if v := values["approval"]; v != nil {
		given := r.approval(v, approvalGrammar())
		switch {
		case given == 0:
		case n.has("timeout") || n.has("timeoutInMinutes"):
			r.bad(v, "keep one of the two", "the timeout is given twice, here and in the action")
		default:
			policy.Timeout = given
		}
	}
	if v := values["configuration"]; v != nil {
		r.manualConfiguration(v, policy)
	}
	a.Approval = policy
}

// approval reads the rules of a gate and returns its timeout, 0 for none.
func (r *reader) approval(n *node, g grammar) time.Duration {
	values := r.object(n, g)
	if v := values["required"]; v != nil {
		if required, ok := r.integer(v, 1, 100); ok && required != 1 && !r.o.Local {
			r.bad(v, "write 1, or leave it out", "more than one vote: not supported in this version")
		}
	}
	if v := values["timeout"]; v != nil {
		d, _ := r.duration(v)
		return d
	}
	return 0
}

// manualConfiguration reads what approvers are shown.
func (r *reader) manualConfiguration(n *node, policy *pipeline.Policy) {
	values := r.object(n, manualGrammar())
	if v := values["CustomData"]; v != nil {
		if s, ok := r.text(v, maxMessage); ok {
			r.references(v)
			policy.Message = s
		}
	}
	if v := values["ExternalEntityLink"]; v != nil {
		s, ok := r.line(v, maxLink)
		if !ok {
			return
		}
		r.references(v)
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			r.bad(v, "write https://...", "%s is not a web address", quote(s))
			return
		}
		policy.Link = s
	}
}
