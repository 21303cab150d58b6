package report

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/penstock-cd/penstock/pipeline"
)

// logText shows the end of a log, as much of it as fits.
func (r *Renderer) logText(e *pipeline.Execution, a *pipeline.ActionExecution, tail []pipeline.LogLine) string {
	whole := link("Whole log", r.LogURL(e.ID, a.ID))
	if len(tail) == 0 {
		return fmt.Sprintf("%s of %s.\n", whole, code(a.Name))
	}
	room := maxOutput - 1000 // for the words and the fence around it
	var lines []string
	longest := 0
	for i := len(tail) - 1; i >= 0; i-- {
		l := logLine(tail[i])
		longest = max(longest, longestRun(l, '`'))
		if room -= len(l) + 1; room < 2*longest {
			break
		}
		lines = append(lines, l)
	}
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return fmt.Sprintf("The last %d lines of %s:\n\n%s\n\n%s.\n", len(lines), code(a.Name), fenced(lines), whole)
}

// logLine shows one line of a log as text: no escape sequences of a terminal, no
// control characters.
func logLine(l pipeline.LogLine) string {
	s := withoutEscapes(strings.ToValidUTF8(l.Text, "\ufffd"))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, s)
	s = cutBytes(strings.ReplaceAll(s, "<!--", "<!"+joiner+"--"), maxLogLine)
	if l.Stream == pipeline.System {
		return "[penstock] " + s
	}
	return s
}

// withoutEscapes removes the sequences by which programs colour a terminal.
func withoutEscapes(s string) string {
	if !strings.Contains(s, "\x1b") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != 0x1b {
			b.WriteByte(s[i])
			i++
			continue
		}
		i++
		if i == len(s) {
			break
		}
		switch s[i] {
		case '[': // parameters, then one letter
			for i++; i < len(s) && (s[i] < 0x40 || s[i] > 0x7e); i++ {
			}
			i++
		case ']': // a title, ended by BEL or ESC \
			for i++; i < len(s) && s[i] != 0x07 && s[i] != 0x1b; i++ {
			}
			if i < len(s) && s[i] == 0x07 {
				i++
			}
		default:
			i++
		}
	}
	return b.String()
}
