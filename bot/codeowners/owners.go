package codeowners

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// Owners tells who owns the paths, in a repository of that owner: one entry for each
// line that counts for a path, in the order of the file. For a path the last line that
// fits counts; if that names no owners, nobody owns the path. Nil paths are not known:
// then every line with owners counts.
func (f File) Owners(owner string, paths []string) []pipeline.Ownership {
	counts := make([]bool, len(f.rules))
	for _, text := range paths {
		at := newPath(text)
		for i := len(f.rules) - 1; i >= 0; i-- {
			if f.rules[i].match.fits(at) {
				counts[i] = true
				break
			}
		}
	}
	var list []pipeline.Ownership
	for i, r := range f.rules {
		if len(r.owners) > 0 && (counts[i] || paths == nil) {
			list = append(list, r.ownership(owner))
		}
	}
	return list
}

func (r rule) ownership(owner string) pipeline.Ownership {
	o := pipeline.Ownership{Pattern: r.text}
	for _, name := range r.owners {
		organization, slug, _ := strings.Cut(strings.TrimPrefix(name, "@"), "/")
		switch kind := kindOf(name); {
		case kind == person:
			o.Owners = append(o.Owners, pipeline.Selector{User: organization})
		case kind == team && strings.EqualFold(organization, owner):
			o.Owners = append(o.Owners, pipeline.Selector{Team: strings.ToLower(slug)})
		default:
			o.Others = append(o.Others, name)
		}
	}
	return o
}
