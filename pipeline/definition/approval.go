package definition

import (
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// The lengths of what an approver is shown, and of the channel that is told.
const (
	maxMessage     = 1000
	maxLink        = 2000
	maxChannel     = 81
	channelPattern = `^(#[^\s#@,]+|[CG][A-Z0-9]+)$`
)

// approval reads the rules of a gate into a policy that has the defaults of its
// place. Text that people are shown is read with text.
func (r *reader) approval(n *node, policy *pipeline.Policy, text func(n *node, limit int) (string, bool)) {
	values := r.object(n, approvalGrammar())
	if v := values["timeout"]; v != nil {
		if d, ok := r.duration(v); ok {
			policy.Timeout = d
		}
	}
	if v := values["preventSelfApproval"]; v != nil {
		policy.PreventSelfApproval, _ = r.boolean(v)
	}
	if v := values["remindAfter"]; v != nil {
		policy.RemindAfter = r.before(v, policy.Timeout)
	}
	if v := values["escalate"]; v != nil {
		policy.Escalate = r.escalation(v, policy.Timeout)
	}
	if v := values["override"]; v != nil {
		policy.Override = r.selectors(v, false)
	}
	if v := values["message"]; v != nil {
		policy.Message, _ = text(v, maxMessage)
	}
	if v := values["slack"]; v != nil {
		policy.Slack = r.channel(v)
	}
	r.requirements(values, policy)
}

// before reads a time after which something happens at a gate that is open so long.
func (r *reader) before(n *node, timeout time.Duration) time.Duration {
	d, ok := r.duration(n)
	if ok && d >= timeout {
		r.bad(n, "write a shorter time, or a longer `timeout`", "the gate has expired by then: its timeout is %s", inWords(timeout))
		return 0
	}
	return d
}

// escalation reads who is added to a gate that has waited.
func (r *reader) escalation(n *node, timeout time.Duration) *pipeline.Escalation {
	values := r.object(n, escalateGrammar())
	r.missing(n, "after", "write `after: 24h`")
	r.missing(n, "to", "write `to: [{team: ...}]`")
	e := &pipeline.Escalation{}
	if v := values["after"]; v != nil {
		e.After = r.before(v, timeout)
	}
	if v := values["to"]; v != nil {
		e.To = r.selectors(v, true)
	}
	return e
}

// channel reads a channel of Slack, by its name or its id.
func (r *reader) channel(n *node) string {
	s, ok := r.line(n, maxChannel)
	if ok && !isChannel(s) {
		r.bad(n, "write `\"#releases\"`, in quotes, or an id such as C0123ABCD", "%s is not a channel", quote(s))
		return ""
	}
	return s
}
