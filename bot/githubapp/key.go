package githubapp

import (
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/golang-jwt/jwt/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// signer signs requests with the app's key, which may be replaced at any time.
type signer struct {
	app    *App
	next   http.RoundTripper
	inHand atomic.Pointer[ghinstallation.AppsTransport]
}

// use makes requests from now on carry the signature of this key.
func (s *signer) use(key []byte) error {
	rsa, err := jwt.ParseRSAPrivateKeyFromPEM(key)
	if err != nil {
		return pipeline.Errorf(pipeline.Invalid, "GitHub App private key: not an RSA key in PEM form")
	}
	signs := punctual{ghinstallation.NewRSASigner(jwt.SigningMethodRS256, rsa), &s.app.theirs}
	transport, err := ghinstallation.NewAppsTransportWithOptions(s.next, s.app.id, ghinstallation.WithSigner(signs))
	if err != nil {
		return fmt.Errorf("GitHub App: signatures: %w", err)
	}
	s.inHand.Store(transport)
	return nil
}

// RoundTrip signs a copy of the request, and keeps it at home. A signature that
// GitHub has refused is made once more if the answer shows another clock than we
// thought.
func (s *signer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := s.app.checkTarget(r.URL); err != nil {
		closeBody(r)
		return nil, err
	}
	for again := false; ; again = true {
		copied := r.Clone(r.Context())
		copied.Header.Del("Accept") // set again by ghinstallation, which changes the request it is given
		if again && r.GetBody != nil {
			var err error
			if copied.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
		before := s.app.theirs.ahead.Load()
		answer, err := s.inHand.Load().RoundTrip(copied)
		if err != nil {
			return nil, err
		}
		answer.Request = r // errors carry it: without the signature
		if answer.StatusCode != http.StatusUnauthorized || again || s.app.theirs.ahead.Load() == before || r.Body != nil && r.GetBody == nil {
			return answer, nil
		}
	}
}

// SetPrivateKey makes the app sign with another of its keys (PEM, PKCS#1 or
// PKCS#8) from now on. Tokens in hand stay good: GitHub ends them by time and not
// with the key that asked for them. Kind Invalid means that it is not a key; the
// old one is then kept, and the error does not show it.
func (a *App) SetPrivateKey(key []byte) error { return a.signer.use(key) }
