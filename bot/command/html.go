package command

import "strings"

// hiding returns the elements whose content is not the writer's plain word:
// folded, quoted, code, or not shown at all.
func hiding() [16]string {
	return [16]string{
		"details", "summary", "pre", "code", "blockquote", "q", "samp", "kbd",
		"tt", "script", "style", "textarea", "template", "xmp", "title", "svg",
	}
}

// elements counts the open ones of hiding.
type elements [16]uint16

func (e elements) any() bool { return e != elements{} }

// count reads the tags of a line without its code spans. A line that may be code
// can open an element, but not close one.
func (e elements) count(line string, opensOnly bool) elements {
	for i := strings.IndexByte(line, '<'); i >= 0; {
		name, closing := tagName(line[i:])
		for k, h := range hiding() {
			switch {
			case name != h:
			case closing:
				if e[k] > 0 && !opensOnly {
					e[k]--
				}
			case e[k] < 1<<15:
				e[k]++
			}
		}
		next := strings.IndexByte(line[i+1:], '<')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return e
}

// tagName returns the lower-case name of the tag that a text starts with, or "".
func tagName(s string) (name string, closing bool) {
	s = s[1:]
	if strings.HasPrefix(s, "/") {
		s, closing = s[1:], true
	}
	n := 0
	for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || n > 0 && (s[n] >= '0' && s[n] <= '9' || s[n] == '-')) {
		n++
	}
	return lower(s[:n]), closing
}

// openHTML reads a line of text that starts with "<".
func (r reading) openHTML(rest string, deep bool) []reading {
	until := ""
	name, closing := tagName(rest)
	switch low := lower(rest); {
	case strings.HasPrefix(low, "<!--"):
		until = "-->"
	case strings.HasPrefix(low, "<?"):
		until = "?>"
	case strings.HasPrefix(low, "<![cdata["):
		until = "]]>"
	case strings.HasPrefix(low, "<!"):
		until = ">"
	case closing:
	case name == "pre", name == "script", name == "style", name == "textarea":
		until = "</" + name + ">"
	case name == "":
		return r.inline(rest, deep)
	}
	block := r
	block.muted = false
	if until != "" {
		block.region, block.until = raw, until
		after := block.untilEnd(rest).after
		if deep {
			after = append(after, r.inline(rest, deep)...)
		}
		return after
	}
	block.region = element
	after := block.inline(rest, deep)
	return append(after, r.inline(rest, deep)...)
}

// inline reads the markup within a line: what it opens and does not close
// reaches into the next ones.
func (r reading) inline(line string, deep bool) []reading {
	line = withoutSpans(line)
	r.open = r.open.count(line, deep)
	if r.region == text && r.unfinished(line) {
		r.muted = true
	}
	i := strings.LastIndex(line, "<!--")
	if i < 0 || strings.Contains(line[i+2:], "-->") {
		return []reading{r}
	}
	comment := r
	comment.region, comment.until, comment.muted = raw, "-->", false
	return []reading{r, comment}
}

// unfinished reports whether a line leaves a tag or a link open, or defines a
// link or a footnote: the next line may then be part of it.
func (r reading) unfinished(line string) bool {
	tag := strings.LastIndexByte(line, '<')
	opensTag := tag >= 0 && tag+1 < len(line) && strings.IndexByte(line[tag:], '>') < 0 &&
		strings.ContainsAny(line[tag+1:tag+2], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/!?")
	link := strings.LastIndex(line, "](")
	opensLink := link >= 0 && strings.IndexByte(line[link:], ')') < 0
	defines := strings.HasPrefix(line, "[") && strings.Contains(line, "]:") || strings.HasSuffix(strings.TrimRight(line, " \t"), "]:")
	return opensTag || opensLink || defines
}
