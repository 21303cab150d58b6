package web_test

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/bot/web"
)

// evilTargets are addresses that want to lead elsewhere.
func evilTargets() []string {
	return []string{
		"//evil.example", "///evil.example", "////evil.example/x", `/\evil.example`, `/\/evil.example`, `\\evil.example`, "https:evil.example",
		"https://evil.example", "https:/evil.example", "http:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "@evil.example",
		"/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example", "/\x00/evil.example",
		"/\u2028/evil.example", "/／evil.example", "//evil.example\\@x", "?x", "", "/\r\nSet-Cookie: a=b", "/%zz",
		"/login", "/login?to=/login", "/login/callback?code=x", "/logout", "/" + strings.Repeat("x", 5000),
	}
}

func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	for _, to := range evilTargets() {
		if p := b.get(b.say(b.ask(to), "octocat")); p.to() != s.url+"/" {
			t.Errorf("%q leads to %q", to, p.to())
		}
		if p := b.get("/login?" + url.Values{"to": {to}}.Encode()); p.to() != s.url+"/" {
			t.Errorf("%q leads who is logged in to %q", to, p.to())
		}
		b.client.Jar = s.browser(t).client.Jar
	}
	// Encoded, it is a path of ours that does not exist.
	for _, to := range []string{"/%2f%2fevil.example", "/%5cevil.example", "/..//evil.example", "/.//evil.example", "/runs/x?to=//evil.example", "/%0d%0aSet-Cookie:a=b"} {
		p := b.get(b.say(b.ask(to), "octocat"))
		u := must(url.Parse(p.to()))(t)
		if u.Scheme+"://"+u.Host != s.url || len(p.header.Values("Set-Cookie")) != 2 {
			t.Errorf("%q leads to %q", to, p.to())
		}
		b.client.Jar = s.browser(t).client.Jar
	}
}

// Wherever a login is asked to lead, it is a path of this site.
func TestTargetsStayHere(t *testing.T) {
	t.Parallel()
	base := must(url.Parse("https://penstock.example.com"))(t)
	piece := rapid.SampledFrom([]string{"/", "\\", "//", "evil.example", ":", "https", "@", "?", "#", ".", "..", "%2f", "%5c", "\t", "\n", "\r", " ", "\x00", "\u2028", "x", "login", "[", "]", ";", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		to := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
		got := web.Target(to)
		u, err := url.Parse("https://penstock.example.com" + got)
		if err != nil || u.Host != base.Host || u.User != nil || !strings.HasPrefix(got, "/") {
			t.Fatalf("%q leads to %q", to, got)
		}
		if alone, err := base.Parse(got); err != nil || alone.Host != base.Host {
			t.Fatalf("%q leads to %q", to, got)
		}
		// Browsers take \ for / and drop tabs and line ends.
		browsers := strings.NewReplacer("\\", "/", "\t", "", "\n", "", "\r", "").Replace(got)
		if strings.HasPrefix(browsers, "//") {
			t.Fatalf("%q leads browsers to %q", to, browsers)
		}
	})
}
