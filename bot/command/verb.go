package command

// Verb is what a command asks for: the word after the slash, in lower case.
type Verb string

const (
	Approve   Verb = "approve"
	Unapprove Verb = "unapprove"
	Reject    Verb = "reject"
	Retry     Verb = "retry"
	Stop      Verb = "stop"
	Start     Verb = "start"
	Rollback  Verb = "rollback"
	Disable   Verb = "disable"
	Enable    Verb = "enable"
	Override  Verb = "override"
	OkToTest  Verb = "ok-to-test"
	Status    Verb = "status"
	Why       Verb = "why"
	Help      Verb = "help"
)

// Spec describes one verb for the parser, for /help and for the documentation.
type Spec struct {
	Verb Verb
	// Usage is what may follow the verb; [x] may be left out.
	Usage string
	// Help is one sentence for people.
	Help string
	// Supported is false for verbs that are known and answered with "not
	// supported in this version".
	Supported bool
}

// Line returns the verb with its usage as people write it: "/stop [abandon]".
func (s Spec) Line() string {
	line := "/" + string(s.Verb)
	if s.Usage != "" {
		line += " " + s.Usage
	}
	return line
}

// Verbs returns every verb that is known, in the order in which /help shows
// them. The slice is the caller's.
func Verbs() []Spec {
	return []Spec{
		{Approve, "[gate] [commit] [reason]", "Approves the gate that waits here.", true},
		{Reject, "[gate] [commit] reason", "Rejects it; the run then fails.", true},
		{Retry, "[all]", "Runs the failed actions of the newest run again, or all of that stage.", true},
		{Stop, "[abandon]", "Stops the run once its running actions are done, or at once with abandon.", true},
		{Help, "", "Shows this list.", true},
		{OkToTest, "commit", "Lets this commit of a pull request from a fork run.", true},
		{Start, "[pipeline] [VARIABLE=value]", "Starts a run of this commit.", true},
		{Rollback, "stage [to #run]", "Brings a stage back to where an earlier run had it, and closes the way into it.", true},
		{Disable, "stage reason", "Closes the way into a stage, for all branches.", true},
		{Enable, "stage", "Opens it again.", true},
		{Unapprove, "[gate]", "Withdraws your own approval.", false},
		{Override, "gate reason", "Opens a gate in an emergency.", false},
		{Status, "", "Says how the run stands.", false},
		{Why, "", "Says what the run waits for and who can move it, or why it ended.", true},
	}
}

// lookUp finds a verb by its word, which must be in lower case.
func lookUp(word string) (Spec, bool) {
	for _, s := range Verbs() {
		if string(s.Verb) == word {
			return s, true
		}
	}
	return Spec{}, false
}
