package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// planOptions is the change that `penstock plan` looks ahead at.
type planOptions struct {
	event, action, ref, tag, base, message, actor string
	labels, files, variables                      []string
	draft                                         bool
	defaultBranch                                 string
	remote
}

// newPlanCommand makes `penstock plan`: what a change would run, and why not.
func newPlanCommand(catalog definition.Catalog) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what a change would run, and why not",
		Long: `Show what a change would run: for each pipeline of this repository whether it starts,
and if not which of its filters does not fit; if so, with which variables, and stage by
stage its expressions, conditions, environment, gates and actions.

The files are those of the working tree, and so are the answers: nothing is run, and no
server is asked; one reads the rules of environments from the default branch. What is not said is taken from git: the branch that is checked out, the
last commit's message and author, and the files that differ from --base (of a pull
request) or from the commit before.

Exit codes: 0 something would start; 1 nothing would; 2 a file has mistakes, or usage.`,
		Example: "  penstock plan\n  penstock plan --event pull_request --base main --label deploy\n  penstock plan --event push --tag v1.2.0 -o json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.run(c.Context(), catalog, c.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.event, "event", "push", "what happens: push, pull_request, merge_group, schedule or manual")
	f.StringVar(&o.action, "action", "opened", "of a pull request: opened, updated or closed")
	f.StringVar(&o.ref, "ref", "", "the `BRANCH` (default: that of the working tree)")
	f.StringVar(&o.tag, "tag", "", "the `TAG` that is pushed, instead of a branch")
	f.StringVar(&o.base, "base", "", "the `BRANCH` that a pull request or merge group is bound for (default: the default branch)")
	f.StringVar(&o.defaultBranch, "default-branch", "", "the repository's default `BRANCH` (default: what origin says, or main)")
	f.StringVar(&o.message, "message", "", "the commit's `MESSAGE`")
	f.StringVar(&o.actor, "actor", "", "the `LOGIN` of whoever does it")
	f.StringArrayVar(&o.labels, "label", nil, "a `LABEL` of the pull request")
	f.BoolVar(&o.draft, "draft", false, "the pull request is a draft")
	f.StringArrayVar(&o.files, "changed", nil, "a `PATH` that changes (default: what git says)")
	f.StringArrayVar(&o.variables, "var", nil, "a pipeline variable, `NAME=VALUE`")
	f.StringVarP(&o.output, "output", "o", "table", "`format` of the output: table, json or yaml")
	return cmd
}

// plan is what would become of a change.
type plan struct {
	Event     string         `json:"event"`
	Ref       string         `json:"ref"`
	Pipelines []pipelinePlan `json:"pipelines"`
}

type pipelinePlan struct {
	Name      string            `json:"name"`
	File      string            `json:"file"`
	Starts    bool              `json:"starts"`
	Why       string            `json:"why,omitempty"` // it does not
	Lane      string            `json:"lane,omitempty"`
	Mode      string            `json:"executionMode,omitempty"`
	Variables map[string]string `json:"variables,omitempty"`
	Stages    []stagePlan       `json:"stages,omitempty"`
}

type stagePlan struct {
	Name        string       `json:"name"`
	Runs        string       `json:"runs"` // yes, no or unknown
	Why         string       `json:"why,omitempty"`
	Environment string       `json:"environment,omitempty"`
	Gate        []string     `json:"gate,omitempty"`   // what the environment asks people for
	Frozen      string       `json:"frozen,omitempty"` // why nothing goes out now
	BeforeEntry []string     `json:"beforeEntry,omitempty"`
	Actions     []actionPlan `json:"actions"`
	OnSuccess   []string     `json:"onSuccess,omitempty"`
	OnFailure   []string     `json:"onFailure,omitempty"`
}

type actionPlan struct {
	Name     string `json:"name"`
	Provider string `json:"provider"`
	RunOrder int    `json:"runOrder"`
	Runs     string `json:"runs"`
	Why      string `json:"why,omitempty"`
	Gate     string `json:"gate,omitempty"` // what it asks people for
}

func (o *planOptions) run(ctx context.Context, catalog definition.Catalog, out io.Writer) error {
	change, run, err := o.change(ctx)
	if err != nil {
		return err
	}
	root, err := workTree(ctx)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	pipelines, err := o.read(root, catalog, change.DefaultBranch)
	if err != nil {
		return err
	}
	given, err := pairs(o.variables)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	answer := plan{Event: o.event, Ref: run.Revision.Ref}
	places := placesOf(pipelines, change, run)
	starts := false
	for _, p := range pipelines {
		one := planOf(p, places, change, run, given, o.message)
		starts = starts || one.Starts
		answer.Pipelines = append(answer.Pipelines, one)
	}
	if err := o.print(out, answer, func(out io.Writer) error { return answer.table(out) }); err != nil {
		return err
	}
	if !starts {
		return &exitError{code: exitFailed}
	}
	return nil
}

// read reads every pipeline file of the tree.
func (o *planOptions) read(root string, catalog definition.Catalog, defaultBranch string) ([]*pipeline.Pipeline, error) {
	names, err := pipelineFiles(root)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, &exitError{exitUsage, fmt.Errorf("%s has no pipeline file: write .penstock.yml, or say 'penstock init'", root)}
	}
	var files []definition.File
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		files = append(files, definition.File{Path: name, Content: content})
	}
	pipelines, problems := definition.ReadAll(files, definition.Options{Catalog: catalog, DefaultBranch: defaultBranch})
	if problems.HasErrors() {
		return nil, &exitError{exitUsage, errors.New("the pipeline files have mistakes; 'penstock validate' shows them")}
	}
	return pipelines, nil
}

// planOf judges one pipeline.
func planOf(p *pipeline.Pipeline, places places, change definition.Change, run pipeline.Execution, given map[string]string, message string) pipelinePlan {
	one := pipelinePlan{Name: p.Name, File: p.File}
	starts, why, err := definition.Judge(p.Triggers, change)
	switch {
	case err != nil:
		why = err.Error()
	case change.Kind == pipeline.TriggerManual:
		starts = true
	case change.Kind == pipeline.TriggerSchedule:
		if starts = len(p.Triggers.Schedule) > 0; !starts {
			why = "it has no schedule"
		}
	case starts && change.Tag == "" && change.Kind != pipeline.TriggerMergeGroup:
		if word := definition.SkipWord(message); word != "" {
			starts, why = false, word+" in the commit's message"
		}
	}
	if !starts {
		one.Why = why
		return one
	}
	values, err := p.ResolveVariables(given)
	if err != nil {
		one.Why = err.Error()
		return one
	}
	run.Variables, run.Pipeline = values, p.Name
	one.Starts, one.Lane, one.Mode, one.Variables = true, run.Lane.String(), strings.ToLower(string(p.Mode())), values
	for i := range p.Stages {
		one.Stages = append(one.Stages, planStage(&p.Stages[i], places, run))
	}
	return one
}

func planStage(s *pipeline.Stage, places places, run pipeline.Execution) stagePlan {
	v := stagePlan{Name: s.Name, Environment: s.Environment}
	v.Runs, v.Why = wouldRun(s.When, run, s.Name)
	places.plan(&v, run)
	v.BeforeEntry = rulePlans(s.BeforeEntry)
	v.OnSuccess = rulePlans(s.OnSuccess)
	if f := s.OnFailure; f != nil {
		if f.Result != "" {
			v.OnFailure = append(v.OnFailure, strings.ToLower(string(f.Result)))
		}
		v.OnFailure = append(v.OnFailure, rulePlans(f.Condition)...)
	}
	for i := range s.Actions {
		a := &s.Actions[i]
		av := actionPlan{Name: a.Name, Provider: a.Type.Provider, RunOrder: a.RunOrder}
		av.Runs, av.Why = wouldRun(a.When, run, s.Name)
		if a.IsApproval() {
			av.Gate = places.asks(a.Approval)
		}
		v.Actions = append(v.Actions, av)
	}
	slices.SortStableFunc(v.Actions, func(a, b actionPlan) int { return a.RunOrder - b.RunOrder })
	return v
}

func rulePlans(c *pipeline.Condition) []string {
	if c == nil {
		return nil
	}
	var lines []string
	for _, rule := range c.Rules {
		lines = append(lines, fmt.Sprintf("%s %s, or %s", rule.Type.Provider, rule.Name, strings.ToLower(string(c.Result))))
	}
	return lines
}

// wouldRun evaluates an expression over what is known of the change.
func wouldRun(w pipeline.When, run pipeline.Execution, stage string) (runs, why string) {
	text, name := w.RunIf, "runIf"
	if w.SkipIf != "" {
		text, name = w.SkipIf, "skipIf"
	}
	if text == "" {
		return "yes", ""
	}
	why = name + ": " + text
	expression, err := condition.Compile(text)
	if err != nil {
		return "unknown", err.Error()
	}
	yes, err := expression.Eval(condition.FactsOf(&run, stage))
	switch {
	case err != nil:
		return "unknown", name + ": " + err.Error()
	case yes == (name == "runIf"):
		return "yes", why
	}
	return "no", why
}
