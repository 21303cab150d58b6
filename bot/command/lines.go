package command

import "strings"

// maxReadings bounds how many ways of reading a text are followed at once.
const maxReadings = 16

// liveLine is a line of plain text that starts with a slash.
type liveLine struct {
	number int    // from 1
	text   string // without the spaces around it
}

// liveLines returns the lines of a comment that start with a slash and are plain
// text however the comment is read.
func liveLines(body string) []liveLine {
	if len(body) > MaxBody || !strings.Contains(body, "/") {
		return nil
	}
	body = strings.ReplaceAll(body, "\r\n", "\n")
	lines := strings.Split(strings.ReplaceAll(body, "\r", "\n"), "\n")

	live := make([]bool, len(lines))
	isText := make([]bool, len(lines)) // in some reading
	readings := []reading{{}}
	for i, s := range lines {
		var next []reading
		live[i] = startsWithSlash(s)
		for _, r := range readings {
			l := r.step(s)
			isText[i] = isText[i] || l.text
			live[i] = live[i] && l.heard
			next = merge(next, l.after)
		}
		if len(next) > maxReadings {
			clear(live[i:]) // too many ways to read it: nothing more is heard
			break
		}
		readings = next
	}

	var found []liveLine
	inSpan := spannedLines(lines, isText)
	for i, line := range lines {
		if live[i] && !inSpan[i] {
			found = append(found, liveLine{i + 1, strings.TrimSpace(line)})
		}
	}
	return found
}

// startsWithSlash reports whether a line starts with a slash after at most three
// spaces; with four it is code.
func startsWithSlash(line string) bool {
	width, rest := indentation(line)
	return width <= 3 && strings.HasPrefix(rest, "/")
}

func merge(all, more []reading) []reading {
	for _, m := range more {
		seen := false
		for _, r := range all {
			seen = seen || r == m
		}
		if !seen {
			all = append(all, m)
		}
	}
	return all
}

// spannedLines tells which lines may start inside an inline code span, or a formula,
// that began on an earlier line of the same paragraph.
func spannedLines(lines []string, isText []bool) []bool {
	spanned := make([]bool, len(lines))
	for start := 0; start < len(lines); {
		end := start
		for end < len(lines) && isText[end] && strings.TrimSpace(lines[end]) != "" {
			end++
		}
		last := map[int]int{} // length of a run of backticks, or math -> the last line that has one
		for i := start; i < end; i++ {
			for n := range backticks(lines[i]) {
				last[n] = i
			}
		}
		open := map[int]bool{} // those that did not close on their own line
		for i := start; i < end; i++ {
			for n := range open {
				spanned[i] = spanned[i] || last[n] >= i
			}
			for _, n := range unpaired(lines[i]) {
				open[n] = true
			}
		}
		start = max(end, start+1)
	}
	return spanned
}
