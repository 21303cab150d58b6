package main

import (
	"strings"
	"testing"
)

func TestSetupWishes(t *testing.T) {
	t.Parallel()
	good := setupWish{url: "https://penstock.example.com", github: "https://github.com", dir: "/etc/penstock", data: "/var/lib/penstock", listen: "127.0.0.1:0"}
	for _, c := range []struct {
		name    string
		change  func(*setupWish)
		problem string
	}{
		{"no address", func(w *setupWish) { w.url = "" }, "--url"},
		{"this machine itself", func(w *setupWish) { w.url = "http://localhost:8080" }, "--poll 30s"},
		{"clear text", func(w *setupWish) { w.url = "http://penstock.example.com" }, "--url"},
		{"address with a user", func(w *setupWish) { w.url = "https://a:b@penstock.example.com" }, "--url"},
		{"no GitHub", func(w *setupWish) { w.github = "github" }, "--github"},
		{"organization with a slash", func(w *setupWish) { w.organization = "../x" }, "--org"},
		{"an open page", func(w *setupWish) { w.listen = "0.0.0.0:80" }, "--listen"},
		{"all addresses", func(w *setupWish) { w.listen = ":80" }, "--listen"},
		{"a name by DNS", func(w *setupWish) { w.listen = "localhost:80" }, "--listen"},
		{"too often", func(w *setupWish) { w.poll = 1 }, "--poll"},
		{"long name", func(w *setupWish) { w.name = strings.Repeat("x", 35) }, "--name"},
		{"nobody's", func(w *setupWish) { w.allow = []string{"a b"} }, "--allow"},
	} {
		wish := good
		c.change(&wish)
		if _, err := wish.plan(); err == nil || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, c := range []struct {
		change        func(*setupWish)
		name, webhook string
	}{
		{func(w *setupWish) { w.organization = "octo-org" }, "penstock-octo-org", "https://penstock.example.com/webhooks/github"},
		{func(w *setupWish) { w.url = "https://penstock.example.com/" }, "penstock-example-com", "https://penstock.example.com/webhooks/github"},
		{func(w *setupWish) { w.url = "https://ci.a-very-long-name-of-a-company.example.com:8443" }, "penstock-ci-a-very-long-name-of-a", "https://ci.a-very-long-name-of-a-company.example.com:8443/webhooks/github"},
		{func(w *setupWish) { w.url, w.poll = "", 30e9 }, "penstock-127-0-0-1", "https://penstock.invalid/webhooks/github"},
	} {
		wish := good
		c.change(&wish)
		p, err := wish.plan()
		if err != nil || p.name != c.name || p.manifest.Webhook != c.webhook {
			t.Errorf("%+v: %+v, %v", wish, p, err)
		}
	}
}
