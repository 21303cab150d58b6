package definition

import (
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// sources are the Source actions of a file in AWS's form, found before the rest
// is read: one of them stands for the commit that started the run.
type sources struct {
	actions map[string]string // name to provider
	commit  pipeline.Source   // Action is empty if there is none
	n       *node             // that action
	detects bool              // it starts the pipeline by itself
}

func (s sources) isCommit(n *node) bool { return s.n != nil && s.n == n }

func (s sources) names() []string {
	var names []string
	for name := range s.actions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// branch is the filter of the branch that the action names.
func (s sources) branch() *pipeline.Filter {
	if s.commit.Branch == "" {
		return nil
	}
	return &pipeline.Filter{Includes: []string{literal(s.commit.Branch)}}
}

// candidate is one git source.
type candidate struct {
	n                                  *node
	stage, action                      string
	repository, branch, detect, output string
	namespace                          string
}

// findSources looks for Source actions. It reports only which of several is meant;
// what is wrong with them is told when they are read.
func (r *reader) findSources(root *node) {
	r.sources.actions = map[string]string{}
	stages := root.get("stages")
	if stages == nil || stages.kind != kindList || len(stages.items) > maxStages {
		return
	}
	var found []candidate
	for _, stage := range stages.items {
		actions := stage.get("actions")
		if actions == nil {
			continue
		}
		for _, action := range actions.items {
			provider, isSource := r.sourceProvider(action)
			if !isSource {
				continue
			}
			c := candidate{n: action, stage: stage.textOf("name"), action: action.textOf("name"), namespace: action.textOf("namespace")}
			if c.action == "" {
				continue
			}
			r.sources.actions[c.action] = provider
			configuration := action.get("configuration")
			switch provider {
			case "CodeStarSourceConnection":
				c.repository, c.branch, c.detect = configuration.textOf("FullRepositoryId"), configuration.textOf("BranchName"), configuration.textOf("DetectChanges")
			case "GitHub":
				c.repository, c.branch = configuration.textOf("Owner")+"/"+configuration.textOf("Repo"), configuration.textOf("Branch")
			case "CodeCommit":
				c.repository, c.branch = configuration.textOf("RepositoryName"), configuration.textOf("BranchName")
			default:
				continue
			}
			if outputs := action.get("outputArtifacts"); outputs != nil && len(outputs.items) > 0 {
				if c.output = outputs.items[0].textOf("name"); outputs.items[0].kind == kindText {
					c.output = outputs.items[0].text
				}
			}
			found = append(found, c)
		}
	}
	if c, ok := r.chooseSource(found); ok {
		r.sources.n = c.n
		r.sources.commit = pipeline.Source{Stage: c.stage, Action: c.action, Artifact: c.output, Namespace: c.namespace, Branch: c.branch}
		r.sources.detects = !strings.EqualFold(c.detect, "false")
	}
}

// chooseSource finds the source that is this repository: the only one, or the one
// that names it.
func (r *reader) chooseSource(found []candidate) (candidate, bool) {
	if len(found) < 2 {
		return slices.Concat(found, []candidate{{}})[0], len(found) == 1
	}
	if r.o.Repository == "" {
		r.note(SeverityWarning, found[0].n.at, found[0].n.path(), "",
			"there are several git sources; which of them is this repository is known on the server, and here it is taken to be %s", quote(found[0].action))
		return found[0], true
	}
	_, name, _ := strings.Cut(r.o.Repository, "/")
	var chosen []candidate
	for _, c := range found {
		if strings.EqualFold(c.repository, r.o.Repository) || strings.EqualFold(c.repository, name) {
			chosen = append(chosen, c)
		}
	}
	switch len(chosen) {
	case 1:
		return chosen[0], true
	case 0:
		r.add(found[0].n.at, found[0].n.path(), "one of them must be the repository that this file is in",
			"none of the %d git sources names the repository %s", len(found), quote(r.o.Repository))
	default:
		r.add(chosen[1].n.at, chosen[1].n.path(), "keep one of them", "two sources are the repository %s: %s and %s",
			quote(r.o.Repository), quote(chosen[0].action), quote(chosen[1].action))
	}
	return candidate{}, false
}

// sourceProvider returns the provider of an action if it is a Source, as AWS
// spells it.
func (r *reader) sourceProvider(action *node) (string, bool) {
	name, category := action.textOf("provider"), ""
	if id := action.get("actionTypeId"); id != nil {
		name, category = id.textOf("provider"), id.textOf("category")
	}
	t, known := r.awsActionType(name, pipeline.CategorySource)
	if !known || category != "" && !strings.EqualFold(category, string(pipeline.CategorySource)) {
		return "", false
	}
	if first, _ := r.awsActionType(name, ""); category == "" && first.Categories[0] != pipeline.CategorySource {
		return "", false
	}
	return t.Name, true
}

// checkSources checks where Source actions stand: in the first stage, which has
// nothing else.
func (r *reader) checkSources(root *node) {
	stages := root.get("stages")
	if len(r.sources.actions) == 0 || stages == nil {
		return
	}
	for i, stage := range stages.items {
		actions := stage.get("actions")
		if actions == nil {
			continue
		}
		for _, action := range actions.items {
			switch _, isSource := r.sourceProvider(action); {
			case isSource && i > 0:
				r.bad(action, "move it to the first stage", "a Source action stands in another stage than the first")
			case !isSource && i == 0:
				r.bad(action, "move it to a stage of its own", "an action that is no Source stands beside one")
			}
		}
	}
	if len(stages.items) < 2 {
		r.bad(stages, "", "a pipeline with sources needs a second stage, which does something")
	}
}
