package definition

import (
	"net/url"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// The lengths of what an approver is shown.
const (
	maxMessage = 1000
	maxLink    = 2000
)

// manual reads an action that waits for people.
func (r *reader) manual(n *node, values map[string]*node, timeout time.Duration, at place, a *pipeline.Action) {
	r.refuse(values, manualName+" waits for people and takes none",
		"commands", "outputVariables", "environmentVariables", "checkout", "secrets", "connection", "inputArtifacts", "outputArtifacts", "namespace")
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
		r.manualConfiguration(v, at, policy)
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
func (r *reader) manualConfiguration(n *node, at place, policy *pipeline.Policy) {
	values := r.object(n, manualGrammar())
	if v := values["CustomData"]; v != nil {
		if s, ok := r.withReferences(v, maxMessage, at); ok {
			policy.Message = s
		}
	}
	if v := values["ExternalEntityLink"]; v != nil {
		if s, ok := r.webAddress(v, at); ok {
			policy.Link = s
		}
	}
	if v := values["NotificationArn"]; v != nil {
		r.text(v, maxLink)
		r.note(SeverityNote, v.at, v.path(), "", "NotificationArn: has no effect; people are told in the pull request")
	}
}

// webAddress reads an address of http or https, without a password. References may
// stand in it.
func (r *reader) webAddress(n *node, at place) (string, bool) {
	s, ok := r.withReferences(n, maxLink, at)
	return s, ok && r.address(n, s)
}

// address checks an address that may have references.
func (r *reader) address(n *node, s string) bool {
	if strings.HasPrefix(s, "#{") { // a variable that holds the beginning, which is looked at when it has its value
		s = "https://x/" + s
	}
	u, err := url.Parse(withoutReferences(s, "x"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(s, "\n\t ") {
		r.bad(n, "write https://...", "%s is not a web address", quote(s))
		return false
	}
	return true
}
