package outgoing_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline/outgoing"
)

func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	client := outgoing.NewClient(nil)
	for _, address := range []string{
		"127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.1.1", "0.0.0.0", "224.0.0.1",
		"[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "2130706433", "0x7f.1", "localhost",
	} {
		answer, err := client.Get("http://" + address + ":1/")
		if err == nil {
			answer.Body.Close()
		}
		if err == nil || !errors.Is(err, outgoing.ErrRefused) && !strings.Contains(err.Error(), "no such host") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAllowedAddresses(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		}
	}))
	defer server.Close()
	client := outgoing.NewClient([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")})
	answer, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer, err = client.Get(server.URL + "/away"); err == nil || !errors.Is(err, outgoing.ErrRefused) {
		t.Errorf("a redirect into the dark: %v, %v", answer, err)
	}
}
