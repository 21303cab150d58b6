package codeowners

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPattern is how long a pattern may be, in bytes.
const maxPattern = 1000

// pattern is a pattern cut at its slashes. A segment "**" stands for any number of
// folders, none included.
type pattern struct {
	segments []string
	// inside: what is inside of a folder that fits, fits too.
	inside bool
}

// newPattern reads a pattern. The mistake says what GitHub does not take.
func newPattern(text string) (p pattern, mistake string) {
	switch {
	case len(text) > maxPattern:
		return p, "the pattern is too long"
	case strings.HasPrefix(text, "!"):
		return p, "patterns cannot be turned round with !"
	case strings.HasPrefix(text, `\#`):
		return p, "a pattern cannot begin with #"
	case strings.ContainsAny(text, "[]"):
		return p, "brackets have no meaning in patterns"
	case strings.HasSuffix(text, `\`) && !strings.HasSuffix(text, `\\`):
		return p, "nothing follows the backslash"
	}
	rest, rooted := strings.CutPrefix(text, "/")
	if strings.Trim(rest, "/") == "" {
		return p, "the pattern names nothing"
	}
	rest, folder := strings.CutSuffix(rest, "/")
	p.segments = strings.Split(rest, "/")
	if !rooted && len(p.segments) == 1 { // a bare name is found in every folder
		p.segments = append([]string{"**"}, p.segments...)
	}
	switch last := p.segments[len(p.segments)-1]; {
	case folder:
		p.segments = append(p.segments, "**", "*") // what is in it, not itself
	case last == "**":
		p.segments = append(p.segments, "*")
	case last != "*" || len(p.segments) == 2 && p.segments[0] == "**": // docs/* is for the files right there
		p.inside = true
	}
	return p, ""
}

// path is a path that patterns are held against, one after the other.
type path struct {
	names         []string
	reached, next []bool // by how many of the names
}

func newPath(text string) *path {
	names := strings.Split(text, "/")
	return &path{names: names, reached: make([]bool, len(names)+1), next: make([]bool, len(names)+1)}
}

// fits reports whether a path is meant. The time it takes is bounded by the product of
// both lengths, whatever they hold.
func (p pattern) fits(at *path) bool {
	clear(at.reached) // reached[i]: the segments so far can stand for the first i names
	at.reached[0] = true
	for _, segment := range p.segments {
		if !at.take(segment) {
			return false
		}
	}
	if !p.inside {
		return at.reached[len(at.names)]
	}
	return slices.Contains(at.reached[1:], true)
}

// take goes on by one segment; false when nothing can stand for the path any more.
func (p *path) take(segment string) (possible bool) {
	clear(p.next)
	for i, ok := range p.reached {
		switch {
		case segment == "**":
			p.next[i] = ok || i > 0 && p.next[i-1]
		case ok && i < len(p.names) && fitsName(segment, p.names[i]):
			p.next[i+1] = true
		}
	}
	p.reached, p.next = p.next, p.reached
	return slices.Contains(p.reached, true)
}

// fitsName compares one segment with one name: * stands for any characters, ? for one,
// and a backslash takes the meaning from what follows it.
func fitsName(segment, name string) bool {
	at, in := 0, 0
	star, tried := -1, 0 // where the last * is, and how far it reaches
	for in < len(name) {
		if at < len(segment) && segment[at] == '*' {
			star, tried = at, in
			at++
			continue
		}
		if took, gave := step(segment[at:], name[in:]); took > 0 {
			at, in = at+took, in+gave
			continue
		}
		if star < 0 {
			return false
		}
		_, size := utf8.DecodeRuneInString(name[tried:])
		tried += size
		at, in = star+1, tried
	}
	return strings.Trim(segment[at:], "*") == ""
}

// step compares one character; it tells how long it is in both, or 0.
func step(segment, name string) (took, gave int) {
	if segment == "" {
		return 0, 0
	}
	_, size := utf8.DecodeRuneInString(name)
	if segment[0] == '?' {
		return 1, size
	}
	escape := 0
	if segment[0] == '\\' && len(segment) > 1 {
		escape = 1
	}
	if strings.HasPrefix(segment[escape:], name[:size]) {
		return escape + size, size
	}
	return 0, 0
}
