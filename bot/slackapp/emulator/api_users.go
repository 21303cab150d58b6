package emulator

import (
	"slices"
	"strings"
)

func (s *Slack) userInfo(c *call) (object, error) {
	u := s.userByID(c.get("user"))
	if u == nil {
		return nil, fail("user_not_found")
	}
	return object{"user": u.json(c.may("users:read.email"))}, nil
}

// lookupByEmail finds people of this workspace; whoever is deactivated is not found.
func (s *Slack) lookupByEmail(c *call) (object, error) {
	email := c.get("email")
	i := slices.IndexFunc(s.users, func(u *user) bool {
		return u.Email != "" && strings.EqualFold(u.Email, email) && !u.Deleted && !u.Stranger && u.Team == s.team.ID
	})
	if i < 0 {
		return nil, fail("users_not_found")
	}
	return object{"user": s.users[i].json(true)}, nil
}

func (s *Slack) conversationInfo(c *call) (object, error) {
	found := s.channelByID(c.get("channel"))
	if found == nil || found.Private && found.WithoutBot {
		return nil, fail("channel_not_found")
	}
	scope := "channels:read"
	switch {
	case found.dm != "":
		scope = "im:read"
	case found.Private:
		scope = "groups:read"
	}
	if !c.may(scope) {
		return nil, missingScope(c.token, scope)
	}
	return object{"channel": found.json()}, nil
}

// openConversation opens direct messages with one user.
func (s *Slack) openConversation(c *call) (object, error) {
	if found := s.channelByID(c.get("channel")); found != nil && found.dm != "" {
		return object{"channel": found.json()}, nil
	}
	if c.get("users") == "" {
		return nil, fail("users_list_not_supplied")
	}
	u := s.userByID(c.get("users"))
	if err := reachable(u); err != nil {
		return nil, err
	}
	before := len(s.channels)
	channel := object{"id": s.direct(u).ID}
	if c.yes("return_im") {
		channel = s.direct(u).json()
	}
	known := len(s.channels) == before
	return object{"channel": channel, "no_op": known, "already_open": known}, nil
}

// reachable says whether the bot can write to somebody.
func reachable(u *user) error {
	switch {
	case u == nil:
		return fail("user_not_found")
	case u.Deleted:
		return fail("user_disabled")
	case u.Bot:
		return fail("cannot_dm_bot")
	}
	return nil
}
