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
		"action": actionGrammar(), "actionTypeId": actionTypeGrammar(), "variable": variableGrammar(),
		"input": inputArtifactGrammar(), "output": outputArtifactGrammar(), "checkout": checkoutGrammar(),
		"approval": approvalGrammar(), "manual": manualGrammar(), "environment": environmentGrammar(),
	}
	exported := map[string]Grammar{}
	for name, g := range tables {
		exported[name] = Grammar{g.built, g.refused, g.foreign}
	}
	return exported
}
