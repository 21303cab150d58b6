package host

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

const (
	maxLine = 16 << 10 // bytes of a line in the log; a longer one is split
	// lookahead is how much behind a split is read before the part in front of it
	// is given away, so that a secret on the border is seen. Longer secrets than
	// this are not masked when they meet a split.
	lookahead = 4 << 10
)

// cutter cuts one stream of output into lines. Where it cuts depends on the
// bytes alone, not on how they arrive nor on what is masked: reading a spool
// again gives the same lines at the same places.
type cutter struct {
	text []byte // the end of the part given away last, then the line so far
	from int    // where the line so far begins
	open bool   // the line has bytes, perhaps given away in part already
}

// add takes bytes and calls emit for every line they complete, with the number
// of these bytes used up to there.
func (c *cutter) add(data []byte, redactor *compute.Redactor, emit func(used int, text string)) {
	for used := 0; used < len(data); {
		rest := data[used:]
		room := maxLine + lookahead - (len(c.text) - c.from)
		newline := bytes.IndexByte(rest[:min(room, len(rest))], '\n')
		if newline >= 0 {
			c.text = append(c.text, rest[:newline]...)
			used += newline + 1
			c.open = true
			c.flush(redactor, func(text string) { emit(used, text) })
			continue
		}
		n := min(room, len(rest))
		c.text = append(c.text, rest[:n]...)
		c.open = true
		used += n
		if n == room {
			emit(used, c.part(redactor))
		}
	}
}

// part gives away the first maxLine bytes of the line, and keeps what a secret
// may need that lies across the border.
func (c *cutter) part(redactor *compute.Redactor) string {
	end := c.from + maxLine
	for i := 0; i < utf8.UTFMax-1 && !utf8.RuneStart(c.text[end]); i++ {
		end--
	}
	text := cleanLine(string(redactor.AppendWindow(nil, c.text, c.from, end)))
	keep := end - lookahead
	c.text = append(c.text[:0], c.text[keep:]...)
	c.from = lookahead
	return text
}

// flush ends the line, if there is one.
func (c *cutter) flush(redactor *compute.Redactor, emit func(text string)) {
	if !c.open {
		return
	}
	for len(c.text)-c.from > maxLine {
		emit(c.part(redactor))
	}
	text := redactor.AppendWindow(nil, c.text, c.from, len(c.text))
	emit(cleanLine(string(bytes.TrimSuffix(text, []byte("\r")))))
	c.text, c.from, c.open = c.text[:0], 0, false
}

// cleanLine makes a text fit for every database and for JSON.
func cleanLine(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
