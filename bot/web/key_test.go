package web_test

import (
	"crypto/rand"
	"crypto/rsa"
	"io"
	"log/slog"
	"sync"
)

// appKey is one RSA key for all tests: making one takes a while.
var appKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
