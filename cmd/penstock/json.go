package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// newJSON writes JSON that may be looked at in a terminal: what cannot be seen, and
// what turns the reading order round, is escaped. It is the same JSON to a program.
func newJSON(out io.Writer) *json.Encoder { return json.NewEncoder(screenWriter{out}) }

// screenWriter gets whole values, in which such characters are in strings only.
type screenWriter struct{ out io.Writer }

// Write escapes what package json leaves as it is.
func (e screenWriter) Write(value []byte) (int, error) {
	var text strings.Builder
	for _, r := range string(value) {
		if r < 0x7f || unicode.IsPrint(r) {
			text.WriteRune(r)
			continue
		}
		if r > 0xffff { // as JSON has it: two halves
			r -= 0x10000
			fmt.Fprintf(&text, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
			continue
		}
		fmt.Fprintf(&text, `\u%04x`, r)
	}
	if _, err := io.WriteString(e.out, text.String()); err != nil {
		return 0, err
	}
	return len(value), nil
}
