package definition

import "github.com/penstock-cd/penstock/pipeline"

// stages reads the list of stages.
func (r *reader) stages(n *node) []pipeline.Stage {
	var stages []pipeline.Stage
	lines := map[string]int{}
	for i, item := range r.elements(n, 1, maxStages, "write `- name: Build` and its `actions`") {
		s := r.stage(item, i)
		if s.Name != "" {
			r.unique(item, lines, s.Name, "a stage")
		}
		if len(s.Actions) == 0 && r.sources.commit.Stage == s.Name && s.Name != "" {
			r.checkSourceStage(item, s)
			continue // it has no more to do than the commit itself
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

// stage reads one stage. What its source action stands for is left out.
func (r *reader) stage(n *node, index int) pipeline.Stage {
	var s pipeline.Stage
	values := r.object(n, stageGrammar())
	if values == nil {
		return s
	}
	r.missing(n, "name", "")
	if v := values["name"]; v != nil {
		s.Name, _ = r.word(v, nameCharacters, maxName)
	}
	if v := values["environment"]; v != nil {
		if name, ok := r.word(v, nameCharacters, maxName); ok {
			s.Environment = name
			r.entered = append(r.entered, v)
		}
	}
	s.When = r.when(values)
	at := place{stage: index, stageName: s.Name, runOrder: beforeActions}
	if v := values["beforeEntry"]; v != nil {
		s.BeforeEntry = r.conditions(v, pipeline.BlockBeforeEntry, at)
	}
	at.stageSkips = s.When != (pipeline.When{}) || s.BeforeEntry != nil && s.BeforeEntry.Result == pipeline.ResultSkip
	r.missing(n, "actions", "write `actions: [{name: test, provider: Commands, commands: [...]}]`")
	if v := values["actions"]; v != nil {
		s.Actions = r.stageActions(v, at)
	}
	if v := values["onFailure"]; v != nil {
		s.OnFailure = r.onFailure(v, at)
	}
	if v := values["onSuccess"]; v != nil {
		at.runOrder = afterActions
		s.OnSuccess = r.conditions(v, pipeline.BlockOnSuccess, at)
	}
	if v := values["blockers"]; v != nil {
		r.blockers(v)
	}
	return s
}

// stageActions reads the actions of a stage.
func (r *reader) stageActions(n *node, at place) []pipeline.Action {
	var actions []pipeline.Action
	lines := map[string]int{}
	for _, item := range r.elements(n, 1, maxActions, "write `- name: test`, its `provider` and `commands`") {
		if r.actions++; r.actions == maxPipelineActions+1 {
			r.bad(item, "", "the pipeline has more than %d actions", maxPipelineActions)
		}
		a := r.action(item, at)
		if a.Name != "" {
			r.unique(item, lines, a.Name, "an action of this stage")
		}
		if r.sources.isCommit(item) {
			continue
		}
		actions = append(actions, a)
	}
	return actions
}

// blockers checks what AWS has reserved.
func (r *reader) blockers(n *node) {
	for _, item := range r.elements(n, 0, 100, "") {
		values := r.object(item, blockerGrammar())
		r.missing(item, "name", "")
		r.missing(item, "type", "")
		if v := values["name"]; v != nil {
			r.line(v, maxName)
		}
		if v := values["type"]; v != nil {
			r.enum(v, "Schedule")
		}
	}
}

// checkSourceStage refuses what a stage that is only the commit cannot have.
func (r *reader) checkSourceStage(n *node, s pipeline.Stage) {
	for _, f := range n.fields {
		switch f.key {
		case "beforeEntry", "onSuccess", "runIf", "skipIf", "environment":
			r.add(f.at, n.pathOf(f.key), "move it to the next stage", "%s: the stage %s is the commit itself, which is there before the run begins", f.key, quote(s.Name))
		}
	}
}
