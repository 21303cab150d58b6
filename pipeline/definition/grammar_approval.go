package definition

// The sizes of a gate's rules.
const (
	maxRequirements = 10
	maxSelectors    = 20
	maxRequired     = 100
)

const aboutFrom = "Any of them counts. Left out: whoever has write access to the repository."

func approvalGrammar() grammar {
	people := listForm(tableForm("who"), 1, maxSelectors)
	return grammar{
		id: "approval", what: "an approval",
		about: "The rules of a gate: of an [environment](#environment), or of an action with `provider: Manual`. One rejection by anybody " +
			"who is asked rejects. `required` and `from` are for one requirement, `allOf` is for several. `{}` is one approval " +
			"of whoever has write access.",
		keys: []key{
			{name: "required", form: numberForm(1, maxRequired), about: "How many people have to approve. Left out: 1."},
			{name: "from", form: people, about: aboutFrom},
			{name: "allOf", form: listForm(tableForm("requirement"), 1, maxRequirements),
				about: "Requirements, each of which has to be met. If none of them applies to a change, one approval of whoever has write access is asked for."},
			{name: "preventSelfApproval", form: boolForm(),
				about: "Whether whoever has a hand in the change cannot approve it: the author of the pull request or of a commit, a pusher, whoever merged it or started the run. Left out: `true` in an environment, `false` in an action."},
			{name: "timeout", form: durationForm(), about: "When the gate expires, 1s to 60d. Left out: 7d."},
			{name: "remindAfter", form: durationForm(), about: "When those who can still approve are told once more. Shorter than `timeout`. Left out: never."},
			{name: "escalate", form: tableForm("escalate"), about: "Who can approve besides, when nobody has answered."},
			{name: "override", form: people, about: "Who may open the gate alone, and pass a freeze, with a reason. Left out: nobody. Not `codeowners`."},
			{name: "message", form: textForm(maxMessage), about: "What approvers are asked to look at. An action may have it as `CustomData` instead."},
			{name: "slack", form: patternForm("channel", channelPattern, maxChannel), about: "The channel of the operator's list in which the gate is asked, besides those that ask for it themselves: its name there, or its id. Counts in an environment, not in a Manual action: whoever changes the file would choose who is told."},
		},
		foreign: map[string]string{
			"when":      "write it in an entry of `allOf`",
			"approvers": "write `from: [{team: ...}, {user: ...}]`",
			"reviewers": "write `from: [{team: ...}, {user: ...}]`",
			"teams":     "write `from: [{team: ...}]`",
			"users":     "write `from: [{user: ...}]`",
			"anyOf":     "any of the people of `from` counts",
			"count":     "write `required`",
			"link":      "write `configuration: {ExternalEntityLink: ...}` in an action with `provider: Manual`",
		},
	}
}

func requirementGrammar() grammar {
	return grammar{
		id: "requirement", what: "a requirement",
		about: "A number of approvals by different people. One person's counts for every requirement that it fits.",
		keys: []key{
			{name: "required", form: numberForm(1, maxRequired), about: "How many people have to approve. Left out: 1."},
			{name: "from", form: listForm(tableForm("who"), 1, maxSelectors), about: aboutFrom},
			{name: "when", form: tableForm("when"), about: "The changes for which it is asked. Left out: all."},
		},
		foreign: map[string]string{
			"if": "write `when: {branches: ...}`, `paths` or `labels`", "paths": "write `when: {paths: [...]}`", "branches": "write `when: {branches: [...]}`",
			"labels": "write `when: {labels: [...]}`", "team": "write `from: [{team: ...}]`", "user": "write `from: [{user: ...}]`",
		},
	}
}

func whenGrammar() grammar {
	return grammar{
		id: "when", what: "a when",
		about: "The changes for which a requirement is asked. All that is given must fit; what is not known of a change fits.",
		keys: []key{
			{name: "branches", form: filterForm(), about: "The branch, of a pull request that it is to be merged into."},
			{name: "paths", form: filterForm(), about: "One of the files that differ from the last success of the stage."},
			{name: "labels", form: filterForm(), about: "One of the pull request's labels fits `includes`, and none fits `excludes`."},
		},
		foreign: map[string]string{"filePaths": "write `paths`", "files": "write `paths`"},
	}
}

func whoGrammar() grammar {
	return grammar{
		id: "who", what: "an entry of people",
		about: "Exactly one of these.",
		keys: []key{
			{name: "team", form: patternForm("team", `^(@[A-Za-z0-9-]+/)?[A-Za-z0-9._-]+$`, 2*maxName),
				about: "The slug of a team of the repository's owner, also as `@owner/slug`. Members of teams inside it count, people who are only invited do not."},
			{name: "user", form: patternForm("login", `^[A-Za-z0-9][A-Za-z0-9_-]*$`, maxLogin), about: "A login. The account counts that has it when the gate opens."},
			{name: "permission", form: enumForm("write", "admin"), about: "Whoever has at least this access to the repository."},
			{name: "codeowners", form: form{"`true`", anyOf(map[string]any{"const": true}, map[string]any{"type": "string", "pattern": "^" + anyCase("true") + "$"})},
				about: "The owners, by CODEOWNERS, of what differs from the last success of the stage. Not under `override`."},
		},
		foreign: map[string]string{
			"role": "write `permission: write` or `admin`", "group": "write `team`", "login": "write `user`", "email": "write `user`, with a login",
			"required": "it stands beside `from`",
		},
	}
}

func escalateGrammar() grammar {
	return grammar{
		id: "escalate", what: "an escalation",
		about: "Adds people to every requirement of a gate that has waited.",
		keys: []key{
			{name: "after", form: durationForm(), required: true, about: "When. Shorter than the gate's `timeout`."},
			{name: "to", form: listForm(tableForm("who"), 1, maxSelectors), required: true, about: "Who."},
		},
		foreign: map[string]string{"from": "write `to`"},
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
