package emulator

import (
	"fmt"
	"slices"
	"strings"
)

// Channel is a place for messages. The zero value besides the name is a public channel
// with everybody in it, the app's bot too.
type Channel struct {
	// ID is C...; new channels without one get one.
	ID   string
	Name string // without #

	Private, Archived bool
	// WithoutBot means that the app's bot was not invited.
	WithoutBot bool
	// Members are user ids; nil is everybody.
	Members []string
}

type channel struct {
	Channel
	dm string // the user id, of a direct message channel
}

// AddChannel adds a channel and answers with the id. The name must be new.
func (s *Slack) AddChannel(c Channel) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Name == "" || s.findChannel(c.Name) != nil || c.ID != "" && s.findChannel(c.ID) != nil {
		return Channel{}, fmt.Errorf("slack emulator: channel %q: the name and id must be new", c.Name)
	}
	if c.ID == "" {
		c.ID = s.nextID("C")
	}
	c.Members = slices.Clone(c.Members)
	s.channels = append(s.channels, &channel{Channel: c})
	s.touch()
	return c, nil
}

// ChangeChannel lets a function change a channel: archive it, throw the bot out. Its
// id stays.
func (s *Slack) ChangeChannel(name string, change func(*Channel)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.findChannel(name)
	if c == nil {
		return noSuchChannel(name)
	}
	id := c.ID
	change(&c.Channel)
	c.ID = id
	s.touch()
	return nil
}

// findChannel takes an id or a name, with or without a #.
func (s *Slack) findChannel(name string) *channel {
	plain := strings.TrimPrefix(name, "#")
	i := slices.IndexFunc(s.channels, func(c *channel) bool { return c.ID == name || c.dm == "" && c.Name == plain })
	if i < 0 {
		return nil
	}
	return s.channels[i]
}

func (s *Slack) channelByID(id string) *channel {
	i := slices.IndexFunc(s.channels, func(c *channel) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return s.channels[i]
}

func noSuchChannel(name string) error {
	return fmt.Errorf("slack emulator: there is no channel %q", name)
}

// direct opens the direct messages between the bot and a user.
func (s *Slack) direct(u *user) *channel {
	i := slices.IndexFunc(s.channels, func(c *channel) bool { return c.dm == u.ID })
	if i >= 0 {
		return s.channels[i]
	}
	c := &channel{Channel: Channel{ID: s.nextID("D"), Name: "directmessage", Private: true, Members: []string{u.ID}}, dm: u.ID}
	s.channels = append(s.channels, c)
	s.touch()
	return c
}

// has reports whether a user is in the channel.
func (c *channel) has(u *user) bool {
	return c.Members == nil && !u.Deleted || slices.Contains(c.Members, u.ID)
}

// json is the conversation object of the Web API.
func (c *channel) json() object {
	if c.dm != "" {
		return object{"id": c.ID, "is_im": true, "user": c.dm, "is_org_shared": false, "created": 1700000000}
	}
	return object{
		"id": c.ID, "name": c.Name, "name_normalized": c.Name, "is_channel": !c.Private, "is_group": c.Private, "is_im": false,
		"is_private": c.Private, "is_archived": c.Archived, "is_member": !c.WithoutBot, "created": 1700000000,
	}
}
