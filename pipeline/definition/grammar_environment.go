package definition

import "github.com/penstock-cd/penstock/pipeline/condition"

// The sizes of environments.
const (
	maxEnvironments    = 50
	maxFreezes         = 20
	maxFreezeReason    = 200
	maxFreezePipelines = 50
)

// environmentsForm is the map of environments: one without rules may be empty.
func environmentsForm() form {
	of := either(tableForm("environment"), form{"nothing", map[string]any{"type": "null"}})
	f := mapForm(of)
	f.schema["maxProperties"] = maxEnvironments
	return f
}

func environmentGrammar() grammar {
	return grammar{
		id: "environment", what: "an environment",
		about: "The rules of a place that stages name with `environment`. There is one set of them for the repository: the `environments` of all " +
			"pipeline files of the default branch, read when a run comes to the stage and again at each vote, so that a change cannot weaken the " +
			"gate that judges it. Two declarations of one name are a mistake. A stage is skipped, with the reason shown, if its environment is " +
			"declared nowhere or does not let the run in. Without `approval` there is no gate.",
		keys: []key{
			{name: "branches", form: filterForm(), about: "Branches that may enter. Without `branches` and `tags` it is the default branch."},
			{name: "tags", form: filterForm(), about: "Tags that may enter. Alone, no branch may."},
			{name: "pullRequests", form: boolForm(), about: "`true`: pull requests of the repository itself may enter, too; those of forks never do."},
			{name: "approval", form: tableForm("approval"), about: "The gate in front of the stage. Left out: none."},
			{name: "freezes", form: listForm(tableForm("freeze"), 1, maxFreezes), about: "Times in which nothing goes out."},
			{name: "flag", form: listForm(textForm(maxPattern), 1, maxPatterns), about: "Patterns of files that approvers are pointed to if they have changed, as `db/**`."},
			{name: "url", form: textForm(maxLink), about: "Where the environment is to be seen: a web address. `#{penstock.Branch}` and the other facts of the run may stand in it."},
		},
		refused: map[string]string{"supersedeAtGate": "a newer run supersedes the one that waits in front of a stage"},
		foreign: map[string]string{
			"approvers": "write `approval: {from: [...]}`", "reviewers": "write `approval: {from: [...]}`", "required": "write `approval: {required: ...}`",
			"allOf": "write `approval: {allOf: [...]}`", "from": "write `approval: {from: [...]}`", "secrets": "the operator binds secrets to the environment",
			"connection": "the operator binds connections to the environment", "freeze": "write `freezes: [...]`", "refs": "write `branches` and `tags`",
			"variables": "write `variables` at the top of the file", "override": "write `approval: {override: [...]}`",
		},
	}
}

func freezeGrammar() grammar {
	return grammar{
		id: "freeze", what: "a freeze",
		about: "A time in which runs wait in front of the stage: one that comes again, with `cron` and `for`, or one with `from` and `to`. " +
			"Rollbacks pass it, and so does whoever may `override`.",
		keys: []key{
			{name: "reason", form: textForm(maxFreezeReason), required: true, about: "What people are told."},
			{name: "cron", form: textForm(condition.MaxCron), about: "When it begins: minute, hour, day of month, month and day of week."},
			{name: "for", form: durationForm(), about: "How long it lasts on that clock, 1s to 60d: `63h` from Friday 18:00 end on Monday at 09:00, also when the clock is changed."},
			{name: "from", form: textForm(maxMoment), about: "When it begins, as `2026-12-24T12:00`, or with an offset."},
			{name: "to", form: textForm(maxMoment), about: "When it ends."},
			{name: "timeZone", form: textForm(64), about: "`Region/City`, `UTC` or `UTC+05:30`. Left out: UTC."},
			{name: "pipelines", form: listForm(wordForm(nameCharacters, maxName), 1, maxFreezePipelines), about: "The pipelines that it holds. Left out: all."},
		},
		foreign: map[string]string{
			"timezone": "write `timeZone`", "until": "write `to`", "start": "write `from`, or `cron`", "end": "write `to`, or `for`", "duration": "write `for`",
			"pipeline": "write `pipelines: [...]`",
		},
	}
}
