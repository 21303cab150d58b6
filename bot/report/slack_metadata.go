package report

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// SlackVoteMetadata is what the modal of a vote carries: what its reader was shown. It
// comes back with the submission, from outside: neither run nor gate need exist.
type SlackVoteMetadata struct {
	Verdict   pipeline.Verdict
	Run, Gate string // UUIDs
	SHA       string // the whole commit
	// Channel and Message are those of SlackVoteSeen.
	Channel string
	Message int64
}

// slackVoteJSON is its form on the wire.
type slackVoteJSON struct {
	Verdict string `json:"verdict"`
	Run     string `json:"run"`
	Gate    string `json:"gate"`
	SHA     string `json:"sha"`
	Channel string `json:"channel"`
	Message string `json:"message"`
}

// String returns the JSON that ParseSlackVoteMetadata reads.
func (m SlackVoteMetadata) String() string {
	wire := slackVoteJSON{Verdict: strings.ToLower(string(m.Verdict)), Run: m.Run, Gate: m.Gate, SHA: m.SHA, Channel: m.Channel}
	if m.Message != 0 {
		wire.Message = fmt.Sprintf("%d.%06d", m.Message/1e6, m.Message%1e6)
	}
	b, err := json.Marshal(wire)
	if err != nil {
		panic("report: metadata of a vote: " + err.Error()) // a bug: it is strings
	}
	return string(b)
}

// ParseSlackVoteMetadata reads what String writes, byte for byte, and nothing else:
// whatever is missing, unknown or of another shape is an error of kind Invalid.
func ParseSlackVoteMetadata(s string) (SlackVoteMetadata, error) {
	refused := func(what string) (SlackVoteMetadata, error) {
		return SlackVoteMetadata{}, pipeline.Errorf(pipeline.Invalid, "the form of a vote says %s: press the button of the gate again", what)
	}
	var wire slackVoteJSON
	if len(s) > slackMaxMetadata || json.Unmarshal([]byte(s), &wire) != nil {
		return refused("nothing that can be read")
	}
	m := SlackVoteMetadata{Run: wire.Run, Gate: wire.Gate, SHA: wire.SHA, Channel: wire.Channel}
	switch wire.Verdict {
	case "approve":
		m.Verdict = pipeline.Approve
	case "reject":
		m.Verdict = pipeline.Reject
	default:
		return refused("no verdict")
	}
	stamped := true
	if wire.Message != "" {
		m.Message, stamped = slackStamp(wire.Message)
	}
	switch {
	case !uuid.MatchString(m.Run) || !uuid.MatchString(m.Gate):
		return refused("no run and gate")
	case !wholeSHA.MatchString(m.SHA):
		return refused("no commit")
	case m.Channel != "" && !slackChannelID.MatchString(m.Channel), m.Channel == "" && wire.Message != "":
		return refused("no channel")
	case !stamped:
		return refused("no message")
	case m.String() != s: // a name twice, or one that is not ours
		return refused("more than it may")
	}
	return m, nil
}

// slackMaxMetadata is more than String ever writes of ids.
const slackMaxMetadata = 1000

var (
	wholeSHA       = regexp.MustCompile(`^[0-9a-f]{40}$`)
	slackChannelID = regexp.MustCompile(`^[CDG][A-Z0-9]{1,30}$`)
	slackTimestamp = regexp.MustCompile(`^[1-9][0-9]{0,11}\.[0-9]{6}$`)
)

// slackStamp reads the time stamp of a message, in microseconds.
func slackStamp(s string) (int64, bool) {
	if !slackTimestamp.MatchString(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.Replace(s, ".", "", 1), 10, 64)
	return n, err == nil
}
