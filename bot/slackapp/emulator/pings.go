package emulator

import (
	"regexp"
	"slices"
)

var named = regexp.MustCompile(`(?:^|\s)@(\w[\w.-]*)`)

// pings are those a message would call: ids of users, channel, here, everyone, and
// subteam:S... Text counts although blocks are shown: it is what notifications say.
// Plain text calls nobody.
func (s *Slack) pings(m *message) []string {
	var list []string
	add := func(who string) {
		if !slices.Contains(list, who) {
			list = append(list, who)
		}
	}
	read := func(text string) {
		for _, p := range pieces(text) {
			switch p.kind {
			case "user":
				add(p.value)
			case "special":
				add(p.value)
			case "subteam":
				add("subteam:" + p.value)
			case "text":
				if m.linkNames {
					for _, found := range named.FindAllStringSubmatch(p.value, -1) {
						add(found[1])
					}
				}
			}
		}
	}
	read(m.text)
	eachText(m.blocks, func(t object) {
		if t["type"] == "mrkdwn" {
			read(str(t, "text"))
		}
	})
	return list
}
