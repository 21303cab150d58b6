package command

// Command is one line of a comment that addresses us.
type Command struct {
	// Verb is what is asked for. With Problem Unknown it is empty.
	Verb Verb
	// Line is the number of the line in the comment, from 1.
	Line int
	// Args is what follows the verb, without the spaces around it.
	Args string
	// Text is the whole line without the spaces around it. It is what somebody
	// typed: escape it before showing it.
	Text string
	// Word is the word that was read as the verb, as typed.
	Word string
	// Form is what stands before a verb when this person addresses us: "/",
	// "/penstock " or "/<prefix> ". Lines to copy start with it.
	Form string
	// Abandon is set by "/stop abandon", All by "/retry all".
	Abandon, All bool
	// Pipeline and Variables are those of /start; both may be empty.
	Pipeline  string
	Variables map[string]string
	// Name is the stage of /rollback, /disable and /enable, and the environment of
	// /lock and /unlock, as typed. Run is the number of /rollback, 0 if there is none.
	// Reason is that of /disable and /lock, one line: escape it before showing it.
	Name   string
	Run    int64
	Reason string
	// Problem is why the command cannot be carried out as it stands.
	Problem Problem
	// Suggestion is the verb that was probably meant, with Problem Unknown; it
	// may be empty.
	Suggestion Verb
}

// Problem is what keeps a command from being carried out.
type Problem string

const (
	// None: the command is well formed.
	None Problem = ""
	// Unknown: there is no such verb.
	Unknown Problem = "unknown"
	// NotSupported: this use of the verb is known but not built yet.
	NotSupported Problem = "not supported"
	// Malformed: what follows the verb makes no sense with it.
	Malformed Problem = "malformed"
)

// Usage returns the verb with what may follow it, in the form that this person
// uses. It is empty for an unknown verb.
func (c Command) Usage() string {
	if c.Verb == "" {
		return ""
	}
	return c.Form + c.Verb.Spec().Line()[1:]
}
