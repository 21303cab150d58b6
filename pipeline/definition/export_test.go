package definition

// Grammar is what a table of keys says, for the test that every key is either
// built or refused by name.
type Grammar struct {
	Built   []string
	Refused map[string]string
	Foreign map[string]string
}

// Grammars returns every table by a word for its place.
func Grammars() map[string]Grammar {
	tables := map[string]grammar{
		"pipeline": pipelineGrammar(), "triggers": triggersGrammar(), "push": pushGrammar(),
		"pullRequest": pullRequestGrammar(), "filter": filterGrammar(), "stage": stageGrammar(),
		"action": actionGrammar(), "actionTypeId": actionTypeGrammar(), "environmentVariable": variableGrammar(), "variable": pipelineVariableGrammar(),
		"mergeGroup": mergeGroupGrammar(), "schedule": scheduleGrammar(), "trigger": awsTriggerGrammar(), "gitConfiguration": gitConfigurationGrammar(),
		"conditions": conditionsGrammar(), "condition": conditionGrammar(), "onFailure": onFailureGrammar(), "retryConfiguration": retryConfigurationGrammar(),
		"rule": ruleGrammar(), "ruleTypeId": ruleTypeGrammar(), "blocker": blockerGrammar(), "artifactStore": artifactStoreGrammar(), "encryptionKey": encryptionKeyGrammar(),

		"input": inputArtifactGrammar(), "output": outputArtifactGrammar(), "checkout": checkoutGrammar(),
		"approval": approvalGrammar(), "manual": manualGrammar(), "environment": environmentGrammar(),
		"requirement": requirementGrammar(), "who": whoGrammar(), "when": whenGrammar(), "escalate": escalateGrammar(), "freeze": freezeGrammar(),
	}
	exported := map[string]Grammar{}
	for name, g := range tables {
		exported[name] = Grammar{g.names(), g.refused, g.foreign}
	}
	return exported
}
