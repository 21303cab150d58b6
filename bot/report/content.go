package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// State is the state of a commit status, in GitHub's words.
type State string

const (
	StatePending State = "pending"
	StateSuccess State = "success"
	StateFailure State = "failure" // the change failed: a job, a rejection
	StateError   State = "error"   // the run ended without saying anything of the change
)

// StatusContent is what a commit status shows.
type StatusContent struct {
	Context     string
	State       State
	Description string // at most 140 characters
	TargetURL   string
}

// CheckStatus and Conclusion are those of a check run, in GitHub's words.
type (
	CheckStatus string
	Conclusion  string
)

const (
	CheckQueued     CheckStatus = "queued"
	CheckInProgress CheckStatus = "in_progress"
	CheckCompleted  CheckStatus = "completed"

	ConclusionSuccess        Conclusion = "success"
	ConclusionFailure        Conclusion = "failure"
	ConclusionNeutral        Conclusion = "neutral"
	ConclusionCancelled      Conclusion = "cancelled"
	ConclusionSkipped        Conclusion = "skipped"
	ConclusionTimedOut       Conclusion = "timed_out"
	ConclusionActionRequired Conclusion = "action_required"
)

// CheckContent is what a check run shows. Sending it replaces what was shown:
// no Actions means that the buttons go.
type CheckContent struct {
	Name        string
	Status      CheckStatus
	Conclusion  Conclusion // empty unless Status is completed
	Title       string     // at most 255 characters
	Summary     string     // Markdown, at most 65535 bytes
	Text        string     // Markdown, at most 65535 bytes, may be empty
	DetailsURL  string
	ExternalID  string
	StartedAt   time.Time // zero: not said
	CompletedAt time.Time // zero: not said
	Actions     []Button  // at most 3
	Annotations []Annotation
}

// Button is an action that people can ask for on a check.
type Button struct {
	Label       string // at most 20 characters
	Description string // at most 40
	Identifier  string // at most 20; comes back in the event
}

// Identifiers of the buttons of a gate.
const (
	ButtonApprove = "approve"
	ButtonReject  = "reject"
)

// Annotation is a remark on a line of a file. A request takes 50 of them; the
// sender pages.
type Annotation struct {
	Path        string
	StartLine   int // from 1
	EndLine     int
	StartColumn int // 0: the whole line
	EndColumn   int
	Level       string // "failure" or "warning"
	Title       string // at most 255 characters
	Message     string // at most 64 KB
}

// Hash returns a digest of a content: equal for equal contents. What is shown
// and what should be shown are compared by it.
func Hash(content any) string {
	b, err := json.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("report: hash of %T: %v", content, err)) // a bug: contents are plain data
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
