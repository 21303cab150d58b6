package pipeline

import "strings"

// maxEmail is how long an address can be (RFC 5321).
const maxEmail = 254

// EmailDigest is what is stored of an e-mail address: the SHA-256 of it in lower
// case, in hexadecimal. It is false for what is not a plain address in ASCII: beyond
// that two addresses can look alike, or become alike in lower case, and are not.
func EmailDigest(address string) (digest string, ok bool) {
	name, domain, at := strings.Cut(address, "@")
	if !at || name == "" || domain == "" || strings.Contains(domain, "@") || len(address) > maxEmail ||
		strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", false
	}
	return SecretHash(strings.ToLower(address)), true
}
