package emulator

import "strings"

// piece is a part of mrkdwn: text, or what stands in angle brackets.
type piece struct {
	kind  string // "text", "user", "channel", "special", "subteam", "date", "link"
	value string // text decoded; an id, a word or an address
	label string // what to show instead, decoded
}

// pieces takes mrkdwn apart. Angle brackets that people wrote arrive as &lt; and &gt;
// and are text; bare ones are Slack's own.
func pieces(text string) []piece {
	var all []piece
	for text != "" {
		before, rest, found := strings.Cut(text, "<")
		if before != "" {
			all = append(all, piece{kind: "text", value: asText(before)})
		}
		if !found {
			break
		}
		inside, after, closed := strings.Cut(rest, ">")
		if !closed || strings.Contains(inside, "\n") || inside == "" {
			all = append(all, piece{kind: "text", value: "<"})
			text = rest
			continue
		}
		all = append(all, bracket(inside))
		text = after
	}
	return all
}

func bracket(inside string) piece {
	value, label, _ := strings.Cut(inside, "|")
	label = asText(label)
	switch {
	case strings.HasPrefix(value, "@"):
		return piece{"user", value[1:], label}
	case strings.HasPrefix(value, "#"):
		return piece{"channel", value[1:], label}
	case strings.HasPrefix(value, "!subteam^"):
		return piece{"subteam", strings.TrimPrefix(value, "!subteam^"), label}
	case strings.HasPrefix(value, "!date^"):
		return piece{"date", value, label}
	case strings.HasPrefix(value, "!"):
		return piece{"special", value[1:], label}
	}
	return piece{"link", asText(value), label}
}

// shown is what a piece reads like.
func (s *Slack) shown(p piece) string {
	switch p.kind {
	case "text":
		return p.value
	case "user":
		if u := s.userByID(p.value); u != nil {
			return "@" + u.Name
		}
		return "@" + or(p.label, p.value)
	case "channel":
		if c := s.channelByID(p.value); c != nil {
			return "#" + c.Name
		}
		return "#" + or(p.label, p.value)
	case "special":
		return "@" + p.value
	case "subteam":
		return or(p.label, "@"+p.value)
	case "date":
		return p.label
	}
	return or(p.label, p.value)
}

// plain is mrkdwn as text; bold and the like keep their marks.
func (s *Slack) plain(text string) string {
	var b strings.Builder
	for _, p := range pieces(text) {
		b.WriteString(s.shown(p))
	}
	return b.String()
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
