package report

import (
	"strings"
	"unicode/utf8"
)

// What the forge takes at most. It counts characters; where the count is large
// we count bytes, which are never fewer.
const (
	maxDescription = 140
	maxTitle       = 255
	maxOutput      = 65535 // of a check's summary and of its text
	maxComment     = 60000
	maxMessage     = 64 << 10 // of an annotation
	maxWords       = 300      // of a sentence that somebody wrote, where there is a page with the whole
	maxLogLine     = 2000
)

// cut shortens a text to a number of characters, at a space if one is near, and
// marks the cut.
func cut(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)[:limit-1]
	end := len(runes)
	for i := end; i > end-20 && i > 0; i-- {
		if runes[i-1] == ' ' {
			end = i - 1
			break
		}
	}
	return strings.TrimRight(string(runes[:end]), " ,;:") + "…"
}

// line makes one line of at most limit characters of what somebody wrote. The
// work is bounded too.
func line(s string, limit int) string {
	return cut(plain(cutBytes(s, 8*limit)), limit)
}

// cutLines keeps the first lines of Markdown that fit into a number of bytes
// together with a note, which is added only if something was cut.
func cutLines(s string, limit int, note string) string {
	if len(s) <= limit {
		return s
	}
	room := limit - len(note) - 2
	end := strings.LastIndexByte(s[:max(room, 0)+1], '\n')
	return s[:max(end, 0)] + "\n\n" + note
}

// cutBytes keeps the first bytes of a text, whole characters only.
func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// fit puts sections of Markdown together, whole ones, as many as fit into a number of
// bytes; one that does not fit is left out, and then the note follows. The first is
// always there, cut between lines if need be.
func fit(sections []string, limit int, note string) string {
	var all string
	cut := false
	for i, s := range sections {
		s = strings.TrimSpace(s)
		switch {
		case s == "":
		case i == 0:
			all = strings.TrimRight(cutLines(s, limit-len(note)-4, ""), "\n")
			cut = all != s
		case len(all)+2+len(s)+2+len(note)+1 > limit:
			cut = true
		default:
			all += "\n\n" + s
		}
	}
	if cut {
		all += "\n\n" + note
	}
	return all + "\n"
}
