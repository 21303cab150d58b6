package githubapp_test

import (
	"testing"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestRef(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("GET /repos/octocat/shop/git/ref/heads/a/b%25c", 200, `{"ref":"refs/heads/a/b%c","object":{"sha":"`+sha+`"}}`)
	s.answer("GET /repos/octocat/shop/git/ref/heads/short", 200, `{"ref":"refs/heads/shorter","object":{"sha":"`+sha+`"}}`)
	s.answer("GET /repos/octocat/shop/git/ref/heads/gone", 404, `{"message":"Not Found"}`)
	s.answer("GET /repos/octocat/shop/git/ref/tags/v1", 200, `{"ref":"refs/tags/v1","object":{"type":"tag","sha":"`+otherSHA+`"}}`)
	a := s.app(t)
	if got, err := a.Head(t.Context(), shop, "a/b%c"); err != nil || got != sha {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := a.Ref(t.Context(), shop, "refs/tags/v1"); err != nil || got != otherSHA {
		t.Errorf("%q, %v", got, err)
	}
	_, err := a.Head(t.Context(), shop, "gone")
	callstest.WantKind(t, err, pipeline.NotFound)
	_, err = a.Head(t.Context(), shop, "short")
	callstest.WantKind(t, err, pipeline.Internal)
}

func TestSource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, api, clone, want string // want empty: refused
	}{
		{"its own", "", "https://github.com/octocat/shop.git", "https://github.com/octocat/shop.git"},
		{"none", "", "", "https://github.com/octocat/shop.git"},
		{"enterprise server", "https://git.example.com/api/v3/", "", "https://git.example.com/octocat/shop.git"},
		{"loopback", "http://127.0.0.1:9/api/v3/", "http://127.0.0.1:9/octocat/shop.git", "http://127.0.0.1:9/octocat/shop.git"},
		{"another host", "", "https://elsewhere.example/octocat/shop.git", ""},
		{"plain http", "", "http://github.com/octocat/shop.git", ""},
		{"credentials", "", "https://a:b@github.com/octocat/shop.git", ""},
		{"a command", "", "ext::sh -c id", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			r := shop
			r.CloneURL = c.clone
			source, err := s.app(t, func(o *githubapp.Options) { o.APIURL = c.api }).
				Source(t.Context(), r, pipeline.Revision{SHA: sha})
			if c.want == "" {
				callstest.WantKind(t, err, pipeline.Invalid)
				if n := len(s.seen("access_tokens")); n != 0 {
					t.Errorf("%d tokens made for nothing", n)
				}
				return
			}
			if err != nil || source.URL != c.want || source.Token == "" {
				t.Errorf("%q, %v", source.URL, err)
			}
		})
	}
}
