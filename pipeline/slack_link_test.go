package pipeline_test

import (
	"encoding/base64"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestSlackLinkToken(t *testing.T) {
	t.Parallel()
	token, digest := pipeline.NewSlackLinkToken()
	other, _ := pipeline.NewSlackLinkToken()
	if b, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(b) != 32 || token == other {
		t.Fatalf("%q and %q: %v", token, other, err)
	}
	if got, ok := pipeline.SlackLinkDigest(token); !ok || got != digest || len(digest) != 64 {
		t.Fatalf("%q %v, want %q", got, ok, digest)
	}
	// Of the last letter's six bits two say nothing: only one spelling counts.
	last := map[byte]byte{}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range len(letters) {
		last[letters[i]] = letters[i^1]
	}
	respelt := token[:42] + string(last[token[42]])
	for _, no := range []string{"", "a", token + "A", token[:42], token + "\n", token[:21] + "\n" + token[21:], respelt, " " + token, token[:42] + "=", token[:42] + "/"} {
		if got, ok := pipeline.SlackLinkDigest(no); ok || got != "" {
			t.Errorf("%q counts as a token", no)
		}
	}
}
