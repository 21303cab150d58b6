package machine_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// parsePipeline reads the few words that scenarios need:
//
//	mode QUEUED|PARALLEL
//	cancelInProgress
//	variable NAME [DEFAULT]
//	stage NAME [environment=NAME [nogate] [timeout=D] [required=N]] [runIf=X]
//	  beforeEntry FAIL|SKIP RULE...
//	  onSuccess FAIL|ROLLBACK RULE...
//	  onFailure ROLLBACK [RULE...]
//	  onFailure RETRY [ALL_ACTIONS]
//	  action NAME [order=N] [runIf=X]
//	  manual NAME [order=N] [timeout=D] [required=N] [runIf=X]
func parsePipeline(t *testing.T, body string) *pipeline.Pipeline {
	t.Helper()
	p := &pipeline.Pipeline{V: 1, Name: "release", ExecutionMode: pipeline.ModeSuperseded}
	for _, line := range strings.Split(body, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		args, options := words(fields[1:])
		rules := pipeline.Policy{Required: max(1, number(options["required"]))}
		rules.Timeout, _ = time.ParseDuration(options["timeout"])
		var stage *pipeline.Stage
		if len(p.Stages) > 0 {
			stage = &p.Stages[len(p.Stages)-1]
		}
		switch fields[0] {
		case "mode":
			p.ExecutionMode = pipeline.ExecutionMode(args[0])
		case "cancelInProgress":
			yes := true
			p.CancelInProgress = &yes
		case "variable":
			v := pipeline.Variable{Name: args[0], HasDefault: len(args) > 1}
			if v.HasDefault {
				v.Default = args[1]
			}
			p.Variables = append(p.Variables, v)
		case "stage":
			stage := pipeline.Stage{Name: args[0], Environment: options["environment"]}
			stage.When.RunIf = options["runIf"]
			if stage.Environment != "" {
				p.Environments = append(p.Environments, environment(stage.Environment, len(args) == 1, rules))
			}
			p.Stages = append(p.Stages, stage)
		case "beforeEntry":
			stage.BeforeEntry = condition(args)
		case "onSuccess":
			stage.OnSuccess = condition(args)
		case "onFailure":
			stage.OnFailure = onFailure(args)
		case "action", "manual":
			a := pipeline.Action{Name: args[0], RunOrder: max(1, number(options["order"]))}
			a.When.RunIf = options["runIf"]
			a.Type = pipeline.ActionType{Category: pipeline.CategoryBuild, Owner: "AWS", Provider: "Commands", Version: "1"}
			if fields[0] == "manual" {
				a.Type.Category, a.Type.Provider, a.Approval = pipeline.CategoryApproval, "Manual", &rules
			}
			stage.Actions = append(stage.Actions, a)
		default:
			t.Fatalf("pipeline: %q", line)
		}
	}
	return p
}

func environment(name string, gated bool, rules pipeline.Policy) pipeline.Environment {
	e := pipeline.Environment{Name: name}
	if gated {
		e.Approval = &rules
	}
	return e
}

func condition(args []string) *pipeline.Condition {
	c := &pipeline.Condition{Result: pipeline.ConditionResult(args[0])}
	for _, name := range args[1:] {
		c.Rules = append(c.Rules, pipeline.Action{Name: name, RunOrder: 1,
			Type: pipeline.ActionType{Category: pipeline.CategoryRule, Owner: "AWS", Provider: "Commands", Version: "1"}})
	}
	return c
}

func onFailure(args []string) *pipeline.FailureCondition {
	f := &pipeline.FailureCondition{Result: pipeline.ConditionResult(args[0])}
	switch {
	case f.Result == pipeline.ResultRetry && len(args) > 1:
		f.RetryMode = pipeline.RetryMode(args[1])
	case f.Result == pipeline.ResultRollback && len(args) > 1:
		f.Result, f.Condition = "", condition(args)
	}
	return f
}

// words parts what has a name from what has none.
func words(fields []string) (args []string, options map[string]string) {
	options = map[string]string{}
	for _, f := range fields {
		if k, v, ok := strings.Cut(f, "="); ok {
			options[k] = v
		} else {
			args = append(args, f)
		}
	}
	return args, options
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }
