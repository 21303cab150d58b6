package definition

import (
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// Environments returns the environments of a repository: the union over the pipeline
// files of its default branch. Only that part of the files is read: what is wrong
// elsewhere does not matter to it.
//
// An error is of kind Invalid and names a file and a line: of a file that cannot be
// read at all, of a mistake in that part, or of a second declaration of a name,
// which may differ in the case of letters. Nothing may be let in then.
func Environments(files []File, o Options) ([]pipeline.Environment, error) {
	o.Local = false
	var all []pipeline.Environment
	declared := declarations{}
	for _, f := range files {
		r := newReader(f.Path, o)
		all = append(all, r.onlyEnvironments(f.Content)...)
		declared.add(r)
		if err := r.problems.err(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// onlyEnvironments reads that part of a file and nothing else.
func (r *reader) onlyEnvironments(content []byte) []pipeline.Environment {
	root, faults, ok := r.parse(content)
	inside, wrapped := wrappedPipeline(root)
	for _, f := range faults {
		if !ok || touchesEnvironments(f.path(), wrapped) {
			r.add(f.at, f.path(), f.hint, "%s", f.message)
		}
	}
	if !ok {
		return nil
	}
	if wrapped {
		if n := root.get("environments"); n != nil {
			r.bad(n, "write it inside of `pipeline`", "stands beside `pipeline`")
		}
		root = inside
	}
	if root.kind != kindMap {
		r.bad(root, "", "must be a map (a pipeline), and this is %s", root.kind)
		return nil
	}
	if !root.has("environments") {
		return nil
	}
	n := root.get("environments")
	if n.kind == kindNull {
		r.bad(n, "give it a value, or remove the key", "has no value")
		return nil
	}
	return r.environments(n)
}

// touchesEnvironments reports whether a mistake in the YAML of a file may be one of
// its environments: at their path, or where another key may stand for theirs.
func touchesEnvironments(path string, wrapped bool) bool {
	if wrapped {
		path = strings.TrimPrefix(path, "pipeline.")
	}
	first := path // empty for what is no plain key, such as <<
	if end := strings.IndexAny(path, ".["); end >= 0 {
		first = path[:end]
	}
	return first == "" || first == "environments" || first == "pipeline"
}

// environments reads the map of environments.
func (r *reader) environments(n *node) []pipeline.Environment {
	if n.kind != kindMap || len(n.fields) > maxEnvironments {
		r.bad(n, "write `environments: {production: {}}`", "must be a map of at most %d environments", maxEnvironments)
		return nil
	}
	var environments []pipeline.Environment
	for _, f := range n.fields {
		if f.key == "" {
			r.add(f.at, n.pathOf(f.key), "write `production: {}`", "an environment has an empty name")
			continue
		}
		name := &node{kind: kindText, at: f.at, text: f.key, parent: n, key: f.key}
		if _, ok := r.word(name, nameCharacters, maxName); !ok {
			continue
		}
		r.declared = append(r.declared, name)
		environments = append(environments, r.environment(f.key, f.value))
	}
	return environments
}

// localEnvironments are those that the stages name and this file does not declare:
// another file may. For a local run each is a gate with one vote.
func localEnvironments(p *pipeline.Pipeline) {
	for _, s := range p.Stages {
		if s.Environment != "" && !slices.ContainsFunc(p.Environments, func(e pipeline.Environment) bool { return e.Name == s.Environment }) {
			policy := pipeline.Policy{Required: 1, Timeout: pipeline.DefaultApprovalTimeout}
			p.Environments = append(p.Environments, pipeline.Environment{Name: s.Environment, Approval: &policy})
		}
	}
}
