package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// slackSee waits until Slack shows something.
func (s *player) slackSee(what string, condition func(*slackemulator.View) bool) error {
	return s.wait(what, func(ctx waiting) error { return s.scene.slackWorld.Await(ctx, condition) })
}

// slack await waits for one of:
//
//	message 'TEXT' [in CHANNEL]         with or without buttons
//	asks 'TEXT' [in CHANNEL]            a message with Approve and Reject
//	decided 'TEXT' [in CHANNEL]         a message without them
//	thread 'TEXT' [in CHANNEL]          an answer in a thread
//	broadcast 'TEXT' [in CHANNEL]       one that is in the channel too
//	gone 'TEXT' [in CHANNEL]            no message any more
//	whisper USER 'TEXT'                 what USER alone sees
//	direct USER 'TEXT'
//	modal USER ['TEXT']; closed USER
//	connections N
//	called METHOD N                     so many requests at least
//
// Texts are regular expressions.
func (s *player) slackAwait(args []string) error {
	rest, by := clauses(args, "in")
	what, channel := "slack await "+strings.Join(args, " "), in(by)
	if len(rest) < 2 {
		return fmt.Errorf("%s: what?", what)
	}
	kind := rest[0]
	words, err := text(rest, len(rest)-1)
	if err != nil {
		return err
	}
	some := func(list []slackemulator.Message, and func(slackemulator.Message) bool) bool {
		return slices.ContainsFunc(list, func(m slackemulator.Message) bool { return words.MatchString(m.Plain) && and(m) })
	}
	always := func(slackemulator.Message) bool { return true }
	replies := func(v *slackemulator.View) (all []slackemulator.Message) {
		for _, m := range v.Messages(channel) {
			all = append(all, m.Replies...)
		}
		return all
	}
	switch {
	case len(rest) == 2 && kind == "message":
		return s.slackSee(what, func(v *slackemulator.View) bool { return some(v.Messages(channel), always) })
	case len(rest) == 2 && kind == "asks":
		return s.slackSee(what, func(v *slackemulator.View) bool { return some(v.Messages(channel), slackAsks) })
	case len(rest) == 2 && kind == "decided":
		return s.slackSee(what, func(v *slackemulator.View) bool {
			return some(v.Messages(channel), func(m slackemulator.Message) bool { return !slackAsks(m) })
		})
	case len(rest) == 2 && kind == "thread":
		return s.slackSee(what, func(v *slackemulator.View) bool { return some(replies(v), always) })
	case len(rest) == 2 && kind == "broadcast":
		return s.slackSee(what, func(v *slackemulator.View) bool {
			return some(replies(v), func(m slackemulator.Message) bool { return m.Broadcast })
		})
	case len(rest) == 2 && kind == "gone":
		return s.slackSee(what, func(v *slackemulator.View) bool { return !some(v.Messages(channel), always) })
	case len(rest) == 3 && kind == "whisper":
		return s.slackSee(what, func(v *slackemulator.View) bool { return some(v.Ephemerals(rest[1]), always) })
	case len(rest) == 3 && kind == "direct":
		return s.slackSee(what, func(v *slackemulator.View) bool { return some(v.DirectMessages(rest[1]), always) })
	case kind == "modal":
		return s.slackSee(what, func(v *slackemulator.View) bool {
			m, open := v.Modal(rest[1])
			return open && (len(rest) == 2 || words.MatchString(m.Title+"\n"+m.Plain))
		})
	case len(rest) == 2 && kind == "closed":
		return s.slackSee(what, func(v *slackemulator.View) bool {
			_, open := v.Modal(rest[1])
			return !open
		})
	case len(rest) == 2 && kind == "connections", len(rest) == 3 && kind == "called":
		n, err := strconv.Atoi(rest[len(rest)-1])
		if err != nil {
			return err
		}
		return s.slackSee(what, func(v *slackemulator.View) bool {
			if kind == "connections" {
				return v.Connections() == n
			}
			return v.Calls(rest[1]) >= n
		})
	}
	return fmt.Errorf("%s: nobody can wait for this", what)
}

// slackAsks is whether a message has the buttons of an open gate.
func slackAsks(m slackemulator.Message) bool {
	return slices.ContainsFunc(m.Buttons, func(b slackemulator.Button) bool { return b.ActionID == "penstock.approve" })
}

// slack show [CHANNEL] | whispers USER | direct USER
//
// prints messages: --- and who, then the lines; answers in threads are indented.
func (s *player) slackShow(args []string) error {
	switch {
	case len(args) <= 1:
		s.printf("%s", s.scene.slackLines(strings.Join(append(args, "releases")[:1], "")))
	case len(args) == 2 && args[0] == "whispers":
		s.printf("%s", slackText(s.scene.slackWorld.Ephemerals(args[1]), ""))
	case len(args) == 2 && args[0] == "direct":
		s.printf("%s", slackText(s.scene.slackWorld.DirectMessages(args[1]), ""))
	default:
		return errors.New("slack show [CHANNEL] | whispers USER | direct USER")
	}
	return nil
}

// slack pings [CHANNEL]
//
// prints whom the messages of a channel have called.
func (s *player) slackPings(args []string) error {
	called := s.scene.slackWorld.Pings(append(args, "releases")[0])
	if len(called) == 0 {
		called = []string{"nobody"}
	}
	s.printf("%s\n", strings.Join(called, "\n"))
	return nil
}

func (s *scene) slackLines(channel string) string {
	return slackText(s.slackWorld.Messages(channel), "")
}

func slackText(list []slackemulator.Message, indent string) string {
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "%s--- %s", indent, m.User)
		if m.Edits > 0 {
			fmt.Fprintf(&b, " (edited %d)", m.Edits)
		}
		if m.Broadcast {
			b.WriteString(" (broadcast)")
		}
		fmt.Fprintf(&b, "\n%s%s\n", indent, strings.ReplaceAll(m.Plain, "\n", "\n"+indent))
		b.WriteString(slackText(m.Replies, indent+"    "))
	}
	return b.String()
}

// slackAll is everything that Slack shows, for a story that went wrong.
func (s *scene) slackAll() string {
	if s.slackWorld == nil {
		return ""
	}
	var b strings.Builder
	for _, channel := range []string{"releases", "ops"} {
		fmt.Fprintf(&b, "== slack #%s\n%s", channel, s.slackLines(channel))
	}
	for login := range s.people {
		fmt.Fprintf(&b, "== slack, for %s alone\n%s%s", login, slackText(s.slackWorld.Ephemerals(login), ""), slackText(s.slackWorld.DirectMessages(login), ""))
		if m, open := s.slackWorld.Modal(login); open {
			fmt.Fprintf(&b, "modal: %s\n%s\n%v\n", m.Title, m.Plain, m.Errors)
		}
	}
	fmt.Fprintf(&b, "== slack, %d connections, calls\n", s.slackWorld.Connections())
	for _, c := range s.slackWorld.Log() {
		fmt.Fprintf(&b, "%s %s %s %s\n", c.Method, c.Channel, c.TS, c.Error)
	}
	return b.String()
}
