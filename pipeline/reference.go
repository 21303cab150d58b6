package pipeline

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Reference is #{namespace.key} in a pipeline file. Both parts are case-sensitive.
type Reference struct{ Namespace, Key string }

// String is the reference as it is written.
func (r Reference) String() string { return "#{" + r.Namespace + "." + r.Key + "}" }

// Namespaces that are not an action's.
const (
	NamespacePipeline  = "codepipeline" // PipelineExecutionId
	NamespaceVariables = "variables"    // of the pipeline
	NamespacePenstock  = "penstock"     // of the run: see PenstockKeys
)

// PenstockKeys are the keys of the namespace penstock.
func PenstockKeys() []string {
	return []string{"Commit", "ShortCommit", "Branch", "Tag", "PullRequest", "Actor", "Number", "Url", "Pipeline", "Repository", "Message"}
}

// references is the form of a reference. Anything else with #{ is plain text.
func references() *regexp.Regexp {
	return regexp.MustCompile(`#\{([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_-]+)\}`)
}

// References returns what a text refers to, in order.
func References(text string) []Reference {
	if !strings.Contains(text, "#{") {
		return nil
	}
	var list []Reference
	for _, m := range references().FindAllStringSubmatch(text, -1) {
		list = append(list, Reference{m[1], m[2]})
	}
	return list
}

// ReplaceReferences puts what replace returns in the place of each reference. What
// it returns is not looked at again.
func ReplaceReferences(text string, replace func(Reference) string) string {
	if !strings.Contains(text, "#{") {
		return text
	}
	form := references()
	return form.ReplaceAllStringFunc(text, func(found string) string {
		m := form.FindStringSubmatch(found)
		return replace(Reference{m[1], m[2]})
	})
}

// Lookup returns the value of a reference in a run, as far as the run has come. An
// error says why there is none; its kind is Invalid.
func (p *Pipeline) Lookup(run *Execution, r Reference) (string, error) {
	var value string
	ok := false
	switch r.Namespace {
	case NamespacePipeline:
		value, ok = run.ID, r.Key == "PipelineExecutionId"
	case NamespaceVariables:
		value, ok = run.Variables[r.Key]
	case NamespacePenstock:
		value, ok = run.fact(r.Key)
	default:
		if p.Source != nil && r.Namespace == p.Source.Namespace {
			value, ok = run.sourceFact(r.Key)
		} else {
			value, ok = p.output(run, r)
		}
	}
	if !ok {
		return "", Errorf(Invalid, "%s has no value in this run", r)
	}
	return value, nil
}

// Expand resolves every reference of a text.
func (p *Pipeline) Expand(run *Execution, text string) (string, error) {
	var missing []string
	expanded := ReplaceReferences(text, func(r Reference) string {
		value, err := p.Lookup(run, r)
		if err != nil {
			missing = append(missing, r.String())
		}
		return value
	})
	if len(missing) > 0 {
		return "", Errorf(Invalid, "%s has no value in this run", strings.Join(missing, ", "))
	}
	return expanded, nil
}

// output is an output variable of the newest success of the action with that
// namespace.
func (p *Pipeline) output(run *Execution, r Reference) (string, bool) {
	for i := range run.Stages {
		s := &run.Stages[i]
		declared := p.Stage(s.Name)
		if declared == nil {
			continue
		}
		for j := range declared.Actions {
			if declared.Actions[j].Namespace != r.Namespace {
				continue
			}
			if a := s.Latest(declared.Actions[j].Name); a != nil && a.Status == ActionSucceeded {
				value, ok := a.Variables[r.Key]
				return value, ok
			}
		}
	}
	if run.Rollback == nil {
		return "", false
	}
	value, ok := run.Rollback.Outputs[r.Namespace][r.Key]
	return value, ok
}

// fact is a key of the namespace penstock. What a run does not have is empty.
func (e *Execution) fact(key string) (string, bool) {
	switch key {
	case "Commit":
		return e.Revision.SHA, true
	case "ShortCommit":
		return e.Revision.ShortSHA(), true
	case "Branch":
		return e.Revision.Branch, true
	case "Tag":
		if e.Lane.Kind == LaneTag {
			return e.Lane.Name, true
		}
		return "", true
	case "PullRequest":
		if e.Trigger.PullRequest == 0 {
			return "", true
		}
		return strconv.Itoa(e.Trigger.PullRequest), true
	case "Actor":
		return e.Trigger.By.Login, true
	case "Number":
		return fmt.Sprint(e.Number), true
	case "Url":
		return e.Revision.WebURL, true
	case "Pipeline":
		return e.Pipeline, true
	case "Repository":
		return e.Repository.FullName(), true
	case "Message":
		return e.Revision.Message, true
	}
	return "", false
}
