package pipeline

import (
	"net/url"
	"strings"
)

// Asked returns the rules of a gate as they are shown in a run: the references of
// Message and Link have their values. A reference that has none stays in Message as
// it is written.
//
// A value in the middle of a link is escaped, so that the name of a branch cannot
// lead people elsewhere; one at its beginning is the address itself. A link that is
// no address of http or https then, or has a password, is left out.
func (p *Pipeline) Asked(run *Execution, rules Policy) Policy {
	rules.Message = ReplaceReferences(rules.Message, func(r Reference) string {
		if value, err := p.Lookup(run, r); err == nil {
			return value
		}
		return r.String()
	})
	if len(References(rules.Link)) == 0 {
		return rules
	}
	complete, first := true, strings.HasPrefix(rules.Link, "#{")
	link := ReplaceReferences(rules.Link, func(r Reference) string {
		value, err := p.Lookup(run, r)
		complete = complete && err == nil
		if !first {
			value = url.QueryEscape(value)
		}
		first = false
		return value
	})
	u, err := url.Parse(link)
	if rules.Link = link; !complete || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		rules.Link = ""
	}
	return rules
}
