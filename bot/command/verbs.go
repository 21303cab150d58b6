package command

// Verbs returns every verb there is, in the order in which /help shows them. The
// slice is the caller's.
func Verbs() []Spec {
	return append(gateVerbs(), append(runVerbs(), sayingVerbs()...)...)
}

// gateVerbs are about what keeps runs out.
func gateVerbs() []Spec {
	return []Spec{
		{
			Approve, "[gate] [commit] [reason]", "Approve an open gate of a run",
			"A gate is an environment, or stage/action; while only one is open it need not be named. " +
				"Whether your vote counts is for the rules of the gate to say; a refusal says why.",
			NeedsRules, "approve RUN [GATE]",
		},
		{
			Reject, "[gate] [commit] reason", "Reject an open gate of a run, which then fails",
			"One rejection by somebody whose vote counts is enough. The run fails with your reason; a retry asks again.",
			NeedsRules, "reject RUN [GATE]",
		},
		{
			Unapprove, "[gate] [commit]", "Take your own vote on an open gate back",
			"It works while the gate is open: what is decided stays decided. You may vote again.",
			NeedsVote, "unapprove RUN [GATE]",
		},
		{
			Override, "gate [commit] reason", "Open a gate, or pass a freeze, against its rules",
			"It takes one of those whom the rules list under override, alone and with a reason that everybody sees.",
			NeedsRules, "override RUN --gate GATE",
		},
		{
			Lock, "environment reason", "Let no run into an environment",
			"Runs of every pipeline of the repository wait in front of it and say who has locked it and why. A run that is inside goes on.",
			NeedsWrite, "lock ENVIRONMENT",
		},
		{
			Unlock, "environment", "Let runs into an environment again that was locked",
			"Runs that wait in front of it go on.",
			NeedsWrite, "unlock ENVIRONMENT",
		},
		{
			Disable, "stage reason", "Close the transition into a stage",
			"No run enters the stage until it is enabled again. Runs that are inside go on; a rollback of the stage still gets in.",
			NeedsWrite, "disable STAGE",
		},
		{
			Enable, "stage", "Open the transition into a stage",
			"It was disabled by somebody or by a rollback. Runs that wait in front of it go on.",
			NeedsWrite, "enable STAGE",
		},
	}
}

// runVerbs begin and end runs.
func runVerbs() []Spec {
	return []Spec{
		{
			Retry, "[all]", "Run the failed actions of a run again, or the whole stage",
			"It is the same run, with the same commit. A gate that was rejected or has expired asks again; old votes do not count.",
			NeedsWrite, "retry RUN",
		},
		{
			Stop, "[abandon]", "Stop a run, after its running actions or at once",
			"The actions that run come to their end, and nothing after them starts. With abandon they are ended too.",
			NeedsWrite, "stop RUN",
		},
		{
			Start, "[pipeline] [VARIABLE=value]", "Start a run of a pipeline",
			"The pipeline file of that commit counts, as for a push, whatever its triggers say.",
			NeedsWrite, "start [PIPELINE]",
		},
		{
			Rollback, "stage [to #run]", "Bring a stage back to where an earlier run had it",
			"A new run of that stage has the earlier run's commit, definition, variables and artifacts. " +
				"The transition into the stage is closed then, so that the next run does not undo it.",
			NeedsWrite, "rollback RUN STAGE",
		},
		{
			OkToTest, "commit", "Let a commit of a pull request from a fork run",
			"It takes the whole id of the head, from somebody who has looked at it. The pipeline file of the base branch counts, and there are no secrets.",
			NeedsWrite, "",
		},
	}
}

// sayingVerbs change nothing.
func sayingVerbs() []Spec {
	return []Spec{
		{
			Status, "", "Say how the runs of the pull request stand",
			"A line for each, with what it waits for.",
			NeedsNothing, "",
		},
		{
			Why, "", "Say what a run waits for and who can move it, or why it ended",
			"A gate, a closed transition, a lock, another run, a look-up that fails: each with who or what can move it.",
			NeedsNothing, "why RUN",
		},
		{
			Help, "", "Say what you can do here, with lines to copy",
			"Only what would be carried out if you asked for it now.",
			NeedsNothing, "",
		},
	}
}
