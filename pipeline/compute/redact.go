package compute

import (
	"bytes"
	"slices"
	"strings"
)

// Mask is what stands in a log for a secret.
const Mask = "***"

// minSecret is the length below which a value is not masked: it would hide
// every other word, and give itself away by that.
const minSecret = 4

// Redactor replaces secrets in text. It is read-only after NewRedactor and may
// be used from many goroutines. The nil Redactor knows no secrets.
type Redactor struct {
	secrets [][]byte // single lines, longest first, no two alike
}

// NewRedactor makes a redactor. A secret of several lines is masked line by
// line, because logs are; lines of fewer than four bytes are left alone. The
// forms in which tools print a secret are masked too: see forms.
func NewRedactor(secrets ...string) *Redactor {
	r := &Redactor{}
	seen := map[string]bool{}
	add := func(text string, least int) {
		if len(text) >= least && !seen[text] {
			seen[text] = true
			r.secrets = append(r.secrets, []byte(text))
		}
	}
	for _, secret := range secrets {
		lines := strings.FieldsFunc(secret, func(c rune) bool { return c == '\n' || c == '\r' })
		for _, line := range lines {
			add(line, minSecret)
			if len(line) < minSecret {
				continue
			}
			for _, form := range forms(line) {
				add(form, minForm)
			}
		}
		if len(lines) > 1 {
			for _, form := range forms(secret) {
				add(form, minForm)
			}
		}
	}
	slices.SortStableFunc(r.secrets, func(a, b []byte) int { return len(b) - len(a) })
	return r
}

// Longest is the length of the longest secret line in bytes, 0 if there is none.
func (r *Redactor) Longest() int {
	if r == nil || len(r.secrets) == 0 {
		return 0
	}
	return len(r.secrets[0])
}

// String masks a text that is complete.
func (r *Redactor) String(text string) string {
	if r.Longest() == 0 {
		return text
	}
	return string(r.AppendWindow(nil, []byte(text), 0, len(text)))
}

// AppendWindow appends the bytes from..to of text to dst with the secrets
// masked. What stands around the window is looked at as well, so that a secret
// which lies across a border is seen: it is masked in the window in which it
// begins, and its rest is left out of the next.
func (r *Redactor) AppendWindow(dst, text []byte, from, to int) []byte {
	at := from
	for _, s := range r.spans(text) {
		if s.end <= at || s.start >= to {
			continue
		}
		if s.start >= at {
			dst = append(dst, text[at:s.start]...)
			dst = append(dst, Mask...)
		}
		at = min(s.end, to)
	}
	if at < to {
		dst = append(dst, text[at:to]...)
	}
	return dst
}

type span struct{ start, end int }

// spans finds every secret, also those that overlap, and joins what overlaps:
// masking only the longest would leave the rest of another to be read.
func (r *Redactor) spans(text []byte) []span {
	if r.Longest() == 0 {
		return nil
	}
	var found []span
	for _, secret := range r.secrets {
		for at := 0; ; {
			i := bytes.Index(text[at:], secret)
			if i < 0 {
				break
			}
			found = append(found, span{at + i, at + i + len(secret)})
			at += i + 1
		}
	}
	if len(found) < 2 {
		return found
	}
	slices.SortFunc(found, func(a, b span) int { return a.start - b.start })
	joined := found[:1]
	for _, s := range found[1:] {
		if last := &joined[len(joined)-1]; s.start < last.end {
			last.end = max(last.end, s.end)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}
