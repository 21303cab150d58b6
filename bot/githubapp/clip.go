package githubapp

import "unicode/utf8"

// Lengths that GitHub takes. Texts are cut to fit before they get here; cutting
// again is better than a report that GitHub refuses for ever.
const (
	maxDescription = 140       // of a status, characters
	maxOutput      = 65535     // summary and text of a check; we count bytes
	maxTitle       = 255       // characters
	maxAnnotation  = 64 << 10  // message and raw details, bytes
	maxComment     = 65536 - 6 // characters; we count bytes
)

// clip cuts s to n bytes at most, between characters, with an ellipsis where it
// was cut.
func clip(s string, n int) string {
	const mark = "…"
	if len(s) <= n {
		return s
	}
	cut := n - len(mark)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + mark
}

// clipRunes cuts s to n characters at most.
func clipRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
