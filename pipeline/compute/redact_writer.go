package compute

import (
	"bytes"
	"io"
)

// RedactWriter masks the secrets of a stream, also those that lie across two
// writes. It holds back what may still become a secret, at most one byte less
// than the longest; Close writes it. It is for one goroutine.
type RedactWriter struct {
	redactor *Redactor
	w        io.Writer
	text     []byte // what was passed on last, for its overlap, and what is held
	passed   int    // how much of text was passed on
}

// Writer returns a writer that passes on to w with the secrets masked.
func (r *Redactor) Writer(w io.Writer) *RedactWriter { return &RedactWriter{redactor: r, w: w} }

// Write takes bytes and passes on what can be decided. It always takes all of p.
func (w *RedactWriter) Write(p []byte) (int, error) {
	w.text = append(w.text, p...)
	return len(p), w.pass(len(w.text) - w.undecided())
}

// Close writes what was held back. It does not close the writer below.
func (w *RedactWriter) Close() error { return w.pass(len(w.text)) }

// undecided is the length of the longest end of the text that begins a secret.
func (w *RedactWriter) undecided() int {
	longest := 0
	if w.redactor.Longest() == 0 {
		return longest
	}
	held := w.text[w.passed:]
	for _, secret := range w.redactor.secrets {
		for n := min(len(secret)-1, len(held)); n > longest; n-- {
			if bytes.HasPrefix(secret, held[len(held)-n:]) {
				longest = n
			}
		}
	}
	return longest
}

// pass writes the text up to an end, and keeps of it what a secret that
// overlaps the end may need to be recognised again.
func (w *RedactWriter) pass(end int) error {
	if end <= w.passed {
		return nil
	}
	out := w.redactor.AppendWindow(nil, w.text, w.passed, end)
	drop := max(0, end-max(0, w.redactor.Longest()-1))
	w.text = append(w.text[:0], w.text[drop:]...)
	w.passed = end - drop
	if len(out) == 0 {
		return nil
	}
	_, err := w.w.Write(out)
	return err
}
