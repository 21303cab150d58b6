package command

// Verb is what a command asks for: the word after the slash, in lower case.
type Verb string

const (
	Approve   Verb = "approve"
	Reject    Verb = "reject"
	Unapprove Verb = "unapprove"
	Override  Verb = "override"
	Retry     Verb = "retry"
	Stop      Verb = "stop"
	Start     Verb = "start"
	Rollback  Verb = "rollback"
	Disable   Verb = "disable"
	Enable    Verb = "enable"
	Lock      Verb = "lock"
	Unlock    Verb = "unlock"
	OkToTest  Verb = "ok-to-test"
	Status    Verb = "status"
	Why       Verb = "why"
	Help      Verb = "help"
)

// Needs is what somebody must be for a command of theirs to be carried out.
type Needs string

const (
	// NeedsNothing: whoever can comment can ask.
	NeedsNothing Needs = "nothing"
	// NeedsRules: the rules of the gate name them. That may be somebody who can only
	// read, and it need not be everybody who can write.
	NeedsRules Needs = "the rules of the gate"
	// NeedsVote: a vote of theirs stands.
	NeedsVote Needs = "a vote of your own"
	// NeedsWrite: they have write access to the repository.
	NeedsWrite Needs = "write access"
)

// Spec describes one verb: for the parser, for /help, for the page of commands and
// for the command line.
type Spec struct {
	Verb Verb
	// Usage is what may follow the verb in a comment; [x] may be left out.
	Usage string
	// Does says what it does, in the imperative, without a full stop.
	Does string
	// More are sentences that hold wherever it is asked.
	More string
	// Needs is who may ask.
	Needs Needs
	// Client is what follows "penstock" on the command line; empty: there is no such
	// verb there.
	Client string
}

// Line returns the verb with its usage as people write it: "/stop [abandon]".
func (s Spec) Line() string {
	line := "/" + string(s.Verb)
	if s.Usage != "" {
		line += " " + s.Usage
	}
	return line
}

// Spec returns what describes the verb. Of a word that is none it is empty.
func (v Verb) Spec() Spec {
	s, _ := lookUp(string(v))
	return s
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
