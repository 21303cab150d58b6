package definition

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// environment reads the rules of one environment.
func (r *reader) environment(name string, n *node) pipeline.Environment {
	e := pipeline.Environment{Name: name}
	if n.kind == kindNull {
		return e
	}
	values := r.object(n, environmentGrammar())
	if v := values["branches"]; v != nil {
		e.Branches = r.filter(v)
	}
	if v := values["tags"]; v != nil {
		e.Tags = r.filter(v)
	}
	if v := values["pullRequests"]; v != nil {
		e.PullRequests, _ = r.boolean(v)
	}
	if v := values["approval"]; v != nil {
		e.Approval = &pipeline.Policy{Required: 1, PreventSelfApproval: true, Timeout: pipeline.DefaultApprovalTimeout}
		r.approval(v, e.Approval, r.runFacts)
		if r.o.Local {
			alone(e.Approval)
		}
	}
	if v := values["freezes"]; v != nil {
		e.Freezes = r.freezes(v)
	}
	if v := values["flag"]; v != nil {
		e.Flag = r.patterns(v)
	}
	if v := values["url"]; v != nil {
		switch s, ok := r.runFacts(v, maxLink); {
		case !ok:
		case strings.HasPrefix(s, "#{"):
			r.bad(v, "write https://...", "begins with a reference, and no fact of a run is an address to trust")
		case r.address(v, s):
			e.URL = s
		}
	}
	return e
}

// runFacts reads text in which references to the facts of a run may stand. Others
// belong to a pipeline, and an environment does not.
func (r *reader) runFacts(n *node, limit int) (string, bool) {
	s, ok := r.anyText(n, limit)
	if !ok {
		return "", false
	}
	before := len(r.problems)
	for _, ref := range pipeline.References(s) {
		switch u := (use{Reference: ref, n: n}); ref.Namespace {
		case pipeline.NamespacePipeline:
			r.checkKey(u, []string{"PipelineExecutionId"})
		case pipeline.NamespacePenstock:
			r.checkKey(u, pipeline.PenstockKeys())
		default:
			r.bad(n, "there is "+list(prefixed("penstock.", pipeline.PenstockKeys()), "and"),
				"%s: an environment belongs to no pipeline, and knows only the facts of a run", shown(ref))
		}
	}
	return s, len(r.problems) == before
}

func prefixed(prefix string, words []string) []string {
	var all []string
	for _, w := range words {
		all = append(all, prefix+w)
	}
	return all
}

// alone makes a policy one that whoever sits at the machine of a local run can
// answer: one vote, of anybody.
func alone(p *pipeline.Policy) {
	*p = pipeline.Policy{Required: 1, Timeout: p.Timeout, Message: p.Message, Link: p.Link}
}

// sameName is equal for names that people would take for one.
func sameName(name string) string { return strings.ToLower(name) }
