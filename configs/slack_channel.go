package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// SlackChannel is a channel that may be told of something, and of what. Repositories,
// Pipelines and Environments that are empty mean all; Events never are.
type SlackChannel struct {
	// Name is what policies call it, without the #: `slack: "#releases"`.
	Name string
	// ID is Slack's own: C... or G...
	ID string
	// Repositories are owner/name, or owner/* for all of an owner.
	Repositories []string
	Pipelines    []string
	// Environments left out are all, and runs without one.
	Environments []string
	// Events are some of started, waiting, succeeded, failed, rejected and superseded.
	Events []string
	Line   int // of the file, where it begins
}

// slackEvents are those that a channel may be told of.
func slackEvents() []string {
	return []string{"started", "waiting", "succeeded", "failed", "rejected", "superseded"}
}

var (
	channelID   = regexp.MustCompile(`^[CG][A-Z0-9]{1,63}$`)
	channelName = regexp.MustCompile(`^[^\s#@,.]{1,80}$`)
)

// declareChannel takes one key of one channel over, such as slack.channels.NAME.id,
// and returns what is wrong.
func (l *loader) declareChannel(name, key string, e entry) string {
	channels := l.c.Slack.Channels
	i := slices.IndexFunc(channels, func(c SlackChannel) bool { return c.Name == name })
	if i < 0 {
		i = len(channels)
		l.c.Slack.Channels = append(channels, SlackChannel{Name: name, Line: e.line})
	}
	c := &l.c.Slack.Channels[i]
	list := map[string]*[]string{"repositories": &c.Repositories, "pipelines": &c.Pipelines, "environments": &c.Environments, "events": &c.Events}
	switch to := list[key]; {
	case to != nil:
		*to = fields(e.value)
		if len(*to) == 0 {
			return "this is empty, and nothing would be told; name some, or remove the line: then it is all, or of events waiting, failed and rejected"
		}
	case key == "id":
		c.ID = e.value
	case key != "":
		return "there is no such key; a channel has id, repositories, pipelines, environments and events"
	}
	return ""
}

// checkChannels looks at each channel as a whole, and fills in the events that were
// left out.
func (l *loader) checkChannels() Problems {
	var problems Problems
	names := map[string]string{}
	for i := range l.c.Slack.Channels {
		c := &l.c.Slack.Channels[i]
		bad := func(format string, args ...any) {
			problems = append(problems, fmt.Sprintf("line %d: slack.channels.%s: %s", c.Line, c.Name, fmt.Sprintf(format, args...)))
		}
		other, twice := names[strings.ToLower(c.Name)]
		names[strings.ToLower(c.Name)] = c.Name
		switch {
		case strings.HasPrefix(c.Name, "#"):
			bad("write the name without #")
		case !channelName.MatchString(c.Name):
			bad("that is not the name of a channel")
		case twice:
			bad("%s is the same name, for Slack has small letters only", other)
		}
		if problem := checkChannelID(c.ID); problem != "" {
			bad("%s", problem)
		}
		for _, r := range c.Repositories {
			if !boundRepository(r) {
				bad("%q is neither owner/name nor owner/*", r)
			}
		}
		for _, event := range c.Events {
			if slices.Contains(slackEvents(), event) {
				continue
			}
			if near := nearest(event, slackEvents()); near != "" {
				bad("there is no event %q; did you mean %s?", event, near)
			} else {
				bad("there is no event %q; there are %s", event, strings.Join(slackEvents(), ", "))
			}
		}
		if len(c.Events) == 0 {
			c.Events = []string{"waiting", "failed", "rejected"}
		}
	}
	return problems
}

func checkChannelID(id string) string {
	const where = "it is at the end of the channel's details in Slack and looks like C0123456789"
	switch {
	case id == "":
		return "name the id of the channel, as id: " + where
	case channelID.MatchString(id):
		return ""
	case strings.HasPrefix(id, "#"):
		return fmt.Sprintf("id: %q is a name, which somebody else's channel may have tomorrow; write the id: %s", id, where)
	case strings.HasPrefix(id, "U"), strings.HasPrefix(id, "W"), strings.HasPrefix(id, "@"):
		return fmt.Sprintf("id: %q is a person; write the id of a channel: %s", id, where)
	case strings.HasPrefix(id, "D"):
		return fmt.Sprintf("id: %q is a conversation of two; write the id of a channel: %s", id, where)
	}
	return fmt.Sprintf("id: %q is not the id of a channel: %s", id, where)
}
