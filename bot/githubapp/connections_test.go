package githubapp_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
)

// Connections are few, whether calls come one by one or many at once.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		http2 bool
		most  int
	}{{"HTTP/1.1", false, 60}, {"HTTP/2", true, 1}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			var together atomic.Pointer[sync.WaitGroup] // of those that are under way at once
			s.handle("/repos/", func(w http.ResponseWriter, _ *http.Request) {
				if all := together.Load(); all != nil {
					all.Done()
					all.Wait()
				}
				callstest.Reply(w, 201, `{"id":1}`)
			})
			server, opened := countingServer(t, s, c.http2)
			transport := githubapp.NewTransport()
			transport.TLSClientConfig = tlsFor(server)
			a, err := githubapp.New(githubapp.Options{AppID: 9, PrivateKey: testKey(), APIURL: server.URL, Transport: transport})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.Close)
			for range 5 {
				all := &sync.WaitGroup{}
				all.Add(40)
				together.Store(all)
				atOnce(t, 40, func() error { return setStatus(t.Context(), a) })
			}
			together.Store(nil)
			for range 40 {
				if err := setStatus(t.Context(), a); err != nil {
					t.Fatal(err)
				}
			}
			if n := opened(); n > c.most {
				t.Errorf("%d connections for 240 calls, 40 at once; want at most %d", n, c.most)
			}
		})
	}
}

// countingServer serves on loopback and counts the connections that were opened.
func countingServer(t *testing.T, h http.Handler, http2 bool) (server *httptest.Server, opened func() int) {
	t.Helper()
	var n atomic.Int32
	server = httptest.NewUnstartedServer(h)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			n.Add(1)
		}
	}
	if http2 {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server, func() int { return int(n.Load()) }
}

// tlsFor trusts the server's own certificate.
func tlsFor(server *httptest.Server) *tls.Config {
	if server.Certificate() == nil {
		return nil
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return &tls.Config{RootCAs: roots}
}

// atOnce calls f from n goroutines and reports their errors.
func atOnce(t *testing.T, n int, f func() error) {
	t.Helper()
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			if err := f(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
