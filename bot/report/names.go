package report

import "strings"

// StatusContext is the context of a pipeline's commit status: the one to require
// in branch protection.
func StatusContext(pipeline string) string { return "penstock/" + pipeline }

// StageCheckName, GateCheckName and FileCheckName are the names of our checks.
func StageCheckName(pipeline, stage string) string { return "penstock / " + pipeline + " / " + stage }
func GateCheckName(pipeline, gate string) string {
	return "penstock / " + pipeline + " / approve " + gate
}
func FileCheckName(file string) string { return "penstock / " + file }

// ForkCheckName is the name of the check that answers pull requests from forks.
const ForkCheckName = "penstock / fork"

// GateMarker is the hidden line by which the comment of a gate is found again.
// Nothing that somebody else wrote can make one: see package report.
func GateMarker(approvalID string) string { return "<!-- penstock:gate:" + approvalID + " -->" }

// External is what the external id of a check says: which check of which run it
// is. It comes back in the forge's events.
type External struct {
	Kind      ExternalKind
	Execution string // empty for a file or a fork
	Name      string // the stage, the approval's id, or the file
}

// ExternalKind is the sort of a check.
type ExternalKind string

const (
	ExternalStage ExternalKind = "stage"
	ExternalGate  ExternalKind = "gate"
	ExternalFile  ExternalKind = "file"
	ExternalFork  ExternalKind = "fork"
)

// String returns the text form that ParseExternal reads.
func (e External) String() string {
	return string(e.Kind) + ":" + e.Execution + ":" + e.Name
}

// ParseExternal reads an external id. ok is false for one that is not ours. The
// id comes from outside: a run and a stage of that name need not exist.
func ParseExternal(s string) (e External, ok bool) {
	kind, rest, _ := strings.Cut(s, ":")
	execution, name, found := strings.Cut(rest, ":")
	switch ExternalKind(kind) {
	case ExternalStage, ExternalGate:
		ok = execution != "" && name != ""
	case ExternalFile:
		ok = execution == "" && name != ""
	case ExternalFork:
		ok = execution == "" && name == ""
	}
	return External{ExternalKind(kind), execution, name}, ok && found
}
