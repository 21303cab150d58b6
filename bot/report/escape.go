package report

import (
	"net/url"
	"strings"
	"unicode"
)

// joiner is an invisible character that keeps two others apart: the forge then
// does not see a mention, a reference or an address in them.
const joiner = "\u2060"

// plain makes one line of visible text: white space becomes one space, control
// characters, direction marks and what has no width go.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r > ' ' && r < 0x7f:
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d': // those two join letters
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}

// apart breaks up what the forge would turn into a mention, a reference, a
// commit or a link.
func apart(s string) string {
	var b strings.Builder
	start, commit := 0, false // of the word at hand
	for i := range len(s) {
		switch {
		case !isWord(s[i]):
			start = i + 1
		case i == start:
			commit = isHex(s[i:])
		case commit && (i-start)%6 == 0:
			b.WriteString(joiner) // seven digits or more are a commit
		}
		if s[i] == '.' && endsIn(s[:i], "www") || s[i] == '-' && endsIn(s[:i], "gh") {
			b.WriteString(joiner)
		}
		b.WriteByte(s[i])
		if s[i] == '@' || s[i] == '#' || s[i] == ':' && strings.HasPrefix(s[i:], "://") {
			b.WriteString(joiner)
		}
	}
	return b.String()
}

// isHex reports whether the word that a text starts with is hexadecimal.
func isHex(s string) bool {
	for i := range len(s) {
		switch c := s[i] | 0x20; {
		case s[i] >= '0' && s[i] <= '9', c >= 'a' && c <= 'f':
		default:
			return !isWord(s[i])
		}
	}
	return true
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func endsIn(s, end string) bool {
	return len(s) >= len(end) && strings.EqualFold(s[len(s)-len(end):], end)
}

// text shows what somebody wrote as plain words within a line of Markdown, a
// cell of a table included.
func text(s string) string {
	var b strings.Builder
	for _, r := range plain(s) {
		if strings.ContainsRune("\\`*_{}[]<>()#!|~$&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	s = b.String()
	s = apart(s)
	if strings.IndexAny(s, "/+-=>:.0123456789") == 0 { // a marker of a list, a command
		return joiner + s
	}
	return s
}

// code shows a name as inline code. In a cell of a table use cell(code(x)).
func code(s string) string {
	s = strings.ReplaceAll(plain(s), "<!--", "<!"+joiner+"--")
	if s == "" {
		return "–"
	}
	run := strings.Repeat("`", longestRun(s, '`')+1)
	if s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return run + s + run
}

// codes shows names as inline code, with commas between.
func codes(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, code(name))
	}
	return strings.Join(all, ", ")
}

// texts shows what somebody wrote as plain words, with a sign between.
func texts(all []string, between string) string {
	var shown []string
	for _, s := range all {
		shown = append(shown, text(s))
	}
	return strings.Join(shown, between)
}

// cell keeps Markdown from ending a cell of a table.
func cell(markdown string) string { return strings.ReplaceAll(markdown, "|", `\|`) }

// htmlText shows what somebody wrote inside an HTML element, whether the forge
// reads Markdown there or not.
func htmlText(s string) string {
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "`", "&#96;", "[", "&#91;", "]", "&#93;",
		"*", "&#42;", "_", "&#95;", "~", "&#126;", "|", "&#124;", "$", "&#36;", `\`, "&#92;",
	).Replace(apart(plain(s)))
}

// link makes a link of Markdown that is safe already. What is no absolute
// http(s) address is left out.
func link(markdown, address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(address, "<>\"'`\\ |\n\r\t") {
		return markdown
	}
	return "[" + markdown + "](" + strings.NewReplacer("(", "%28", ")", "%29").Replace(u.String()) + ")"
}

// fenced shows lines as a block of code that nothing in them can end.
func fenced(lines []string) string {
	longest := 2
	for _, l := range lines {
		longest = max(longest, longestRun(l, '`'))
	}
	run := strings.Repeat("`", longest+1)
	return run + "text\n" + strings.Join(lines, "\n") + "\n" + run
}

// longestRun returns the length of the longest run of a character.
func longestRun(s string, c byte) int {
	longest, n := 0, 0
	for i := range len(s) {
		if n++; s[i] != c {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}
