package emulator

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

var (
	bold     = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
	italic   = regexp.MustCompile(`(^|[\s(])_([^_\n]+)_($|[\s.,;:)!?])`)
	mdLink   = regexp.MustCompile(`\[([^\]\n]+)\]\((https?://[^\s)"']+)\)`)
	bareLink = regexp.MustCompile(`(^|[\s(])(https?://[^\s<)"'\x01]+)`)
	mention  = regexp.MustCompile(`(^|[\s(])@([A-Za-z0-9][A-Za-z0-9-]*)`)
	entity   = regexp.MustCompile(`&amp;(#[0-9]{1,7}|amp|lt|gt|quot|nbsp);`)
	setAside = regexp.MustCompile(`\x01([0-9]+)\x01`)
	// pairTag finds an escaped tag of those that may be written as such when both
	// ends stand in one line.
	pairTag = regexp.MustCompile(`&lt;b&gt;(.*?)&lt;/b&gt;|&lt;strong&gt;(.*?)&lt;/strong&gt;|&lt;em&gt;(.*?)&lt;/em&gt;|` +
		`&lt;sub&gt;(.*?)&lt;/sub&gt;|&lt;code&gt;(.*?)&lt;/code&gt;`)
)

// pairTags are the tags of pairTag, in its order.
var pairTags = [...]string{"b", "strong", "em", "sub", "code"}

// foldTags are GitHub's own folding; balance keeps them whole.
var foldTags = strings.NewReplacer(
	"&lt;details&gt;", "<details>", "&lt;details open&gt;", "<details open>", "&lt;/details&gt;", "</details>",
	"&lt;summary&gt;", "<summary>", "&lt;/summary&gt;", "</summary>", "&lt;br&gt;", "<br>",
)

// aside keeps finished markup out of the way of what comes after it.
type aside []string

// put answers what stands for the markup meanwhile.
func (a *aside) put(markup string) string {
	*a = append(*a, markup)
	return "\x01" + strconv.Itoa(len(*a)-1) + "\x01"
}

// restore puts everything back; a link's text may hold code.
func (a *aside) restore(text string) string {
	return setAside.ReplaceAllStringFunc(text, func(place string) string {
		n, err := strconv.Atoi(strings.Trim(place, "\x01"))
		if err != nil || n >= len(*a) {
			return ""
		}
		return a.restore((*a)[n])
	})
}

// inline escapes and marks up one piece of text. Code, escaped characters and
// links are set aside so that nothing in them is taken for markup.
func inline(text string) string {
	var kept aside
	text = literals(strings.ReplaceAll(text, "\x01", ""), &kept)
	text = mdLink.ReplaceAllStringFunc(text, func(found string) string {
		parts := mdLink.FindStringSubmatch(found)
		if strings.Contains(parts[2], "\x01") {
			return found
		}
		return kept.put(anchor(parts[2], parts[1]))
	})
	text = bareLink.ReplaceAllStringFunc(text, func(found string) string {
		parts := bareLink.FindStringSubmatch(found)
		url := strings.TrimRight(parts[2], ".,;:!?") // the sentence's, not the link's
		return parts[1] + kept.put(anchor(url, url)) + parts[2][len(url):]
	})
	text = foldTags.Replace(html.EscapeString(text))
	text = pairTag.ReplaceAllStringFunc(text, func(found string) string {
		for i, inner := range pairTag.FindStringSubmatch(found)[1:] {
			if tag := pairTags[i]; strings.HasPrefix(found, "&lt;"+tag+"&gt;") {
				return "<" + tag + ">" + inner + "</" + tag + ">"
			}
		}
		return found
	})
	text = entity.ReplaceAllString(text, `&$1;`)
	text = bold.ReplaceAllString(text, `<strong>$1</strong>`)
	text = italic.ReplaceAllString(text, `$1<em>$2</em>$3`)
	text = mention.ReplaceAllString(text, `$1<strong>@$2</strong>`)
	return kept.restore(text)
}

// literals sets aside code between runs of backquotes, and characters after a
// backslash.
func literals(text string, kept *aside) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && isPunctuation(text[i+1]):
			b.WriteString(kept.put(html.EscapeString(text[i+1 : i+2])))
			i += 2
		case c == '`':
			n := runOf(text[i:])
			code, rest, closed := cutRun(text[i+n:], n)
			if !closed {
				b.WriteString(text[i : i+n])
				i += n
				continue
			}
			b.WriteString(kept.put("<code>" + html.EscapeString(code) + "</code>"))
			i = len(text) - len(rest)
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

func isPunctuation(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}

// runOf counts the backquotes a text starts with.
func runOf(text string) int { return len(text) - len(strings.TrimLeft(text, "`")) }

// cutRun cuts around the first run of exactly n backquotes. One space at both
// ends of what is before belongs to the backquotes.
func cutRun(text string, n int) (code, rest string, found bool) {
	for at := 0; ; {
		next := strings.IndexByte(text[at:], '`')
		if next < 0 {
			return "", "", false
		}
		at += next
		run := runOf(text[at:])
		if run != n {
			at += run
			continue
		}
		code, rest = text[:at], text[at+n:]
		if strings.HasPrefix(code, " ") && strings.HasSuffix(code, " ") && strings.TrimSpace(code) != "" {
			code = code[1 : len(code)-1]
		}
		return code, rest, true
	}
}

func anchor(url, text string) string {
	return `<a href="` + html.EscapeString(url) + `">` + html.EscapeString(text) + `</a>`
}
