package definition

func approvalGrammar() grammar {
	return grammar{
		id: "approval", what: "an approval",
		about: "The rules of a gate. Everybody with write access to the repository can approve.",
		keys: []key{
			{name: "timeout", form: durationForm(), about: "When the gate expires. Left out: 7d."},
			{name: "required", form: numberForm(1, 100), about: "How many votes it takes: 1 in this version."},
		},
		refused: map[string]string{
			"allOf":               "everybody with write access to the repository can approve",
			"from":                "everybody with write access to the repository can approve",
			"when":                "",
			"preventSelfApproval": "",
			"remindAfter":         "",
			"escalate":            "",
			"override":            "",
			"slack":               "",
		},
		foreign: map[string]string{
			"approvers": "everybody with write access to the repository can approve",
			"message":   "write `configuration: {CustomData: ...}`",
			"link":      "write `configuration: {ExternalEntityLink: ...}`",
		},
	}
}

func manualGrammar() grammar {
	return grammar{
		id: "manual", what: "the configuration of Manual",
		about: "What approvers are shown. Values may have [references](#references).",
		keys: []key{
			{name: "CustomData", form: textForm(maxMessage), about: "A text."},
			{name: "ExternalEntityLink", form: textForm(maxLink), about: "What is to be looked at: a web address."},
			{name: "NotificationArn", form: textForm(maxLink), about: "Accepted from AWS, without effect: people are told in the pull request."},
		},
	}
}

func environmentGrammar() grammar {
	return grammar{
		id: "environment", what: "an environment",
		refused: map[string]string{"branches": "", "approval": "", "supersedeAtGate": ""},
	}
}

// grammars returns the tables of the schema and the page, in the order of the page.
func grammars() []grammar {
	return []grammar{
		pipelineGrammar(), triggersGrammar(), pushGrammar(), pullRequestGrammar(), mergeGroupGrammar(), scheduleGrammar(), filterGrammar(),
		pipelineVariableGrammar(), stageGrammar(), conditionsGrammar(), onFailureGrammar(), retryConfigurationGrammar(), ruleGrammar(),
		actionGrammar(), outputArtifactGrammar(), approvalGrammar(),
		awsTriggerGrammar(), gitConfigurationGrammar(), conditionGrammar(), actionTypeGrammar(), ruleTypeGrammar(), inputArtifactGrammar(),
		variableGrammar(), artifactStoreGrammar(), encryptionKeyGrammar(), blockerGrammar(),
	}
}
