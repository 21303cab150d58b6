package emulator

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page is what the template knows.
type page struct {
	Team     Team
	You      User
	People   []person
	Channels []place
	Here     place
	Items    []item
	Modal    *dialog
	Warning  string
	Commands []string
	App      string
}

type person struct {
	Name, Note string
	Chosen     bool
}

type place struct {
	ID, Name, Sign    string
	Direct, Here      bool
	Private, Archived bool
}

// item is a message with what stands around it.
type item struct {
	TS, Channel, Author, Initial, Time string
	Shade                              int // of the picture
	App, OnlyYou, Calls, Edited        bool
	Broadcast                          bool // stands in a thread as well
	Text                               template.HTML
	Blocks                             []blockBox
	Replies                            []item
}

// dialog is the modal somebody has open.
type dialog struct {
	Modal
	Boxes  []blockBox
	Fields []field
}

type field struct {
	Input
	Error string
}

// fill collects what somebody sees of a channel; the first ones there are by default.
func (p *pages) fill(who, where string) page {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	data := page{Team: s.team, App: cmp.Or(s.app.Name, "the app"), Commands: s.app.Commands}
	you := s.findUser(who)
	for _, u := range s.users {
		if u.Bot {
			continue
		}
		if you == nil {
			you = u
		}
		data.People = append(data.People, person{u.Name, u.note(), u == you})
	}
	if you == nil {
		return data
	}
	data.You, data.Warning = you.User, s.seen[you.ID]
	here := s.findChannel(where)
	if here != nil && !here.seenBy(you) {
		here = nil
	}
	for _, c := range s.channels {
		if !c.seenBy(you) {
			continue
		}
		if here == nil {
			here = c
		}
		data.Channels = append(data.Channels, s.placeOf(c, c == here))
	}
	if here != nil {
		data.Here = s.placeOf(here, true)
		data.Items = s.itemsOf(here, you)
	}
	if stack := s.views[you.ID]; len(stack) > 0 {
		data.Modal = s.dialogOf(stack[len(stack)-1])
	}
	return data
}

func (u *user) note() string {
	switch {
	case u.Deleted:
		return "deactivated"
	case u.Stranger:
		return "another workspace"
	case u.Restricted:
		return "guest"
	case u.Admin:
		return "admin"
	}
	return ""
}

// seenBy is whether the channel stands in somebody's list.
func (c *channel) seenBy(u *user) bool {
	return !c.Private || c.Members == nil || slices.Contains(c.Members, u.ID)
}

func (s *Slack) placeOf(c *channel, here bool) place {
	p := place{ID: c.ID, Name: c.Name, Sign: "#", Direct: c.dm != "", Here: here, Archived: c.Archived, Private: c.Private && c.dm == ""}
	if c.dm != "" {
		p.Name, p.Sign = s.app.Name, "●"
	}
	return p
}

// itemsOf are the messages of a channel as one person sees them.
func (s *Slack) itemsOf(c *channel, you *user) []item {
	threads := map[string][]item{}
	var list []item
	for _, m := range s.messages[c.ID] {
		if m.only != "" && m.only != you.ID {
			continue
		}
		it := s.itemOf(m, you)
		if m.reply() && s.messageAt(c, m.thread) != nil {
			threads[m.thread] = append(threads[m.thread], it)
			if !m.broadcast {
				continue
			}
			it.Broadcast = true
		}
		list = append(list, it)
	}
	for i := range list {
		if !list[i].Broadcast {
			list[i].Replies = threads[list[i].TS]
		}
	}
	return list
}

func (s *Slack) itemOf(m *message, you *user) item {
	it := item{
		TS: m.ts, Channel: m.channel.ID, Author: "somebody", App: m.user == s.app.userID, OnlyYou: m.only != "",
		Time: clockOf(m.ts), Edited: m.edits > 0 && len(m.blocks) == 0,
	}
	if u := s.userByID(m.user); u != nil {
		it.Author = u.RealName
	}
	for _, r := range m.user {
		it.Shade = (it.Shade*31 + int(r)) % 6
	}
	it.Initial = strings.ToUpper(string([]rune(it.Author)[:1]))
	for _, who := range s.pings(m) {
		it.Calls = it.Calls || who == you.ID || who == "channel" || who == "here" || who == "everyone"
	}
	if len(m.blocks) == 0 {
		it.Text = s.mrkdwn(m.text)
		return it
	}
	it.Blocks = s.boxes(m.blocks, m.ts)
	return it
}

// clockOf is the time of day of a timestamp, in this computer's zone.
func clockOf(ts string) string {
	seconds, _, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return ""
	}
	return time.Unix(n, 0).Format("15:04")
}

func (s *Slack) dialogOf(v *view) *dialog {
	d := &dialog{Modal: s.modalView(v)}
	var shown []object
	for _, b := range v.blocks {
		if b["type"] != "input" {
			shown = append(shown, b)
		}
	}
	d.Boxes = s.boxes(shown, "")
	for _, in := range d.Inputs {
		d.Fields = append(d.Fields, field{in, d.Errors[in.BlockID]})
	}
	return d
}

// Rows is how high the box for an answer is.
func (f field) Rows() string { return fmt.Sprint(map[bool]int{true: 4, false: 1}[f.Multiline]) }
