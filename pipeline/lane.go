package pipeline

import (
	"strconv"
	"strings"
)

// LaneKind is the sort of ref that a lane belongs to.
type LaneKind string

const (
	LaneBranch LaneKind = "branch"
	LaneTag    LaneKind = "tag"
	LanePull   LaneKind = "pull"
)

// Lane is the queue of one ref in one pipeline: branch:<name>, tag:<name> or
// pull:<number>. Runs of different lanes never touch each other.
type Lane struct {
	Kind LaneKind
	Name string
}

// BranchLane, TagLane and PullLane name lanes.
func BranchLane(name string) Lane { return Lane{LaneBranch, name} }
func TagLane(name string) Lane    { return Lane{LaneTag, name} }
func PullLane(number int) Lane    { return Lane{LanePull, strconv.Itoa(number)} }

// String returns the text form that ParseLane reads.
func (l Lane) String() string { return string(l.Kind) + ":" + l.Name }

// PullNumber returns the pull request's number, or 0 for other lanes.
func (l Lane) PullNumber() int {
	if l.Kind != LanePull {
		return 0
	}
	n, _ := strconv.Atoi(l.Name) // a lane that did not come from PullLane has number 0
	return n
}

// ParseLane reads the text form of a lane.
func ParseLane(s string) (Lane, error) {
	kind, name, ok := strings.Cut(s, ":")
	l := Lane{LaneKind(kind), name}
	switch {
	case !ok || name == "":
	case l.Kind == LanePull:
		if n, err := strconv.Atoi(name); err == nil && n > 0 {
			return l, nil
		}
	case l.Kind == LaneBranch, l.Kind == LaneTag:
		return l, nil
	}
	return Lane{}, Errorf(Invalid, "%q is not a lane: write branch:NAME, tag:NAME or pull:NUMBER", s)
}

// MarshalText and UnmarshalText make lanes readable in JSON.
func (l Lane) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads the text form.
func (l *Lane) UnmarshalText(b []byte) error {
	parsed, err := ParseLane(string(b))
	if err == nil {
		*l = parsed
	}
	return err
}
