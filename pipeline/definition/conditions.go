package definition

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxRules is how many rules a condition may have.
const maxRules = 5

// conditions reads beforeEntry or onSuccess, in AWS's form or ours.
func (r *reader) conditions(n *node, block pipeline.ConditionBlock, at place) *pipeline.Condition {
	values := r.object(n, conditionsGrammar())
	if values == nil {
		return nil
	}
	results := []pipeline.ConditionResult{pipeline.ResultFail, pipeline.ResultSkip}
	if block == pipeline.BlockOnSuccess {
		results = []pipeline.ConditionResult{pipeline.ResultFail, pipeline.ResultRollback}
	}
	if list := values["conditions"]; list != nil {
		for _, key := range []string{"result", "rules"} {
			if v := values[key]; v != nil {
				r.bad(v, "write it in the condition", "%s stands beside `conditions`", key)
			}
		}
		for _, item := range r.elements(list, 1, 1, "write one condition with its `result` and `rules`") {
			return r.condition(item, r.object(item, conditionGrammar()), results, at)
		}
		return nil
	}
	return r.condition(n, values, results, at)
}

// condition reads the result and the rules of one condition.
func (r *reader) condition(n *node, values map[string]*node, results []pipeline.ConditionResult, at place) *pipeline.Condition {
	if values == nil {
		return nil
	}
	c := &pipeline.Condition{Result: results[0]}
	if v := values["result"]; v != nil {
		c.Result = r.result(v, results)
	}
	r.missing(n, "rules", "write `rules: [{name: hours, provider: DeploymentWindow, configuration: {Cron: ...}}]`")
	lines := map[string]int{}
	if v := values["rules"]; v != nil {
		for _, item := range r.elements(v, 1, maxRules, "") {
			rule := r.rule(item, at)
			if rule.Name != "" {
				r.unique(item, lines, rule.Name, "a rule of this condition")
			}
			if p := rule.Type.Provider; c.Result == pipeline.ResultSkip && p != "" && p != ruleVariableCheck && p != ruleLambdaInvoke {
				r.bad(item, "write `runIf` or `skipIf` in the stage, or `result: FAIL`",
					"a condition with the result SKIP has rules of VariableCheck and LambdaInvoke only, and this is %s", p)
			}
			c.Rules = append(c.Rules, rule)
		}
	}
	return c
}

// result reads what follows if a rule fails.
func (r *reader) result(n *node, allowed []pipeline.ConditionResult) pipeline.ConditionResult {
	word, ok := r.enum(n, string(pipeline.ResultFail), string(pipeline.ResultSkip), string(pipeline.ResultRollback), string(pipeline.ResultRetry))
	result := pipeline.ConditionResult(word)
	switch {
	case !ok:
	case !slices.Contains(allowed, result):
		var words []string
		for _, a := range allowed {
			words = append(words, string(a))
		}
		r.bad(n, "write "+list(words, "or"), "%s cannot be the result here", word)
		return ""
	case result == pipeline.ResultRollback:
		r.rollback(n)
	}
	return result
}

// rollback checks that a stage can be rolled back at all.
func (r *reader) rollback(n *node) {
	switch {
	case r.mode == pipeline.ModeParallel:
		r.bad(n, "choose another `executionMode`", "a pipeline with parallel runs has no last success to roll back to")
	case n.path() != "" && r.inSourceStage(n):
		r.bad(n, "write it in a later stage", "a stage of sources cannot be rolled back")
	}
}

// inSourceStage reports whether a value stands in the stage of the sources.
func (r *reader) inSourceStage(n *node) bool {
	for ; n.parent != nil; n = n.parent {
		if n.parent.kind == kindList && n.parent.key == "stages" {
			return n.index == 0 && len(r.sources.actions) > 0
		}
	}
	return false
}

// onFailure reads what follows when a stage has failed.
func (r *reader) onFailure(n *node, at place) *pipeline.FailureCondition {
	values := r.object(n, onFailureGrammar())
	if values == nil {
		return nil
	}
	f := &pipeline.FailureCondition{}
	rollback := []pipeline.ConditionResult{pipeline.ResultRollback}
	if v := values["result"]; v != nil {
		f.Result = r.result(v, []pipeline.ConditionResult{pipeline.ResultRetry, pipeline.ResultRollback})
	}
	list, rules := values["conditions"], values["rules"]
	switch {
	case list != nil && rules != nil:
		r.bad(rules, "keep one of the two", "`rules` stands beside `conditions`")
	case list != nil:
		for _, item := range r.elements(list, 0, 1, "") {
			f.Condition = r.condition(item, r.object(item, conditionGrammar()), rollback, at)
		}
	case rules != nil:
		f.Condition = r.condition(n, map[string]*node{"rules": rules}, rollback, at)
	}
	if f.Condition != nil && f.Condition.Result == pipeline.ResultRollback && values["result"] == nil {
		r.rollback(n)
	}
	r.failureResult(n, values, f)
	return f
}

// failureResult checks how the parts of onFailure go together.
func (r *reader) failureResult(n *node, values map[string]*node, f *pipeline.FailureCondition) {
	if v := values["retryConfiguration"]; v != nil {
		if f.Result != pipeline.ResultRetry && values["result"] == nil || f.Result == pipeline.ResultRollback {
			r.bad(v, "write `result: RETRY`", "stands without the result RETRY")
		}
		if mode := r.object(v, retryConfigurationGrammar())["retryMode"]; mode != nil {
			word, _ := r.enum(mode, string(pipeline.RetryFailedActions), string(pipeline.RetryAllActions))
			f.RetryMode = pipeline.RetryMode(word)
		}
	}
	switch {
	case f.Result == pipeline.ResultRetry && f.Condition != nil:
		r.bad(values["result"], "keep the retry or the rules", "an automatic retry and rules cannot stand together")
	case f.Result == pipeline.ResultRetry && f.RetryMode == "":
		f.RetryMode = pipeline.RetryFailedActions
	case f.Condition != nil:
		f.Result = "" // the condition says it
	case f.Result == "" && values["result"] == nil && values["retryConfiguration"] == nil:
		r.bad(n, "write `result: RETRY`, or `result: ROLLBACK`", "says nothing of what follows")
	}
}
