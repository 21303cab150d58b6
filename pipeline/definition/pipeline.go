package definition

import (
	"github.com/penstock-cd/penstock/pipeline"
)

// The sizes of a pipeline.
const (
	maxStages          = 50
	maxActions         = 100 // of a stage
	maxPipelineActions = 1000
	maxName            = 100
)

// pipeline reads the root of the file.
func (r *reader) pipeline(root *node) *pipeline.Pipeline {
	if envelope := unwrap(root); envelope != nil {
		at := root.fields[0].at
		for _, f := range root.fields {
			if f.key == "pipeline" {
				at = f.at
			}
		}
		r.add(at, "pipeline", "write what is under `pipeline` at the top of the file",
			"pipeline: the output of get-pipeline as it is: not supported in this version")
		root = envelope
	}
	g := pipelineGrammar()
	if r.o.Local {
		g = g.accepting("environments")
	}
	values := r.object(root, g)
	if values == nil {
		return nil
	}
	p := &pipeline.Pipeline{V: Version, File: r.name, ExecutionMode: pipeline.ModeSuperseded}
	p.Name = r.pipelineName(root, values["name"])
	p.Triggers = r.triggers(root, values["triggers"])
	if n := values["executionMode"]; n != nil {
		r.executionMode(n)
	}
	if n := values["cancelInProgress"]; n != nil {
		if b, ok := r.boolean(n); ok {
			p.CancelInProgress = &b
		}
	}
	if n := values["environments"]; n != nil {
		p.Environments = r.environments(n)
	}
	r.missing(root, "stages", "write `stages: [{name: Build, actions: [...]}]`")
	if n := values["stages"]; n != nil {
		p.Stages = r.stages(n, p.Environments)
	}
	r.checkArtifacts()
	return p
}

// unwrap returns the pipeline inside the envelope {"pipeline": ..., "metadata":
// ...} that AWS prints, or nil if the file has none.
func unwrap(root *node) *node {
	if root.kind != kindMap || root.has("stages") {
		return nil
	}
	for _, f := range root.fields {
		if f.key == "pipeline" && f.value.kind == kindMap {
			return f.value
		}
	}
	return nil
}

func (r *reader) pipelineName(root, n *node) string {
	if n != nil {
		r.named = n.at
		name, _ := r.word(n, nameCharacters, maxName)
		return name
	}
	name := defaultName(r.name)
	if !root.has("name") && (!only(name, nameCharacters) || len(name) > maxName) {
		r.add(root.at, "name", "write a `name`", "name: missing, and the file's own name %s cannot be one", quote(name))
	}
	return name
}

func (r *reader) executionMode(n *node) {
	mode, ok := r.enum(n, "superseded", "queued", "parallel")
	if ok && mode != "superseded" {
		r.bad(n, "write `superseded`, or leave it out", "%s: not supported in this version", mode)
	}
}

// stages reads the list of stages.
func (r *reader) stages(n *node, environments []pipeline.Environment) []pipeline.Stage {
	var stages []pipeline.Stage
	lines := map[string]int{}
	for i, item := range r.elements(n, 1, maxStages, "write `- name: Build` and its `actions`") {
		s := r.stage(item, i, environments)
		if s.Name != "" {
			r.unique(item, lines, s.Name, "a stage")
		}
		stages = append(stages, s)
	}
	return stages
}

// unique reports a name that an earlier sibling has.
func (r *reader) unique(item *node, lines map[string]int, name, what string) {
	for _, f := range item.fields {
		if f.key != "name" {
			continue
		}
		if first, twice := lines[name]; twice {
			r.bad(f.value, "", "%s is the name of %s in line %d already", quote(name), what, first)
			return
		}
		lines[name] = f.at.line
	}
}

// stage reads one stage.
func (r *reader) stage(n *node, index int, environments []pipeline.Environment) pipeline.Stage {
	g := stageGrammar()
	if r.o.Local {
		g = g.accepting("environment")
	}
	var s pipeline.Stage
	values := r.object(n, g)
	if values == nil {
		return s
	}
	r.missing(n, "name", "")
	if v := values["name"]; v != nil {
		s.Name, _ = r.word(v, nameCharacters, maxName)
	}
	if v := values["environment"]; v != nil {
		s.Environment, s.Approval = r.stageEnvironment(v, environments)
	}
	r.missing(n, "actions", "write `actions: [{name: test, provider: Commands, commands: [...]}]`")
	v := values["actions"]
	if v == nil {
		return s
	}
	lines := map[string]int{}
	for _, item := range r.elements(v, 1, maxActions, "write `- name: test`, its `provider` and `commands`") {
		if r.actions++; r.actions == maxPipelineActions+1 {
			r.bad(item, "", "the pipeline has more than %d actions", maxPipelineActions)
		}
		a := r.action(item, place{stage: index, stageName: s.Name})
		if a.Name != "" {
			r.unique(item, lines, a.Name, "an action of this stage")
		}
		s.Actions = append(s.Actions, a)
	}
	return s
}
