package pipeline

import (
	"net/url"
	"strings"
)

// Asked returns the rules of a gate as they are shown in a run: the references of
// Message and Link have their values. A reference that has none stays in Message as
// it is written; Link is then what Address says.
func (p *Pipeline) Asked(run *Execution, rules Policy) Policy {
	rules.Message = ReplaceReferences(rules.Message, func(r Reference) string {
		if value, err := p.Lookup(run, r); err == nil {
			return value
		}
		return r.String()
	})
	rules.Link = p.Address(run, rules.Link)
	return rules
}

// Address returns a web address with the values of its references.
//
// A value in the middle is escaped, so that the name of a branch cannot lead people
// elsewhere; one at the beginning is the address itself. What has a reference
// without a value, is no address of http or https then, or has a password, is left
// out: it is empty.
func (p *Pipeline) Address(run *Execution, text string) string {
	if len(References(text)) == 0 {
		return text
	}
	complete, first := true, strings.HasPrefix(text, "#{")
	address := ReplaceReferences(text, func(r Reference) string {
		value, err := p.Lookup(run, r)
		complete = complete && err == nil
		if !first {
			value = url.QueryEscape(value)
		}
		first = false
		return value
	})
	u, err := url.Parse(address)
	if !complete || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	return address
}
