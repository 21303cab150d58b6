package command

import "strings"

// indentation returns how many columns of white space a line starts with, tabs
// going to the next multiple of four, and the rest of the line.
func indentation(line string) (width int, rest string) {
	for i := range len(line) {
		switch line[i] {
		case ' ':
			width++
		case '\t':
			width += 4 - width%4
		default:
			return width, line[i:]
		}
	}
	return width, ""
}

// math stands among the lengths of runs of backticks for "$$", which opens and closes
// a formula as they do code.
const math = -1

// backticks returns the lengths of the runs of backticks in a line, and math.
func backticks(line string) map[int]bool {
	runs := map[int]bool{}
	if strings.Contains(line, "$$") {
		runs[math] = true
	}
	for i := 0; i < len(line); {
		n := runLength(line[i:], '`')
		if n > 0 {
			runs[n] = true
		}
		i += max(n, 1)
	}
	return runs
}

func runLength(s string, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

// unpaired returns the lengths of the runs of backticks that open a code span
// which does not close on the line, and math if a formula does not.
func unpaired(line string) []int {
	var open []int
	walkSpans(line, func(_, _ int) {}, func(n int) { open = append(open, n) })
	if strings.Count(withoutSpans(line), "$$")%2 == 1 {
		open = append(open, math)
	}
	return open
}

// withoutSpans blanks the inline code of a line out: what it shows is not markup.
func withoutSpans(line string) string {
	if !strings.Contains(line, "`") {
		return line
	}
	out := []byte(line)
	walkSpans(line, func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = '.'
		}
	}, func(int) {})
	return string(out)
}

// walkSpans finds the code spans that open and close on a line, and the runs of
// backticks that find no partner there.
func walkSpans(line string, span func(from, to int), lone func(n int)) {
	last := map[int]int{} // where the last run of a length begins
	for i := 0; i < len(line); {
		n := runLength(line[i:], '`')
		if n > 0 {
			last[n] = i
		}
		i += max(n, 1)
	}
	for i := 0; i < len(line); {
		if line[i] == '\\' {
			i += 2
			if i-1 < len(line) && line[i-1] != '`' {
				i--
			}
			continue
		}
		n := runLength(line[i:], '`')
		if n == 0 {
			i++
			continue
		}
		if last[n] <= i {
			lone(n)
			i += n
			continue
		}
		end := i + n
		for {
			m := runLength(line[end:], '`')
			if m == n {
				break
			}
			end += max(m, 1)
		}
		span(i, end+n)
		i = end + n
	}
}
