package web_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// withEmails has addresses asked for, and stored where keep says.
func withEmails(keep func(*storage.DB) web.Emails) func(*web.Options) {
	return func(o *web.Options) {
		login := *o.Login
		login.Emails = keep(o.Login.Sessions.(*storage.DB))
		o.Login = &login
	}
}

// byEmail is whose verified address that is, "" for nobody's.
func (s *site) byEmail(t *testing.T, address string) string {
	t.Helper()
	digest, known := pipeline.EmailDigest(address)
	if !known {
		t.Fatalf("%q has no digest", address)
	}
	who, err := s.db.AccountByEmail(t.Context(), s.app.Host(), digest)
	if pipeline.KindOf(err) == pipeline.NotFound {
		return ""
	}
	ok(t, err)
	return who.Login
}

func (s *site) letSeeEmails(t *testing.T, let bool) {
	t.Helper()
	permissions := emulator.Permissions{"metadata": "read", "contents": "read"}
	if let {
		permissions["email_addresses"] = "read"
	}
	ok(t, s.github.ChangeApp(s.registered, permissions))
}

// Each login brings what GitHub has verified by then, and nothing else.
func TestVerifiedEmails(t *testing.T) {
	t.Parallel()
	s := newSite(t, withEmails(func(db *storage.DB) web.Emails { return db }))
	is := func(address, want string) {
		t.Helper()
		if got := s.byEmail(t, address); got != want {
			t.Errorf("%s is %q's, want %q", address, got, want)
		}
	}
	s.letSeeEmails(t, true)
	ok(t, s.github.SetEmails("octocat", emulator.Email{Address: "Octo.Cat@example.com", Verified: true},
		emulator.Email{Address: "hubot@example.com"}, emulator.Email{Address: "octo\u212aat@example.com", Verified: true}))
	s.browser(t).login("octocat")
	is("octo.cat@EXAMPLE.com", "octocat")
	is("hubot@example.com", "")
	is("octokat@example.com", "") // looks like it in lower case

	ok(t, s.github.SetEmails("hubot", emulator.Email{Address: "octo.cat@example.com", Verified: true}))
	is("octo.cat@example.com", "octocat")
	s.browser(t).login("hubot") // the address is theirs by now
	is("octo.cat@example.com", "hubot")

	// Without the permission, or in trouble, everybody can log in, and has no address.
	s.letSeeEmails(t, false)
	s.browser(t).login("hubot")
	is("octo.cat@example.com", "")
	s.letSeeEmails(t, true)
	s.browser(t).login("hubot")
	is("octo.cat@example.com", "hubot")
	s.github.Inject(emulator.Match{Path: "/user/emails"}, emulator.ServerError(502))
	s.browser(t).login("hubot")
	is("octo.cat@example.com", "")
	log := s.log.String()
	if strings.Count(log, "addresses not read") != 2 || !strings.Contains(log, "Email addresses: read-only") || strings.Contains(log, "@") || strings.Contains(log, "%40") {
		t.Errorf("the log:\n%s", log)
	}
}

// Nobody is asked for addresses unless it is switched on.
func TestNoEmailsUnlessWanted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.letSeeEmails(t, true)
	ok(t, s.github.SetEmails("octocat", emulator.Email{Address: "octocat@example.com", Verified: true}))
	asked := s.github.Inject(emulator.Match{Path: "/user/emails"}, emulator.ServerError(502))
	s.browser(t).login("octocat")
	if s.byEmail(t, "octocat@example.com") != "" || asked.Hits() != 0 {
		t.Error("octocat's addresses were asked for")
	}
}

// noEmails cannot be written.
type noEmails struct{}

func (noEmails) SaveVerifiedEmails(context.Context, string, pipeline.Actor, []string, time.Time) error {
	return errors.New("disk full")
}

// A database that cannot store addresses keeps nobody from logging in.
func TestEmailsNotStored(t *testing.T) {
	t.Parallel()
	s := newSite(t, withEmails(func(*storage.DB) web.Emails { return noEmails{} }))
	s.letSeeEmails(t, true)
	s.browser(t).login("octocat")
	if !strings.Contains(s.log.String(), "addresses not stored") {
		t.Errorf("the log:\n%s", s.log.String())
	}
}
