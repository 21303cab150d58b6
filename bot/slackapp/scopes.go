package slackapp

// Need is a scope that the bot token has to have, and what for.
type Need struct{ Scope, Reason string }

// Needs lists the scopes that our calls take, those of the app's manifest. byEmail:
// accounts are matched by address, too.
func Needs(byEmail bool) []Need {
	needs := []Need{
		{"chat:write", "to post, and to bring up to date what was posted"},
		{"chat:write.public", "to post in public channels that the app was not invited to"},
		{"commands", "to hear /penstock"},
		{"im:write", "to tell somebody something where the app is not in the channel, and to send direct messages"},
		{"users:read", "to refuse guests, bots, strangers and those who are deactivated"},
		{"channels:read", "to see whether the app can post in a public channel"},
		{"groups:read", "to see whether the app can post in a private channel"},
	}
	if byEmail {
		needs = append(needs, Need{"users:read.email", "to match accounts by their addresses"})
	}
	return needs
}
