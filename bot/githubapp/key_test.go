package githubapp_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v4"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestAnotherKeyIsUsedFromThenOn(t *testing.T) {
	t.Parallel()
	fresh, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := newStub()
	s.handle("GET /app", func(w http.ResponseWriter, r *http.Request) {
		text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return &fresh.PublicKey, nil }); err != nil {
			callstest.Reply(w, 401, `{"message":"A JSON web token could not be decoded"}`)
			return
		}
		callstest.Reply(w, 200, `{"id":9,"slug":"penstock"}`)
	})
	a := s.app(t)
	_, err = a.App(t.Context())
	callstest.WantKind(t, err, pipeline.Forbidden, "private key is wrong")
	err = a.SetPrivateKey([]byte("not a key at all"))
	callstest.WantKind(t, err, pipeline.Invalid)
	if strings.Contains(err.Error(), "at all") {
		t.Errorf("the error shows the key: %v", err)
	}
	pair := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(fresh)})
	if err := a.SetPrivateKey(pair); err != nil {
		t.Fatal(err)
	}
	if us, err := a.App(t.Context()); err != nil || us.Slug != "penstock" {
		t.Errorf("%+v, %v", us, err)
	}
}
