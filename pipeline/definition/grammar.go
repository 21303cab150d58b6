package definition

// The keys of the file, one table for each kind of map. Every key that
// CodePipeline or our own grammar knows is in one of the two lists of its table:
// built, or refused by name with what to do instead.

const whereManual = "for a gate, use an action with `provider: Manual`"

func pipelineGrammar() grammar {
	return grammar{
		what:  "a pipeline",
		built: []string{"name", "triggers", "executionMode", "cancelInProgress", "stages"},
		refused: map[string]string{
			"variables":       "use `environmentVariables` of an action",
			"environments":    whereManual,
			"supersedeAtGate": "a newer run supersedes the one that waits in front of a stage",
			"runIf":           "",
			"skipIf":          "",
			"schedule":        "",
			"roleArn":         "remove it: credentials do not belong to the file",
			"artifactStore":   "remove it: artifacts are kept by the server",
			"artifactStores":  "remove it: artifacts are kept by the server",
			"version":         "remove it: git keeps the versions",
			"pipelineType":    "remove it",
			"tags":            "remove it",
			"metadata":        "remove it",
			"pipeline":        "write what is under `pipeline` at the top of the file",
		},
		foreign: map[string]string{
			"on":          "what starts a pipeline is under `triggers`",
			"jobs":        "write `stages`, each with `actions`",
			"steps":       "write `stages`, each with `actions`",
			"env":         "write `environmentVariables` in each action",
			"concurrency": "write `executionMode` and `cancelInProgress`",
		},
	}
}

func triggersGrammar() grammar {
	return grammar{
		what:  "triggers",
		built: []string{"push", "pullRequest"},
		refused: map[string]string{
			"schedule":         "",
			"mergeGroup":       "",
			"merge_group":      "",
			"tags":             "",
			"manual":           "",
			"comment":          "",
			"gitConfiguration": "write `push` and `pullRequest` directly under `triggers`",
			"providerType":     "remove it, and write `push` and `pullRequest` directly under `triggers`",
		},
		foreign: map[string]string{
			"pull_request": "write `pullRequest`",
			"pullRequests": "write `pullRequest`",
			"branches":     "write `push: {branches: [...]}`",
		},
	}
}

func pushGrammar() grammar {
	return grammar{
		what:  "a push trigger",
		built: []string{"branches"},
		refused: map[string]string{
			"filePaths": "",
			"tags":      "",
			"events":    "",
		},
		foreign: map[string]string{"paths": "path filters are not supported in this version"},
	}
}

func pullRequestGrammar() grammar {
	return grammar{
		what:  "a pull request trigger",
		built: []string{"branches"},
		refused: map[string]string{
			"filePaths": "",
			"tags":      "",
			"events":    "remove it: a run starts when a pull request is opened or gets new commits",
		},
		foreign: map[string]string{
			"paths": "path filters are not supported in this version",
			"types": "remove it: a run starts when a pull request is opened or gets new commits",
		},
	}
}

func filterGrammar() grammar {
	return grammar{
		what:    "a filter",
		built:   []string{"includes", "excludes"},
		foreign: map[string]string{"ignore": "write `excludes`", "only": "write `includes`"},
	}
}

func stageGrammar() grammar {
	return grammar{
		what:  "a stage",
		built: []string{"name", "actions"},
		refused: map[string]string{
			"environment":     whereManual,
			"beforeEntry":     "",
			"onSuccess":       "",
			"onFailure":       "a failed action can be retried by people",
			"blockers":        "remove it",
			"runIf":           "",
			"skipIf":          "",
			"supersedeAtGate": "",
		},
		foreign: map[string]string{
			"approval":  whereManual,
			"steps":     "write `actions`",
			"jobs":      "write `actions`",
			"dependsOn": "stages run in the order of the file",
			"needs":     "stages run in the order of the file",
			"if":        "conditions are not supported in this version",
			"commands":  "write `actions`, each with `commands`",
		},
	}
}

func actionGrammar() grammar {
	return grammar{
		what: "an action",
		built: []string{
			"name", "provider", "actionTypeId", "runOrder", "commands", "configuration", "environmentVariables",
			"inputArtifacts", "outputArtifacts", "outputVariables", "timeout", "timeoutInMinutes", "checkout", "approval", "secrets", "connection",
		},
		refused: map[string]string{
			"namespace":   "",
			"environment": "for variables of the commands, write `environmentVariables`",
			"region":      "remove it",
			"roleArn":     "remove it: credentials do not belong to the file",
			"runIf":       "",
			"skipIf":      "",
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
			"if":        "conditions are not supported in this version",
			"artifacts": "write `inputArtifacts` and `outputArtifacts`",
			"inputs":    "write `inputArtifacts`",
			"outputs":   "write `outputArtifacts` or `outputVariables`",
			"image":     "commands run on the server's own system in this version",
			"retry":     "a failed action can be retried by people",
		},
	}
}

func actionTypeGrammar() grammar {
	return grammar{what: "an action type", built: []string{"category", "owner", "provider", "version"}}
}

func variableGrammar() grammar {
	return grammar{
		what:    "an environment variable",
		built:   []string{"name", "value", "type"},
		foreign: map[string]string{"valueFrom": "only plain values are supported in this version"},
	}
}

func inputArtifactGrammar() grammar {
	return grammar{what: "an input artifact", built: []string{"name"}}
}

func outputArtifactGrammar() grammar {
	return grammar{
		what:    "an output artifact",
		built:   []string{"name", "files"},
		foreign: map[string]string{"path": "write `files: [...]`", "paths": "write `files: [...]`"},
	}
}

func checkoutGrammar() grammar {
	return grammar{
		what:    "checkout",
		refused: map[string]string{"depth": "", "submodules": "", "lfs": "", "tags": ""},
	}
}

func approvalGrammar() grammar {
	return grammar{
		what:  "an approval",
		built: []string{"timeout", "required"},
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
		what:    "the configuration of Manual",
		built:   []string{"CustomData", "ExternalEntityLink"},
		refused: map[string]string{"NotificationArn": "people are told in the pull request"},
	}
}

func environmentGrammar() grammar {
	return grammar{
		what:    "an environment",
		refused: map[string]string{"branches": "", "approval": "", "supersedeAtGate": ""},
	}
}
