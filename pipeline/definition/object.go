package definition

import "strings"

// object checks that a value is a map with keys of the grammar, and returns the
// values of those that are read. Keys without a value are reported and left out.
// It returns nil if the value is no map.
func (r *reader) object(n *node, g grammar) map[string]*node {
	if n.kind != kindMap {
		r.bad(n, "", "must be a map (%s), and this is %s", g.what, n.kind)
		return nil
	}
	values := map[string]*node{}
	for _, f := range n.fields {
		path := n.pathOf(f.key)
		hint, refused := g.refused[f.key]
		switch {
		case g.reads(f.key):
			if f.value.kind == kindNull {
				r.add(f.at, path, "give it a value, or remove the key", "%s: has no value", f.key)
				continue
			}
			values[f.key] = f.value
		case refused:
			r.add(f.at, path, hint, "%s: not supported in this version", f.key)
		default:
			r.unknown(f, path, g)
		}
	}
	return values
}

// unknown reports a key that is in no list, with the nearest one that is.
func (r *reader) unknown(f field, path string, g grammar) {
	hint := ""
	if names := g.names(); len(names) > 0 {
		hint = "known here: " + list(names, "and")
	}
	if word, ok := g.foreign[f.key]; ok {
		hint = word
	} else if near := nearest(f.key, g.known()); near != "" {
		hint = "did you mean `" + near + "`?"
	}
	r.add(f.at, path, hint, "%s is not a key of %s", quote(f.key), g.what)
}

// missing reports a required key that a map does not have.
func (r *reader) missing(n *node, key, hint string) {
	if n.kind == kindMap && !n.has(key) {
		r.add(n.at, n.pathOf(key), hint, "%s: missing", key)
	}
}

// list writes words of a file as a person would: `a`, `b` and `c`.
func list(words []string, join string) string {
	marked := make([]string, 0, len(words))
	for _, w := range words {
		marked = append(marked, "`"+w+"`")
	}
	return joined(marked, join)
}

// joined writes words as a person would: a, b and c.
func joined(words []string, join string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + join + " " + words[last]
}
