package compute_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

func TestRedactorMasks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		secrets []string
		text    string
		want    string
	}{
		{"none", nil, "plain", "plain"},
		{"in the middle", []string{"hunter22"}, "a hunter22 b", "a *** b"},
		{"twice in a row", []string{"hunter22"}, "hunter22hunter22", "******"},
		{"longest first", []string{"token", "token-long"}, "x token-long token", "x *** ***"},
		{"overlapping are one", []string{"abcdef", "defghi"}, "<abcdefghi>", "<***>"},
		{"overlapping itself", []string{"aaaa"}, "aaaaaaaaab", "***b"},
		{"short is left alone", []string{"abc"}, "abc abc", "abc abc"},
		{"empty is left alone", []string{""}, "abc", "abc"},
		{"lines of a key", []string{"-----BEGIN\nAAAABBBB\nxy\r\nCCCCDDDD\n"}, "got AAAABBBB\nxy\nCCCCDDDD", "got ***\nxy\n***"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			redactor := compute.NewRedactor(tt.secrets...)
			if got := redactor.String(tt.text); got != tt.want {
				t.Errorf("String: got %q, want %q", got, tt.want)
			}
			for _, chunk := range []int{1, 2, 3, 7} {
				if got := stream(t, redactor, tt.text, chunk); got != tt.want {
					t.Errorf("Writer in chunks of %d: got %q, want %q", chunk, got, tt.want)
				}
			}
		})
	}
}

func TestNilRedactorPassesOn(t *testing.T) {
	t.Parallel()
	var redactor *compute.Redactor
	if got := redactor.String("abc") + stream(t, redactor, "def", 2); got != "abcdef" {
		t.Errorf("got %q", got)
	}
}

// However a text is cut, no secret is left in it, and what is written is the
// same as when it comes in one piece.
func TestRedactWriterDoesNotDependOnTheCuts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		secrets := rapid.SliceOfN(rapid.StringMatching(`[ab]{4,7}`), 1, 3).Draw(rt, "secrets")
		text := rapid.StringMatching(`[abc]{0,60}`).Draw(rt, "text")
		redactor := compute.NewRedactor(secrets...)
		want := redactor.String(text)
		for _, secret := range secrets {
			if strings.Contains(want, secret) {
				rt.Fatalf("%q is left in %q", secret, want)
			}
		}
		var out bytes.Buffer
		w := redactor.Writer(&out)
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "cut")
			w.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		w.Close()
		if diff := cmp.Diff(want, out.String()); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestRedactWriterWritesAtOnceWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := compute.NewRedactor("hunter22").Writer(&out)
	w.Write([]byte("hello hun"))
	if got := out.String(); got != "hello " {
		t.Errorf("after the first write: %q", got)
	}
	w.Write([]byte("gry"))
	if got := out.String(); got != "hello hungry" {
		t.Errorf("after the second write: %q", got)
	}
}

func stream(t *testing.T, redactor *compute.Redactor, text string, chunk int) string {
	t.Helper()
	var out bytes.Buffer
	w := redactor.Writer(&out)
	for rest := []byte(text); len(rest) > 0; {
		n := min(chunk, len(rest))
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
