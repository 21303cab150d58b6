package definition

import (
	"strconv"
	"strings"
	"unicode"
)

// quote shows a piece of the file in a sentence: on one line, in quotes,
// without anything that could act on a terminal or a page, and never long.
func quote(s string) string {
	return strconv.QuoteToGraphic(cut(s, 60))
}

// clean makes any text fit for one line of a message.
func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unsafeRune(r) {
			return ' '
		}
		return r
	}, s)
	return cut(strings.TrimSpace(s), limit)
}

func cut(s string, limit int) string {
	n := 0
	for i := range s {
		if n++; n > limit {
			return s[:i] + "…"
		}
	}
	return s
}

// unsafeRune reports characters that people cannot see and that change what they
// see: control characters, and those that turn the direction of writing.
func unsafeRune(r rune) bool {
	switch {
	case unicode.IsControl(r), r == unicode.ReplacementChar:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029, r == 0x200E, r == 0x200F, r == 0xFEFF:
		return true
	}
	return false
}

// only reports whether s consists of letters, digits and the given others.
func only(s, others string) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(others, r):
		default:
			return false
		}
	}
	return true
}

// shellName reports whether s can name a variable of a shell.
func shellName(s string) bool {
	return s != "" && only(s, "_") && (s[0] < '0' || s[0] > '9')
}
