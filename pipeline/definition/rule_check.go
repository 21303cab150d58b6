package definition

import (
	"strconv"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

// checkRule checks the values of a rule's configuration. What has references is
// known only when the rule is asked.
func (r *reader) checkRule(n *node, rule pipeline.Action) {
	fixed := func(key string) (*node, string, bool) {
		v, s := n.get(key), rule.Configuration[key]
		return v, s, v != nil && s != "" && len(pipeline.References(s)) == 0
	}
	switch rule.Type.Provider {
	case ruleVariableCheck:
		if s := rule.Configuration["Variable"]; s != "" && !isReference(s) {
			r.bad(n.get("Variable"), "write for example `\"#{variables.REGION}\"`", "must be one reference and nothing else")
		}
		if v, s, ok := fixed("Value"); ok && rule.Configuration["Operator"] == condition.OperatorMatches {
			r.pattern(v, s)
		}
	case ruleDeploymentWindow:
		zone, name, zoned := fixed("TimeZone")
		if zoned {
			if _, err := condition.ParseZone(name); err != nil {
				r.bad(zone, "", "%s", clean(err.Error(), 300))
				return
			}
		}
		if v, s, ok := fixed("Cron"); ok {
			if err := r.checkWindow(s, name); err != nil {
				r.bad(v, "", "%s", clean(err.Error(), 300))
			}
		}
	case ruleHTTP:
		r.checkHTTP(n, rule, fixed)
	}
}

func (r *reader) checkHTTP(n *node, rule pipeline.Action, fixed func(string) (*node, string, bool)) {
	if v := n.get("Url"); v != nil && rule.Configuration["Url"] != "" {
		r.address(v, rule.Configuration["Url"])
	}
	if v := n.get("Body"); v != nil && rule.Configuration["Method"] == "HEAD" {
		r.bad(v, "write `Method: GET`", "an answer to HEAD has no body")
	}
	if v, s, ok := fixed("Status"); ok {
		if status, err := strconv.Atoi(s); err != nil || status < 100 || status > 599 {
			r.bad(v, "", "must be a status of HTTP, 100 to 599")
		}
	}
	if v, s, ok := fixed("Body"); ok {
		r.pattern(v, s)
	}
	limit := rule.Timeout
	if limit == 0 {
		limit = pipeline.DefaultRuleTimeout
	}
	for _, key := range []string{"For", "Interval"} {
		v, _, ok := fixed(key)
		if !ok {
			continue
		}
		if d, ok := r.duration(v); ok && d >= limit {
			r.bad(v, "give the rule a longer `timeout`", "%s is not over before the rule's timeout of %s", quote(v.text), inWords(limit))
		}
	}
}

// pattern checks a regular expression.
func (r *reader) pattern(n *node, s string) {
	if err := r.checkPattern(s); err != nil {
		r.bad(n, "", "%s", clean(err.Error(), 300))
	}
}
