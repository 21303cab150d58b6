package definition

import (
	"strings"

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
	root = r.unwrap(root)
	values := r.object(root, pipelineGrammar())
	if values == nil {
		return nil
	}
	r.findSources(root)
	r.withoutEffect(values, "roleArn")
	p := &pipeline.Pipeline{V: Version, File: r.name, ExecutionMode: pipeline.ModeSuperseded}
	p.Name = r.nameOf(root, values["name"])
	if n := values["executionMode"]; n != nil {
		word, _ := r.enum(n, "superseded", "queued", "parallel")
		p.ExecutionMode = pipeline.ExecutionMode(strings.ToUpper(word))
	}
	r.mode = p.ExecutionMode
	p.Triggers = r.starts(root, values["triggers"])
	if n := values["cancelInProgress"]; n != nil {
		if b, ok := r.boolean(n); ok {
			p.CancelInProgress = &b
		}
	}
	if n := values["variables"]; n != nil {
		p.Variables = r.pipelineVariables(n)
		r.checkStarts(n, p)
	}
	if n := values["environments"]; n != nil {
		p.Environments = r.environments(n)
	}
	r.missing(root, "stages", "write `stages: [{name: Build, actions: [...]}]`")
	if n := values["stages"]; n != nil {
		p.Stages = r.stages(n)
		if r.o.Local {
			localEnvironments(p)
		}
		r.checkSources(root)
	}
	if r.sources.n != nil {
		source := r.sources.commit
		p.Source = &source
	}
	r.awsOnly(root, values)
	r.checkArtifacts()
	r.checkReferences(p.Variables)
	return p
}

// starts reads the triggers. Left out, in AWS's form they are what the source
// action says.
func (r *reader) starts(root, n *node) pipeline.Triggers {
	if n != nil || len(r.sources.actions) == 0 {
		return r.triggers(n)
	}
	var t pipeline.Triggers
	if r.sources.n != nil && r.sources.detects {
		t.Push = []pipeline.PushFilter{{Branches: r.sources.branch()}}
	}
	return t
}

// unwrap returns the pipeline inside the envelope {"pipeline": ..., "metadata":
// ...} that AWS prints, or the root itself if it has none.
func (r *reader) unwrap(root *node) *node {
	inside, wrapped := wrappedPipeline(root)
	if !wrapped {
		return root
	}
	values := r.object(root, envelopeGrammar())
	if parts := strings.SplitN(values["metadata"].textOf("pipelineArn"), ":", 5); len(parts) == 5 {
		r.region = parts[3]
	}
	return inside
}

// wrappedPipeline returns the pipeline inside of an envelope, and whether there is one.
func wrappedPipeline(root *node) (*node, bool) {
	inside := root.get("pipeline")
	return inside, inside != nil && inside.kind == kindMap && !root.has("stages")
}

func (r *reader) nameOf(root, n *node) string {
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
