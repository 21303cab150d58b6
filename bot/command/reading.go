package command

import "strings"

// region is what the text is inside of.
type region int

const (
	text    region = iota
	fence          // a fenced code block
	raw            // HTML that ends at a certain text: a comment, <pre> ...
	element        // HTML that ends at a blank line
)

// reading is one way to read a comment up to some line. Readings are compared
// with ==.
type reading struct {
	region region
	fence  string // the run of characters that opened it
	until  string // the text that ends raw HTML, in lower case
	// listed: an item of a list holds the fence, and ends it; column is where the
	// fence stands.
	listed bool
	column int
	// list: an item of a list may still be open.
	list bool
	// note: a footnote may still be open.
	note bool
	// muted: the rest of the paragraph belongs to a quote, a link or a tag.
	muted bool
	// blank: the line before was blank.
	blank bool
	// open counts the elements that hide or quote what is in them.
	open elements
}

// line is what a reading makes of one more line.
type line struct {
	after []reading // how the comment may be read from here
	text  bool      // the line may be text, not code or markup
	heard bool      // the line is text and the writer's own, whatever is after it
}

// or joins two ways to read the same line.
func (l line) or(other line) line {
	return line{append(l.after, other.after...), l.text || other.text, l.heard && other.heard}
}

// step reads one more line.
func (r reading) step(s string) line {
	width, rest := indentation(s)
	if rest == "" {
		if r.region == element {
			r.region = text
		}
		r.muted, r.blank = false, true
		return line{after: []reading{r}}
	}
	switch r.region {
	case fence:
		return r.inFence(s, width, rest)
	case raw:
		return r.inRaw(s)
	case element:
		r.blank = false
		return line{after: r.inline(rest, false)}
	}
	heard := !r.muted && !r.open.any()
	return line{r.inText(width, rest), true, heard}
}

// inFence reads a line of a fenced code block.
func (r reading) inFence(s string, width int, rest string) line {
	closed := r
	closed.region, closed.fence, closed.listed, closed.column = text, "", false, 0
	n := runLength(rest, r.fence[0])
	ends := n >= len(r.fence) && strings.TrimRight(rest[n:], " \t") == ""
	switch {
	case ends && (r.listed && width == r.column || !r.listed && width <= 3):
		return line{after: []reading{closed}}
	case r.listed && width < 2: // the item is over, and its code with it
		return closed.step(s)
	case r.listed && width < r.column: // it may be
		r := line{after: []reading{r}}.or(closed.step(s))
		if ends {
			r.after = append(r.after, closed)
		}
		return r
	case r.listed && ends && width <= r.column+3:
		return line{after: []reading{r, closed}}
	}
	return line{after: []reading{r}}
}

// inRaw reads a line of HTML that ends at a certain text.
func (r reading) inRaw(s string) line {
	l := r.untilEnd(s)
	if r.list { // the item may be over, and its HTML with it
		r.region, r.until = text, ""
		l = l.or(r.step(s))
	}
	return l
}

// untilEnd looks for the text that ends raw HTML.
func (r reading) untilEnd(s string) line {
	i := strings.Index(lower(s), r.until)
	if i < 0 {
		return line{after: []reading{r}}
	}
	s = s[i+len(r.until):]
	r.region, r.until = text, ""
	return line{after: r.inline(s, false)}
}

// inText reads a line of text, which may open something else.
func (r reading) inText(width int, rest string) []reading {
	deep := width > 3 // code, or the rest of a paragraph, or text of an item
	item := false
	for !deep || r.list {
		inner, gap, ok := afterMarker(rest)
		if !ok {
			break
		}
		width += gap
		deep = deep || gap > 5 // code in the item
		item = true
		rest = inner
	}
	if !item && width < 2 && r.blank {
		r.list, r.note = false, false
	}
	r.list = r.list || item
	r.note = r.note || strings.HasPrefix(rest, "[^")
	r.muted = r.muted || r.note && deep // more of the footnote
	r.blank = false

	switch run := fenceRun(rest); {
	case run != "":
		return r.openFence(run, width, rest, item, deep)
	case strings.HasPrefix(rest, ">"):
		r.muted = true
		return []reading{r}
	case strings.HasPrefix(rest, "<"):
		return r.openHTML(rest, deep)
	}
	return r.inline(rest, deep)
}

// openFence reads a line that looks like the start of a fenced code block.
func (r reading) openFence(run string, width int, rest string, item, deep bool) []reading {
	top := r
	top.region, top.fence, top.muted = fence, run, false
	listed := top
	listed.listed, listed.column = true, width
	switch {
	case item && !deep:
		return []reading{listed}
	case deep && r.list:
		return append(r.inline(rest, deep), listed)
	case deep:
		return r.inline(rest, deep)
	case r.list && width > 1:
		return []reading{top, listed}
	}
	return []reading{top}
}

// afterMarker strips the marker of a list's item, which takes gap columns with
// the white space after it.
func afterMarker(s string) (rest string, gap int, ok bool) {
	n := 0
	for n < len(s) && n < 9 && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	switch {
	case n > 0 && n < len(s) && (s[n] == '.' || s[n] == ')'):
	case n == 0 && s != "" && strings.IndexByte("-*+", s[0]) >= 0:
	default:
		return s, 0, false
	}
	if n++; n == len(s) {
		return "", n, true
	}
	if s[n] != ' ' && s[n] != '\t' {
		return s, 0, false
	}
	space, rest := indentation(s[n:])
	return rest, n + space, true
}

// fenceRun returns the run of characters with which a line opens a fenced code
// block, or "".
func fenceRun(s string) string {
	if s == "" || s[0] != '`' && s[0] != '~' {
		return ""
	}
	n := runLength(s, s[0])
	if n < 3 || s[0] == '`' && strings.Contains(s[n:], "`") {
		return ""
	}
	return s[:n]
}
