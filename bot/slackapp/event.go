package slackapp

import "time"

// Click is a press on a button of a message.
type Click struct {
	ID string // of the Received
	// Team is the workspace in which it happened; EnterpriseTeam is its
	// organization, or empty; App is the app whose message it is.
	Team, EnterpriseTeam, App string
	// User is who clicked, UserTeam the workspace that their account is of, and
	// UserName for display.
	User, UserName, UserTeam string
	Channel                  string
	MessageTS                int64 // microseconds
	ActionID, Value          string
	// TriggerID opens a modal within three seconds; ResponseURL is for Whisper.
	TriggerID, ResponseURL string
	At                     time.Time // zero if Slack does not say
}

// Submission is a modal that was filled in.
type Submission struct {
	ID                        string // of the Received
	Team, EnterpriseTeam, App string
	User, UserName, UserTeam  string
	CallbackID                string
	Metadata                  string // private_metadata
	// Values are what was filled in, by block id. Of a block with more than one
	// element it is the first by its action id.
	Values map[string]string
	ViewID string
}

// SlashCommand is a command that was typed.
type SlashCommand struct {
	ID                        string // of the Received
	Team, EnterpriseTeam, App string
	User, UserName            string
	Channel                   string
	Command                   string // with the slash
	Text                      string
	TriggerID, ResponseURL    string
}
