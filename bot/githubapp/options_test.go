package githubapp_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestNew(t *testing.T) {
	t.Parallel()
	key := testKey()
	for _, c := range []struct {
		name   string
		id     int64
		key    []byte
		api    string
		host   string // empty: refused
		refuse string
	}{
		{"github.com by default", 9, key, "", "github.com", ""},
		{"github.com without a slash", 9, key, "https://api.github.com", "github.com", ""},
		{"enterprise server", 9, key, "https://git.Example.com/api/v3/", "git.example.com", ""},
		{"data residency", 9, key, "https://api.octo.ghe.com/", "octo.ghe.com", ""},
		{"loopback", 9, key, "http://127.0.0.1:3000/api/v3/", "127.0.0.1:3000", ""},
		{"loopback by name", 9, key, "http://localhost:3000/", "localhost:3000", ""},
		{"plain http", 9, key, "http://git.example.com/api/v3/", "", "plain http"},
		{"no host", 9, key, "api.github.com", "", "want https"},
		{"credentials", 9, key, "https://user:pass@git.example.com/", "", "no user"},
		{"no id", 0, key, "", "", "App id"},
		{"no key", 9, nil, "", "", "private key"},
		{"not a key", 9, []byte("-----BEGIN X-----\nc2VjcmV0\n-----END X-----\n"), "", "", "private key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, err := githubapp.New(githubapp.Options{AppID: c.id, PrivateKey: c.key, APIURL: c.api})
			if c.host == "" {
				callstest.WantKind(t, err, pipeline.Invalid, c.refuse)
				if strings.Contains(err.Error(), "c2VjcmV0") || strings.Contains(err.Error(), "pass") {
					t.Errorf("the error shows a secret: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if a.Host() != c.host {
				t.Errorf("host %q, want %q", a.Host(), c.host)
			}
		})
	}
}
