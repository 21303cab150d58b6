package pipeline

import (
	"crypto/rand"
	"encoding/base64"
)

// slackLinkBytes is how much of a link's token nobody can guess.
const slackLinkBytes = 32

// NewSlackLinkToken makes the token that takes a SlackLink, which stands in the
// address that one Slack user is shown, and the digest that is stored. It never
// fails.
func NewSlackLinkToken() (token, digest string) {
	var b [slackLinkBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, SecretHash(token)
}

// SlackLinkDigest is the digest under which the link of a token is stored. It is
// false for what cannot be a token.
func SlackLinkDigest(token string) (digest string, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != slackLinkBytes || len(token) != base64.RawURLEncoding.EncodedLen(slackLinkBytes) {
		return "", false
	}
	return SecretHash(token), true
}
