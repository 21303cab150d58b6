package definition

import (
	"bytes"
	"fmt"
	"strings"
)

// Excerpt shows a place of a file to a person: the line before, the line, and a
// caret under the column. Long lines are cut around the column, and characters
// that a terminal would act on are replaced. It returns the lines, the caret's
// last, or none if there is no such line.
func Excerpt(content []byte, line, column int) []string {
	const width = 100
	source := bytes.Split(content, []byte("\n"))
	if len(content) == 0 || line < 1 || line > len(source) {
		return nil
	}
	var shown []string
	if line > 1 {
		before, _ := excerptLine(source[line-2], 1, width)
		shown = append(shown, fmt.Sprintf("%5d | %s", line-1, before))
	}
	text, caret := excerptLine(source[line-1], column, width)
	return append(shown,
		fmt.Sprintf("%5d | %s", line, text),
		fmt.Sprintf("      | %s^", strings.Repeat(" ", caret)),
	)
}

// excerptLine makes a line fit to be shown and tells where its column went.
func excerptLine(line []byte, column, width int) (string, int) {
	var shown []rune
	caret := -1
	i := 0
	for _, c := range string(bytes.TrimRight(line, "\r")) {
		if i++; i == column {
			caret = len(shown)
		}
		switch {
		case c == '\t':
			shown = append(shown, ' ', ' ')
		case unsafeRune(c):
			shown = append(shown, '·')
		default:
			shown = append(shown, c)
		}
	}
	if caret < 0 {
		caret = len(shown)
	}
	if from := caret - width/2; len(shown) > width && from > 0 {
		shown, caret = append([]rune{'…'}, shown[from:]...), caret-from+1
	}
	if len(shown) > width {
		shown = append(shown[:width:width], '…')
	}
	return strings.TrimRight(string(shown), " "), caret
}
