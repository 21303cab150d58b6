package definition

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/pipeline"
)

// The characters besides letters and digits that names may have, as on AWS.
const (
	nameCharacters     = ".@-_" // of pipelines, stages and actions
	artifactCharacters = "-_"
	variableCharacters = "@-_" // of variables of the pipeline and of namespaces
)

// text reads text in which no references may stand; numbers, true and false are
// taken as they were written. It reports what is empty, longer than limit
// characters, or not to be seen.
func (r *reader) text(n *node, limit int) (string, bool) {
	s, ok := r.anyText(n, limit)
	if found := pipeline.References(s); ok && len(found) > 0 {
		r.bad(n, "they stand in configuration, commands, environmentVariables and rules", "%s: a reference cannot stand here", shown(found[0]))
		return "", false
	}
	return s, ok
}

// anyText reads text that may have references, which are left to the caller.
func (r *reader) anyText(n *node, limit int) (string, bool) {
	switch {
	case n.kind == kindNull:
		r.bad(n, "give it a value, or remove it", "has no value")
	case !n.scalar():
		r.bad(n, "", "must be text, and this is %s", n.kind)
	case strings.TrimSpace(n.text) == "":
		r.bad(n, "", "is empty")
	default:
		return n.text, r.visible(n, limit)
	}
	return "", false
}

// visible checks the length of a text and that people see all of it. Tabs and
// line ends are left to the caller.
func (r *reader) visible(n *node, limit int) bool {
	if count := utf8.RuneCountInString(n.text); count > limit {
		r.bad(n, "", "has %d characters; the limit is %d", count, limit)
		return false
	}
	for _, c := range n.text {
		if c != '\n' && c != '\t' && unsafeRune(c) {
			r.bad(n, "remove it", "has a character that cannot be seen (%U)", c)
			return false
		}
	}
	return true
}

// line reads text on one line.
func (r *reader) line(n *node, limit int) (string, bool) {
	s, ok := r.text(n, limit)
	if ok && strings.ContainsAny(s, "\n\t") {
		r.bad(n, "", "must be one line, without tabs")
		return "", false
	}
	return s, ok
}

// word reads a name of letters, digits and the given others.
func (r *reader) word(n *node, others string, limit int) (string, bool) {
	s, ok := r.line(n, limit)
	if ok && !only(s, others) {
		r.bad(n, "allowed are letters, digits and "+strings.Join(strings.Split(others, ""), " "), "%s has a character that is not allowed", quote(s))
		return "", false
	}
	return s, ok
}

// integer reads a whole number within bounds.
func (r *reader) integer(n *node, low, high int) (int, bool) {
	i, err := strconv.Atoi(n.text)
	if !n.scalar() || err != nil || strconv.Itoa(i) != n.text || i < low || i > high {
		r.bad(n, "", "must be a whole number from %d to %d", low, high)
		return 0, false
	}
	return i, true
}

// boolean reads true or false.
func (r *reader) boolean(n *node) (bool, bool) {
	switch {
	case n.scalar() && strings.EqualFold(n.text, "true"):
		return true, true
	case n.scalar() && strings.EqualFold(n.text, "false"):
		return false, true
	}
	r.bad(n, "", "must be true or false")
	return false, false
}

// enum reads one of the words, in any case of letters, and returns it as listed.
func (r *reader) enum(n *node, words ...string) (string, bool) {
	s, ok := r.line(n, 100)
	if !ok {
		return "", false
	}
	if i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, s) }); i >= 0 {
		return words[i], true
	}
	hint := "write " + list(words, "or")
	if near := nearest(s, words); near != "" {
		hint = "did you mean `" + near + "`?"
	}
	r.bad(n, hint, "%s is not known", quote(s))
	return "", false
}

// elements checks that a value is a list of low to high items.
func (r *reader) elements(n *node, low, high int, hint string) []*node {
	switch {
	case n.kind != kindList:
		r.bad(n, hint, "must be a list, and this is %s", n.kind)
	case len(n.items) < low:
		r.bad(n, hint, "is empty")
	case len(n.items) > high:
		r.bad(n, "", "has %d entries; the limit is %d", len(n.items), high)
	default:
		return n.items
	}
	return nil
}

// The bounds of approval and action timeouts; AWS's upper one is the same.
const (
	minTimeout = time.Second
	maxTimeout = 60 * 24 * time.Hour
)

// duration reads 90s, 1h30m, 7d or 1d12h.
func (r *reader) duration(n *node) (time.Duration, bool) {
	const hint = "write for example 90s, 15m, 1h30m or 7d"
	s, ok := r.line(n, 40)
	if !ok {
		return 0, false
	}
	d, ok := parseDuration(s)
	switch {
	case !ok && only(s, "") && strings.Trim(s, "0123456789") == "":
		r.bad(n, "write "+s+"s or "+s+"m", "%s has no unit", quote(s))
	case !ok:
		r.bad(n, hint, "%s is not a duration", quote(s))
	case d < minTimeout || d > maxTimeout:
		r.bad(n, hint, "must be from 1s to 60d")
	default:
		return d, true
	}
	return 0, false
}

// inWords writes a duration as it stands in a file: 2d15h, 90m.
func inWords(d time.Duration) string {
	const day = 24 * time.Hour
	s := ""
	if days := d / day; days > 0 {
		s = strconv.Itoa(int(days)) + "d"
	}
	for _, unit := range []struct {
		of   time.Duration
		word string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d % day / unit.of; n > 0 {
			s, d = s+strconv.Itoa(int(n))+unit.word, d%unit.of
		}
	}
	return s
}

// parseDuration reads Go's durations, and whole days before them.
func parseDuration(s string) (time.Duration, bool) {
	if strings.ContainsAny(s, "+-") {
		return 0, false
	}
	var days time.Duration
	if before, after, found := strings.Cut(s, "d"); found {
		n, err := strconv.Atoi(before)
		if err != nil || n > 36_500 {
			return 0, false
		}
		if days = time.Duration(n) * 24 * time.Hour; after == "" {
			return days, true
		}
		s = after
	}
	d, err := time.ParseDuration(s)
	if err != nil || d > 36_500*24*time.Hour {
		return 0, false
	}
	return days + d, true
}
