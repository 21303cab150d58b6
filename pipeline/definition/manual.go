package definition

import (
	"net/url"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
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
		if given := v.get("timeout"); given != nil && (n.has("timeout") || n.has("timeoutInMinutes")) {
			r.bad(given, "keep one of the two", "is given twice, here and in the action")
		}
		r.approval(v, policy, func(n *node, limit int) (string, bool) { return r.withReferences(n, limit, at) })
		if channel := v.get("slack"); channel != nil && policy.Slack != "" {
			r.note(SeverityNote, channel.at, channel.path(), "", "slack: has no effect in a Manual action: whoever changes the file would choose who is told; the operator's channels are told, and those that an environment names")
		}
	}
	if v := values["configuration"]; v != nil {
		r.manualConfiguration(v, at, policy)
	}
	if r.o.Local {
		alone(policy)
	}
	a.Approval = policy
}

// manualConfiguration reads what approvers are shown.
func (r *reader) manualConfiguration(n *node, at place, policy *pipeline.Policy) {
	values := r.object(n, manualGrammar())
	if v := values["CustomData"]; v != nil {
		if policy.Message != "" {
			r.bad(v, "keep one of the two", "the message is given twice, here and in `approval`")
		}
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
