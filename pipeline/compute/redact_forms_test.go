package compute_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

// A secret is masked as base64 wherever it stands in what was encoded, in both
// alphabets and in lines, percent-encoded, as hex and as JSON: of the secret no
// six letters in a row are left, of what stands around it nothing is lost.
func TestRedactorMasksForms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		secret := rapid.StringMatching(`[A-Za-z0-9+/"<%& é=-]{12,150}`).Draw(rt, "secret")
		before := rapid.StringMatching(`[a-z:]{0,5}`).Draw(rt, "before")
		after := rapid.StringMatching(`[0-9]{0,5}`).Draw(rt, "after")
		redactor := compute.NewRedactor(secret)
		for name, encode := range map[string]func(string) string{
			"base64":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
			"base64 url": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
			"query":      url.QueryEscape,
			"path":       url.PathEscape,
			"hex":        func(s string) string { return hex.EncodeToString([]byte(s)) },
			"HEX":        func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
			"json": func(s string) string {
				text, err := json.Marshal(s)
				if err != nil {
					rt.Fatal(err)
				}
				return string(text)
			},
		} {
			text := encode(before + secret + after)
			masked := redactor.String(text)
			if !strings.Contains(masked, compute.Mask) {
				rt.Fatalf("%s: %q is left as it is", name, text)
			}
			for _, left := range strings.Split(masked, compute.Mask) {
				if len(left) > len(encode(before))+len(encode(after))+4 {
					rt.Fatalf("%s: %q becomes %q", name, text, masked)
				}
			}
		}
	})
}

// base64 breaks its lines, and logs are masked line by line.
func TestRedactorMasksBrokenBase64(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("a secret of some length. ", 12)
	redactor := compute.NewRedactor(secret)
	for _, length := range []int{64, 76} {
		text := base64.StdEncoding.EncodeToString([]byte(secret))
		for ; len(text) > 0; text = text[min(length, len(text)):] {
			line := text[:min(length, len(text))]
			if masked := redactor.String(line); strings.Trim(masked, "*=") != "" && len(masked) > 8 {
				t.Errorf("lines of %d: %q becomes %q", length, line, masked)
			}
		}
	}
}

func BenchmarkRedactorWithoutAMatch(b *testing.B) {
	redactor := compute.NewRedactor("correct-horse-battery-staple", "another-secret-value-of-a-job", "and-a-third-one-for-good-measure")
	line := strings.Repeat("a line of a log as builds print them, without any secret in it; ", 16)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		redactor.String(line)
	}
}
