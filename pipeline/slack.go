package pipeline

import "time"

// SlackUser is somebody in a Slack workspace, by Slack's ids. Names there are for
// display: people choose them freely, and change them.
type SlackUser struct {
	Team string `json:"team"` // T...
	ID   string `json:"id"`   // U... or W...
}

// SlackAccount says whose account at the forge somebody in Slack speaks for. A
// Slack user speaks for one account of a forge, and an account is spoken for by one
// user of a workspace.
type SlackAccount struct {
	SlackUser
	Name  string // in Slack when it was linked, for display
	Host  string // of the forge
	Actor Actor
	By    SlackLinkedBy
	At    time.Time
	// Muted means that no direct messages are wanted.
	Muted bool
}

// SlackLinkedBy is how an account came to be linked.
type SlackLinkedBy string

const (
	// SlackLinkedByPage means that its owner confirmed it, logged in at the forge.
	SlackLinkedByPage SlackLinkedBy = "page"
	// SlackLinkedByEmail means that both accounts have the same verified address.
	SlackLinkedByEmail SlackLinkedBy = "email"
)

// SlackLinkLife is how long the offer to link an account is good.
const SlackLinkLife = 10 * time.Minute

// SlackLink is the offer to link a Slack user's account, good once. Of the token
// that takes it only the digest is kept.
type SlackLink struct {
	Digest string // SHA-256 of the token, in hex
	SlackUser
	TeamName, Name string // for display
	CreatedAt      time.Time
	ExpiresAt      time.Time
}
