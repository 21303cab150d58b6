package definition

import "slices"

// checkTogether checks what needs all files of a repository: names that must be
// their own, and names that must be there.
func checkTogether(readers []*reader) {
	pipelines, environments := map[string]*reader{}, declarations{}
	complete := true
	for _, r := range readers {
		complete = complete && r.pipelineName != ""
		environments.add(r)
		if r.pipelineName == "" {
			continue
		}
		if other, twice := pipelines[r.pipelineName]; twice {
			r.add(r.named, "name", "give each pipeline of a repository a name of its own",
				"the pipeline %s is declared in %s too", quote(r.pipelineName), quote(other.name))
			continue
		}
		pipelines[r.pipelineName] = r
	}
	if !complete { // what is missing may be in a file that cannot be read
		return
	}
	for _, r := range readers {
		for _, n := range r.entered {
			if !environments.has(n.text) {
				r.warn(n, environments.nearest(n.text), "the environment %s is declared nowhere in these files; unless those of the default branch do, the stage is skipped", quote(n.text))
			}
		}
		for _, n := range r.held {
			if pipelines[n.text] == nil {
				r.warn(n, "", "no pipeline of these files is named %s: the freeze does not hold it", quote(n.text))
			}
		}
	}
}

// nearest is a hint for a name that is not declared.
func (d declarations) nearest(name string) string {
	var names []string
	for _, found := range d {
		names = append(names, found.n.text)
	}
	if near := nearest(name, slices.Sorted(slices.Values(names))); near != "" {
		return "did you mean `" + near + "`?"
	}
	return "declare it under `environments`"
}
