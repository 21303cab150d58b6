package definition

import "github.com/penstock-cd/penstock/pipeline/condition"

const aboutExpression = "An expression in CEL: see [expressions](#expressions)."

func stageGrammar() grammar {
	return grammar{
		id: "stage", what: "a stage",
		about: "It holds one run at a time of a branch, tag or pull request.",
		keys: []key{
			{name: "name", form: wordForm(nameCharacters, maxName), required: true, about: "Its own in the pipeline."},
			{name: "environment", form: wordForm(nameCharacters, maxName), about: "The [environment](#environment) that it deploys to. It holds one run at a time, whatever its pipeline."},
			{name: "runIf", form: textForm(condition.MaxExpression), about: "The stage is skipped unless this is true. " + aboutExpression},
			{name: "skipIf", form: textForm(condition.MaxExpression), about: "The stage is skipped if this is true. " + aboutExpression},
			{name: "beforeEntry", form: tableForm("conditions"), about: "Rules that are asked before the first action starts. Results: `FAIL`, `SKIP`."},
			{name: "actions", form: listForm(tableForm("action"), 1, maxActions), required: true, about: "Those with the same `runOrder` start together."},
			{name: "onSuccess", form: tableForm("conditions"), about: "Rules that are asked once every action has succeeded. Results: `FAIL`, `ROLLBACK`."},
			{name: "onFailure", form: tableForm("onFailure"), about: "What follows when an action has failed."},
			{name: "blockers", form: listForm(tableForm("blocker"), 0, 100), about: "Accepted from AWS, without effect."},
		},
		refused: map[string]string{"supersedeAtGate": ""},
		foreign: map[string]string{
			"approval":  "write it in the environment that the stage names, or in an action with `provider: Manual`",
			"steps":     "write `actions`",
			"jobs":      "write `actions`",
			"dependsOn": "stages run in the order of the file",
			"needs":     "stages run in the order of the file",
			"if":        "write `runIf`",
			"when":      "write `runIf`",
			"unless":    "write `skipIf`",
			"commands":  "write `actions`, each with `commands`",
			"onError":   "write `onFailure`",
		},
	}
}

func blockerGrammar() grammar {
	return grammar{
		id: "blocker", what: "a blocker",
		about: "Reserved by AWS. Has no effect.",
		keys: []key{
			{name: "name", form: textForm(maxName), required: true, about: "Its name."},
			{name: "type", form: enumForm("Schedule"), required: true, about: "The only one there is."},
		},
	}
}

// conditionsGrammar is beforeEntry and onSuccess: AWS's list of one condition, or
// that condition itself.
func conditionsGrammar() grammar {
	return grammar{
		id: "conditions", what: "conditions",
		about: "Rules, all of which must succeed, and what follows if one does not. AWS writes them in a list `conditions` with one entry.",
		keys: []key{
			{name: "result", form: enumForm("FAIL", "SKIP", "ROLLBACK"), about: "What follows if a rule fails. Left out: `FAIL`."},
			{name: "rules", form: listForm(tableForm("rule"), 1, maxRules), about: "They start together."},
			{name: "conditions", form: listForm(tableForm("condition"), 1, 1), about: "AWS's form: one condition with its `result` and `rules`."},
		},
		foreign: map[string]string{"commands": "write `rules: [{name: check, provider: Commands, commands: [...]}]`"},
	}
}

func conditionGrammar() grammar {
	return grammar{
		id: "condition", what: "a condition",
		about: "An entry of AWS's list `conditions`.",
		keys: []key{
			{name: "result", form: enumForm("FAIL", "SKIP", "ROLLBACK"), about: "What follows if a rule fails."},
			{name: "rules", form: listForm(tableForm("rule"), 1, maxRules), required: true, about: "They start together."},
		},
	}
}

func onFailureGrammar() grammar {
	return grammar{
		id: "onFailure", what: "onFailure",
		about: "What follows when an action of the stage has failed: an automatic retry, once; a rollback to the last success; or a rollback if a rule fails.",
		keys: []key{
			{name: "result", form: enumForm("RETRY", "ROLLBACK"), about: "What follows. With rules it is `ROLLBACK`, and follows if one of them fails."},
			{name: "retryConfiguration", form: tableForm("retryConfiguration"), about: "How much runs again. Only with `RETRY`."},
			{name: "rules", form: listForm(tableForm("rule"), 1, maxRules), about: "They start together."},
			{name: "conditions", form: listForm(tableForm("condition"), 1, 1), about: "AWS's form: one condition with its `result` and `rules`."},
		},
	}
}

func retryConfigurationGrammar() grammar {
	return grammar{
		id: "retryConfiguration", what: "a retry configuration",
		keys: []key{
			{name: "retryMode", form: enumForm("FAILED_ACTIONS", "ALL_ACTIONS"), about: "Left out: `FAILED_ACTIONS`."},
		},
	}
}

func ruleGrammar() grammar {
	return grammar{
		id: "rule", what: "a rule",
		about: "One check of a condition.",
		keys: []key{
			{name: "name", form: wordForm(nameCharacters, maxName), required: true, about: "Its own in the condition."},
			{name: "provider", form: textForm(maxName), about: "What checks: see [rules](#rules)."},
			{name: "ruleTypeId", form: tableForm("ruleTypeId"), about: "AWS's form of `provider`."},
			{name: "configuration", form: mapForm(textForm(maxConfigurationValue)), about: "What the provider needs. Values may have references."},
			{name: "commands", form: listForm(textForm(maxCommand), 1, maxCommands), about: "Of `Commands`: all must exit with 0."},
			{name: "inputArtifacts", form: artifactsForm(), about: "As of an action."},
			{name: "environmentVariables", form: environmentForm(), about: "Of `Commands`: as of an action."},
			{name: "secrets", form: listForm(textForm(100), 1, maxSecrets), about: "Of `Commands`: as of an action."},
			{name: "connection", form: textForm(100), about: "As of an action."},
			{name: "timeout", form: durationForm(), about: "When the rule fails if it has no answer. Left out: 1h."},
			{name: "timeoutInMinutes", form: numberForm(1, int(maxTimeout.Minutes())), about: "AWS's form of `timeout`."},
			{name: "roleArn", form: textForm(1024), about: "Accepted from AWS, without effect."},
			{name: "region", form: textForm(30), about: "Accepted from AWS, without effect."},
		},
		foreign: map[string]string{"type": "write `provider`", "with": "write `configuration`", "run": "write `provider: Commands` and `commands`"},
	}
}

func ruleTypeGrammar() grammar {
	return grammar{
		id: "ruleTypeId", what: "a rule type",
		about: "AWS's form of a rule's provider.",
		keys: []key{
			{name: "category", form: enumForm("Rule"), about: "The only one there is."},
			{name: "owner", form: textForm(20), about: "Follows from the provider."},
			{name: "provider", form: textForm(maxName), required: true, about: "What checks."},
			{name: "version", form: textForm(9), about: "Follows from the provider."},
		},
	}
}
