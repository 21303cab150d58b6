package definition

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// The sizes of an action's artifacts.
const (
	maxArtifacts   = 100
	maxOutputFiles = 10
	maxOutputFile  = 128
)

// artifact is one place where an artifact is made or used.
type artifact struct {
	name string
	n    *node // where the name stands
	at   place
}

// inputs reads names or {name}, and notes them for checkArtifacts.
func (r *reader) inputs(n *node, at place) []string {
	if n == nil {
		return nil
	}
	var names []string
	folders := map[string]string{}
	for _, item := range r.elements(n, 0, maxArtifacts, "write `inputArtifacts: [shop]`") {
		v := item
		if item.kind == kindMap {
			r.missing(item, "name", "")
			v = r.object(item, inputArtifactGrammar())["name"]
		}
		if v == nil {
			continue
		}
		name, ok := r.word(v, artifactCharacters, maxName)
		if !ok {
			continue
		}
		folder := strings.ReplaceAll(name, "-", "_")
		switch other, taken := folders[folder]; {
		case other == name:
			r.bad(v, "", "%s is named twice", quote(name))
		case taken:
			r.bad(v, "rename one of them", "%s and %s would both be at $CODEBUILD_SRC_DIR_%s", quote(other), quote(name), folder)
		}
		folders[folder] = name
		names = append(names, name)
		r.used = append(r.used, artifact{name, v, at})
	}
	return names
}

// outputs reads names or {name, files}, and notes them for checkArtifacts.
func (r *reader) outputs(n *node, at place, t actionType) []pipeline.OutputArtifact {
	if n == nil {
		return nil
	}
	var outputs []pipeline.OutputArtifact
	for _, item := range r.elements(n, 0, maxArtifacts, "write `outputArtifacts: [{name: shop, files: [\"out/**\"]}]`") {
		v := item
		var values map[string]*node
		if item.kind == kindMap {
			r.missing(item, "name", "")
			values = r.object(item, outputArtifactGrammar())
			v = values["name"]
		}
		var o pipeline.OutputArtifact
		if files := values["files"]; files != nil {
			if t.known && !t.info.TakesCommands {
				r.bad(files, "remove it", "%s decides what its artifacts hold", t.info.Name)
			}
			o.Files = r.files(files)
		}
		if v == nil {
			continue
		}
		name, ok := r.word(v, artifactCharacters, maxName)
		if !ok {
			continue
		}
		if name == pipeline.SourceArtifact && !t.source {
			r.bad(v, "choose another name", "`source` is the commit that started the run")
			continue
		}
		o.Name = name
		outputs = append(outputs, o)
		r.made = append(r.made, artifact{name, v, at})
	}
	return outputs
}

// files reads glob patterns of files inside the working folder.
func (r *reader) files(n *node) []string {
	var files []string
	for _, item := range r.elements(n, 1, maxOutputFiles, "write `files: [\"out/**\"]`") {
		s, ok := r.line(item, maxOutputFile)
		switch {
		case !ok:
		case strings.Contains(s, `\`):
			r.bad(item, "write forward slashes", "%s has a backslash", quote(s))
		case path.IsAbs(s), s == "..", strings.HasPrefix(s, "../"), strings.HasSuffix(s, "/.."), strings.Contains(s, "/../"):
			r.bad(item, "write a path relative to the working folder", "%s leads out of the working folder", quote(s))
		case !doublestar.ValidatePattern(s):
			r.bad(item, "a pattern has `*`, `**`, `?`, `[...]` and `{a,b}`", "%s is not a pattern", quote(s))
		case alternatives(s) > maxAlternatives:
			r.bad(item, "write several patterns, each with fewer `{a,b}`", "%s stands for more than %d patterns", quote(s), maxAlternatives)
		default:
			files = append(files, s)
		}
	}
	return files
}

// counts checks the number of artifacts against the provider's bounds.
func (r *reader) counts(action *node, values map[string]*node, info pipeline.ActionTypeInfo) {
	check := func(key string, low, high int, verb string) {
		n, count, at := values[key], 0, action.at
		if n != nil {
			count, at = len(n.items), n.at
		}
		switch {
		case n != nil && n.kind != kindList || n == nil && action.has(key):
		case count < low:
			r.add(at, action.pathOf(key), "", "%s: %s needs %s at least", key, info.Name, countOf(low, "artifact"))
		case count > high:
			r.add(at, action.pathOf(key), "", "%s: %s %s %s at most", key, info.Name, verb, countOf(high, "artifact"))
		}
	}
	check("inputArtifacts", info.MinInputs, info.MaxInputs, "takes")
	check("outputArtifacts", info.MinOutputs, info.MaxOutputs, "makes")
}

// checkArtifacts checks, once all stages are read, that every output has a name
// of its own and that every input is made by an action that is over by then.
func (r *reader) checkArtifacts() {
	makers := map[string]artifact{}
	names := []string{pipeline.SourceArtifact}
	for _, m := range r.made {
		if first, twice := makers[m.name]; twice {
			r.bad(m.n, "give each artifact of the pipeline a name of its own", "%s is made in line %d already", quote(m.name), first.n.at.line)
			continue
		}
		makers[m.name] = m
		names = append(names, m.name)
	}
	for _, u := range r.used {
		maker, made := makers[u.name]
		switch {
		case u.name == pipeline.SourceArtifact:
		case !made:
			hint := "an earlier action must have it in `outputArtifacts`"
			if near := nearest(u.name, names); near != "" {
				hint = "did you mean `" + near + "`?"
			}
			r.bad(u.n, hint, "no action makes the artifact %s", quote(u.name))
		case !maker.at.before(u.at):
			r.bad(u.n, "use it in a later stage, or with a greater `runOrder`", "%s is made by the action %s of the stage %s, which is not over before this one starts",
				quote(u.name), quote(maker.at.action), quote(maker.at.stageName))
		}
	}
}
