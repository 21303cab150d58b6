package definition

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// filter reads a list of patterns, or includes and excludes.
func (r *reader) filter(n *node) *pipeline.Filter {
	if n.kind == kindList {
		return &pipeline.Filter{Includes: r.patterns(n)}
	}
	if n.kind != kindMap {
		r.bad(n, "write a list: `[main, \"release/**\"]`", "must be a list of patterns, or a map of `includes` and `excludes`")
		return nil
	}
	values := r.object(n, filterGrammar())
	if len(n.fields) == 0 {
		r.bad(n, "write `includes`, `excludes` or both", "names no pattern")
	}
	f := &pipeline.Filter{}
	if v := values["includes"]; v != nil {
		f.Includes = r.patterns(v)
	}
	if v := values["excludes"]; v != nil {
		f.Excludes = r.patterns(v)
	}
	return f
}

// patterns reads glob patterns.
func (r *reader) patterns(n *node) []string {
	var patterns []string
	for _, item := range r.elements(n, 1, maxPatterns, "write `[main, \"release/**\"]`") {
		s, ok := r.line(item, maxPattern)
		switch {
		case !ok:
		case strings.HasPrefix(s, "!"):
			r.bad(item, "write it under `excludes`, without the !", "%s begins with !", quote(s))
		case strings.HasPrefix(s, "refs/heads/"), strings.HasPrefix(s, "refs/tags/"):
			name := strings.TrimPrefix(strings.TrimPrefix(s, "refs/heads/"), "refs/tags/")
			r.bad(item, "write "+quote(name), "%s is a ref, and branches and tags are meant by their names", quote(s))
		case !doublestar.ValidatePattern(s):
			r.bad(item, "a pattern has `*`, `**`, `?`, `[...]`, `{a,b}` and \\ before a literal one of these", "%s is not a pattern", quote(s))
		case alternatives(s) > maxAlternatives:
			r.bad(item, "write several patterns, each with fewer `{a,b}`", "%s stands for more than %d patterns", quote(s), maxAlternatives)
		default:
			patterns = append(patterns, s)
		}
	}
	return patterns
}

// defaultBranch is the filter of a trigger that names no branches.
func (r *reader) defaultBranch() *pipeline.Filter {
	if r.o.DefaultBranch == "" {
		return nil
	}
	return &pipeline.Filter{Includes: []string{literal(r.o.DefaultBranch)}}
}

// literal is the pattern that matches one name only.
func literal(name string) string {
	var b strings.Builder
	for _, c := range name {
		if strings.ContainsRune(`*?[]{}\`, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
