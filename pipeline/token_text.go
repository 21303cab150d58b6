package pipeline

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"
)

// Texts of tokens are pst_, 43 letters and digits that nobody can guess (256 bits),
// and 8 that are a checksum of them: scanners recognise one that was published by
// mistake, and what was mistyped needs no look-up.
const (
	tokenPrefix   = "pst_"
	tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	tokenRandom   = 43
	tokenChecksum = 8
)

// NewTokenText makes the text of a token, which is shown once, and the hash that
// is stored. It never fails.
func NewTokenText() (text, hash string) {
	b := make([]byte, 0, tokenRandom)
	for len(b) < tokenRandom {
		var next [1]byte
		_, _ = rand.Read(next[:])                      // never fails
		if int(next[0]) < 256-256%len(tokenAlphabet) { // every letter is as likely
			b = append(b, tokenAlphabet[int(next[0])%len(tokenAlphabet)])
		}
	}
	text = tokenPrefix + string(b) + tokenSum(string(b))
	return text, SecretHash(text)
}

// TokenHash is the hash under which a token is stored. It is false for what
// cannot be the text of a token.
func TokenHash(text string) (hash string, ok bool) {
	rest, ok := strings.CutPrefix(text, tokenPrefix)
	if !ok || len(rest) != tokenRandom+tokenChecksum || tokenSum(rest[:tokenRandom]) != rest[tokenRandom:] {
		return "", false
	}
	return SecretHash(text), true
}

func tokenSum(random string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(random)))
}

// NewSecretText makes a text of 256 bits that nobody can guess, such as what a
// browser holds of a session. It never fails.
func NewSecretText() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// SecretHash is what is stored of a text that nobody can guess: its SHA-256, in
// hexadecimal.
func SecretHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
