package definition

import "github.com/penstock-cd/penstock/pipeline/condition"

func triggersGrammar() grammar {
	filters := func(id string) form { return either(tableForm(id), listForm(tableForm(id), 1, maxTriggerFilters)) }
	return grammar{
		id: "triggers", what: "triggers",
		about: "What starts the pipeline by itself; people may start it at any time. A list of filters is an or.",
		keys: []key{
			{name: "push", form: filters("push"), about: "A pushed branch or tag."},
			{name: "pullRequest", form: filters("pullRequest"), about: "A pull request that is opened or gets new commits. The pipeline runs on its head commit."},
			{name: "mergeGroup", form: filters("mergeGroup"), about: "A group of pull requests in GitHub's merge queue."},
			{name: "schedule", form: filters("schedule"), about: "Times."},
		},
		refused: map[string]string{
			"tags":             "write `push: {tags: [...]}`",
			"manual":           "people may start a pipeline at any time; with `triggers: {}` nothing else does",
			"comment":          "people may start a pipeline at any time with a comment",
			"gitConfiguration": "write `push` and `pullRequest` directly under `triggers`, or a list as on AWS",
			"providerType":     "write `push` and `pullRequest` directly under `triggers`, or a list as on AWS",
		},
		foreign: map[string]string{
			"pull_request": "write `pullRequest`",
			"pullRequests": "write `pullRequest`",
			"merge_group":  "write `mergeGroup`",
			"cron":         "write `schedule: {cron: ...}`",
			"branches":     "write `push: {branches: [...]}`",
		},
	}
}

// awsTriggerGrammar is one entry of AWS's list of triggers.
func awsTriggerGrammar() grammar {
	return grammar{
		id: "trigger", what: "a trigger",
		about: "AWS's form of a trigger.",
		keys: []key{
			{name: "providerType", form: enumForm("CodeStarSourceConnection"), required: true, about: "The only one there is."},
			{name: "gitConfiguration", form: tableForm("gitConfiguration"), required: true, about: "What starts the pipeline."},
		},
	}
}

func gitConfigurationGrammar() grammar {
	return grammar{
		id: "gitConfiguration", what: "a git configuration",
		about: "AWS's form of what starts the pipeline. Without `push` and `pullRequest` it is a push to the branch of the source action.",
		keys: []key{
			{name: "sourceActionName", form: wordForm(nameCharacters, maxName), required: true, about: "The Source action that it belongs to."},
			{name: "push", form: listForm(tableForm("push"), 1, maxTriggerFilters), about: "Pushes."},
			{name: "pullRequest", form: listForm(tableForm("pullRequest"), 1, maxTriggerFilters), about: "Pull requests."},
		},
	}
}

func pushGrammar() grammar {
	return grammar{
		id: "push", what: "a push trigger",
		about: "Fits a pushed branch, or a tag if it has `tags`. Without both it fits the default branch.",
		keys: []key{
			{name: "branches", form: filterForm(), about: "Names of branches."},
			{name: "tags", form: filterForm(), about: "Names of tags. Stands alone."},
			{name: "filePaths", form: filterForm(), about: "Files that the push changes."},
		},
		refused: map[string]string{"events": "every push is one"},
		foreign: map[string]string{"paths": "write `filePaths`"},
	}
}

func pullRequestGrammar() grammar {
	return grammar{
		id: "pullRequest", what: "a pull request trigger",
		about: "Fits a change of a pull request. Everything that is given must fit.",
		keys: []key{
			{name: "events", form: listForm(enumForm("open", "updated", "closed"), 1, 3), about: "What happened to it: opened (or reopened), new commits, closed or merged. Left out: `[open, updated]`."},
			{name: "branches", form: filterForm(), about: "The branch that it is to be merged into. Left out: the default branch."},
			{name: "filePaths", form: filterForm(), about: "Files that it changes."},
			{name: "labels", form: filterForm(), about: "One of its labels fits `includes`, and none fits `excludes`."},
			{name: "drafts", form: boolForm(), about: "Only drafts, or no drafts. Left out: both."},
		},
		refused: map[string]string{"tags": "a pull request is merged into a branch"},
		foreign: map[string]string{
			"paths": "write `filePaths`", "types": "write `events: [open, updated, closed]`",
		},
	}
}

func mergeGroupGrammar() grammar {
	return grammar{
		id: "mergeGroup", what: "a merge group trigger",
		about: "Fits a group of GitHub's merge queue.",
		keys:  []key{{name: "branches", form: filterForm(), about: "The branch that the group is bound for. Left out: the default branch."}},
	}
}

func scheduleGrammar() grammar {
	return grammar{
		id: "schedule", what: "a schedule",
		about: "Times, on the clock of a time zone. A time that a change of the clock leaves out comes at the change; one that comes twice comes once.",
		keys: []key{
			{name: "cron", form: textForm(condition.MaxCron), required: true, about: "Minute, hour, day of month, month and day of week."},
			{name: "timeZone", form: textForm(64), about: "`Region/City`, `UTC` or `UTC+05:30`. Left out: UTC."},
			{name: "branch", form: textForm(maxPattern), about: "What is run. Left out: the default branch."},
		},
		foreign: map[string]string{"timezone": "write `timeZone`", "branches": "write `branch`: a schedule runs one"},
	}
}

func filterGrammar() grammar {
	patterns := listForm(textForm(maxPattern), 1, maxPatterns)
	return grammar{
		id: "filter", what: "a filter",
		about: "Glob patterns: `*` stays within one part of a name, `**` crosses slashes, `?` is one character, `[a-z]` a set, `{a,b}` alternatives. " +
			"A list alone is `includes`.",
		keys: []key{
			{name: "includes", form: patterns, about: "One of them must fit. Left out: everything does."},
			{name: "excludes", form: patterns, about: "None of them may fit."},
		},
		foreign: map[string]string{"ignore": "write `excludes`", "only": "write `includes`"},
	}
}

func filterForm() form {
	f := either(listForm(textForm(maxPattern), 1, maxPatterns), tableForm("filter"))
	f.word = "list of patterns, or [filter](#filter)"
	return f
}
