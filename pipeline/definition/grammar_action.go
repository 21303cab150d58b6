package definition

import (
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

func actionGrammar() grammar {
	return grammar{
		id: "action", what: "an action",
		about: "One piece of work of a provider. Values of `configuration`, `commands` and `environmentVariables` may have [references](#references).",
		keys: []key{
			{name: "name", form: wordForm(nameCharacters, maxName), required: true, about: "Its own in the stage."},
			{name: "provider", form: textForm(maxName), about: "Who does the work: see [providers](#providers). Category and owner follow from it."},
			{name: "actionTypeId", form: tableForm("actionTypeId"), about: "AWS's form of `provider`."},
			{name: "runOrder", form: numberForm(1, 999), about: "Actions with the same number start together; a greater one waits until all smaller ones have succeeded. Left out: 1."},
			{name: "runIf", form: textForm(condition.MaxExpression), about: "The action is skipped unless this is true. " + aboutExpression},
			{name: "skipIf", form: textForm(condition.MaxExpression), about: "The action is skipped if this is true. " + aboutExpression},
			{name: "commands", form: listForm(textForm(maxCommand), 1, maxCommands), about: "Of `Commands`: a shell runs them one after the other until one fails."},
			{name: "configuration", form: mapForm(textForm(maxConfigurationValue)), about: "What the provider needs."},
			{name: "environmentVariables", form: environmentForm(), about: "For the commands."},
			{name: "secrets", form: listForm(textForm(pipeline.MaxSecretName), 1, maxSecrets), about: "Names of secrets of the operator, which the commands find as environment variables."},
			{name: "connection", form: textForm(100), about: "The name of a connection of the operator: the credentials that the action works with."},
			{name: "inputArtifacts", form: artifactsForm(), about: "What the action works with. The first is its working folder. Left out: a fresh checkout of the commit."},
			{name: "outputArtifacts", form: listForm(either(wordForm(artifactCharacters, maxName), tableForm("outputArtifact")), 0, maxArtifacts), about: "What the action leaves behind for later ones."},
			{name: "outputVariables", form: listForm(patternForm("name", `^[A-Za-z_][A-Za-z0-9_]*$`, maxVariableName), 1, maxOutputVariables), about: "Names of shell variables of the commands, for `#{namespace.NAME}` in later actions."},
			{name: "namespace", form: wordForm(variableCharacters, maxName), about: "The name of the action's variables in references. Its own in the pipeline."},
			{name: "checkout", form: boolForm(), about: "`false`: an action without input artifacts begins in an empty folder."},
			{name: "approval", form: tableForm("approval"), about: "Of `Manual`."},
			{name: "timeout", form: durationForm(), about: "When the action fails if it is not over. Left out: the provider decides."},
			{name: "timeoutInMinutes", form: numberForm(1, int(maxTimeout.Minutes())), about: "AWS's form of `timeout`."},
			{name: "region", form: patternForm("region", `^[a-z0-9-]{4,30}$`, 30), about: "Accepted from AWS, without effect: the connection knows the region."},
			{name: "roleArn", form: textForm(1024), about: "Accepted from AWS, without effect: the connection knows the role."},
		},
		refused: map[string]string{
			"environment": "write it in the stage; for variables of the commands, write `environmentVariables`",
			"category":    "it follows from the provider; write `actionTypeId` to choose",
			"owner":       "it follows from the provider; write `actionTypeId` to choose",
			"version":     "it follows from the provider; write `actionTypeId` to choose",
		},
		foreign: map[string]string{
			"run":       "write `commands: [...]`",
			"script":    "write `commands: [...]`",
			"command":   "write `commands: [...]`",
			"env":       "write `environmentVariables`",
			"uses":      "write `provider`",
			"with":      "write `configuration`",
			"type":      "write `provider`",
			"needs":     "write `runOrder`: actions with the same number run together",
			"dependsOn": "write `runOrder`: actions with the same number run together",
			"if":        "write `runIf`",
			"when":      "write `runIf`",
			"unless":    "write `skipIf`",
			"artifacts": "write `inputArtifacts` and `outputArtifacts`",
			"inputs":    "write `inputArtifacts`",
			"outputs":   "write `outputArtifacts` or `outputVariables`",
			"image":     "commands run on the server's own system in this version",
			"retry":     "write `onFailure: {result: RETRY}` in the stage",
		},
	}
}

func actionTypeGrammar() grammar {
	return grammar{
		id: "actionTypeId", what: "an action type",
		about: "AWS's form of an action's provider. It is needed where a provider has several categories.",
		keys: []key{
			{name: "category", form: enumForm(categories()...), required: true, about: "The sort of the action."},
			{name: "owner", form: textForm(20), about: "Follows from the provider."},
			{name: "provider", form: textForm(maxName), required: true, about: "Who does the work."},
			{name: "version", form: textForm(9), about: "Follows from the provider."},
		},
	}
}

func variableGrammar() grammar {
	return grammar{
		id: "environmentVariable", what: "an environment variable",
		about: "AWS's form of a variable for commands.",
		keys: []key{
			{name: "name", form: patternForm("name", `^[A-Za-z_][A-Za-z0-9_]*$`, maxVariableName), required: true, about: "Its name."},
			{name: "value", form: emptyForm(maxVariableValue), required: true, about: "Its value."},
			{name: "type", form: enumForm("PLAINTEXT", "SECRETS_MANAGER"), about: "With `SECRETS_MANAGER` the value is that of the operator's secret of the same name. Left out: `PLAINTEXT`."},
		},
		foreign: map[string]string{"valueFrom": "name the operator's secret in `secrets`", "default": "write `value`"},
	}
}

func inputArtifactGrammar() grammar {
	return grammar{
		id: "inputArtifact", what: "an input artifact",
		about: "AWS's form of an artifact's name.",
		keys:  []key{{name: "name", form: wordForm(artifactCharacters, maxName), required: true, about: "Of an output of an earlier action, or `source`: the commit."}},
	}
}

func outputArtifactGrammar() grammar {
	return grammar{
		id: "outputArtifact", what: "an output artifact",
		about: "A bundle of files for later actions.",
		keys: []key{
			{name: "name", form: wordForm(artifactCharacters, maxName), required: true, about: "Its own in the pipeline."},
			{name: "files", form: listForm(textForm(maxOutputFile), 1, maxOutputFiles), about: "Of `Commands`: patterns of files in the working folder. Left out: the whole folder."},
		},
		foreign: map[string]string{"path": "write `files: [...]`", "paths": "write `files: [...]`"},
	}
}

func checkoutGrammar() grammar {
	return grammar{
		id: "checkout", what: "checkout",
		refused: map[string]string{"depth": "", "submodules": "", "lfs": "", "tags": ""},
	}
}

// artifactsForm is a list of names, or of maps with a name.
func artifactsForm() form {
	f := listForm(either(wordForm(artifactCharacters, maxName), tableForm("inputArtifact")), 0, maxArtifacts)
	f.word = "list of names"
	return f
}

// environmentForm is a map of variables, or AWS's list.
func environmentForm() form {
	return either(mapForm(emptyForm(maxVariableValue)), listForm(tableForm("environmentVariable"), 1, maxVariables))
}

// categories are the words of actionTypeId.
func categories() []string {
	return []string{"Source", "Build", "Test", "Deploy", "Approval", "Invoke", "Compute"}
}
