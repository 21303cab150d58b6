package githubapp_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	sha      = "0123456789abcdef0123456789abcdef01234567"
	otherSHA = "89abcdef0123456789abcdef0123456789abcdef"
)

// testKey is one RSA key for all tests: making one takes a while.
var testKey = sync.OnceValue(func() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
})

var shop = pipeline.Repository{Host: "github.com", ID: 77, Owner: "octocat", Name: "shop", Installation: 5}

// stub is a GitHub with the routes that a test gives it. It gives out tokens by
// itself, unless the test takes that route.
type stub struct {
	*callstest.Wire
	mux *http.ServeMux
	// life of the tokens it gives out.
	life time.Duration

	mu       sync.Mutex
	requests []request
	tokens   int
	hosts    map[string]int
}

type request struct {
	Method, Path, Query, Authorization, Body, IfNoneMatch string
}

func newStub() *stub {
	s := &stub{mux: http.NewServeMux(), life: time.Hour, hosts: map[string]int{}}
	s.Wire = callstest.NewWire(s)
	return s
}

// handle adds a route; the handler's answer is written as JSON.
func (s *stub) handle(pattern string, f func(w http.ResponseWriter, r *http.Request)) {
	s.mux.HandleFunc(pattern, f)
}

// answer adds a route with a constant answer.
func (s *stub) answer(pattern string, status int, body string, header ...string) {
	s.handle(pattern, func(w http.ResponseWriter, _ *http.Request) { callstest.Reply(w, status, body, header...) })
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = named(r)
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	s.requests = append(s.requests, request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Authorization"), string(body), r.Header.Get("If-None-Match")})
	s.mu.Unlock()
	if _, pattern := s.mux.Handler(r); pattern == "" && strings.HasSuffix(r.URL.Path, "/access_tokens") {
		s.giveToken(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// named is a request with the name of a repository in the place of its id: all that
// the tests of a stub have bear that of shop.
func named(r *http.Request) *http.Request {
	id := regexp.MustCompile(`/repositories/\d+`)
	r = r.Clone(r.Context())
	r.URL.Path = id.ReplaceAllString(r.URL.Path, "/repos/"+shop.FullName())
	r.URL.RawPath = id.ReplaceAllString(r.URL.RawPath, "/repos/"+shop.FullName())
	return r
}

func (s *stub) giveToken(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	s.tokens++
	n := s.tokens
	s.mu.Unlock()
	callstest.Reply(w, 201, fmt.Sprintf(`{"token":"ghs_token%d","expires_at":%q}`, n, time.Now().Add(s.life).UTC().Format(time.RFC3339)))
}

// seen lists the requests of a kind so far, "POST /path" or a part of it.
func (s *stub) seen(part string) []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []request
	for _, r := range s.requests {
		if strings.Contains(r.Method+" "+r.Path, part) {
			list = append(list, r)
		}
	}
	return list
}

// RoundTrip counts the hosts that are asked.
func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.hosts[r.URL.Host]++
	s.mu.Unlock()
	return s.Wire.RoundTrip(r)
}

// app is an App of ours on the stub.
func (s *stub) app(t *testing.T, change ...func(*githubapp.Options)) *githubapp.App {
	t.Helper()
	o := githubapp.Options{AppID: 9, PrivateKey: testKey(), Transport: s}
	for _, f := range change {
		f(&o)
	}
	a, err := githubapp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.WantClosed(t) })
	return a
}

// hang keeps a request waiting until its caller gives up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func fields(t *testing.T, body string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("body %q: %v", body, err)
	}
	return m
}
