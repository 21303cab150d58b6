package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/configs"
)

// doctorSlack is a doctor before a Slack with which all is well.
type doctorSlack struct {
	*doctor
	workspace *emulator.Slack
	app       emulator.App
}

func newDoctorSlack(t *testing.T) *doctorSlack {
	t.Helper()
	s := &doctorSlack{doctor: &doctor{config: configs.Default(), now: time.Now}, workspace: must[*emulator.Slack](t)(emulator.New(emulator.Options{}))}
	t.Cleanup(func() { s.workspace.Close() })
	s.app = must[emulator.App](t)(s.workspace.AddApp(emulator.App{Scopes: neededScopes(false)}))
	s.config.Slack = configs.Slack{
		APIURL: s.workspace.APIURL(), BotToken: configs.NewSecret(s.app.BotToken), AppToken: configs.NewSecret(s.app.AppToken),
	}
	for _, c := range []emulator.Channel{{Name: "releases", WithoutBot: true}, {Name: "ops", Private: true}} {
		c = must[emulator.Channel](t)(s.workspace.AddChannel(c))
		s.config.Slack.Channels = append(s.config.Slack.Channels, configs.SlackChannel{Name: c.Name, ID: c.ID})
	}
	return s
}

func neededScopes(byEmail bool) (scopes []string) {
	for _, need := range slackapp.Needs(byEmail) {
		scopes = append(scopes, need.Scope)
	}
	return scopes
}

func TestDoctorFindsSlackWell(t *testing.T) {
	t.Parallel()
	s := newDoctorSlack(t)
	s.slack(t.Context())
	var checks []string
	for _, f := range s.findings {
		checks = append(checks, f.Check)
		if f.State != stateOK {
			t.Errorf("%+v", f)
		}
		if !strings.Contains(newDoctorCommand(s.catalog).Long, f.Check) {
			t.Errorf("--help does not name %s", f.Check)
		}
	}
	if want := []string{"slack", "slack-clock", "slack-scopes", "slack-socket", "slack-channel", "slack-channel"}; !slices.Equal(checks, want) {
		t.Errorf("checks %q", checks)
	}
	if s.workspace.Connections() != 0 || len(s.workspace.Messages("releases")) != 0 {
		t.Error("it has changed something")
	}
}

// Each thing that can be wrong with Slack is found, alone, and said how to mend.
func TestDoctorFindsInSlack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		set          func(*testing.T, *doctorSlack)
		check, state string
		says, mend   string   // parts of them
		others       []string // checks that may then not be ok either
	}{
		{"a revoked token", func(t *testing.T, s *doctorSlack) {
			check(t, s.workspace.RevokeToken(s.app.BotToken, true))
		}, "slack", stateFailed, "the token was revoked", "slack.botTokenFile", nil},
		{"another token", func(t *testing.T, s *doctorSlack) {
			s.config.Slack.BotToken = configs.NewSecret("xoxb-1-another")
		}, "slack", stateFailed, "does not know the token", "https://api.slack.com/apps", nil},
		{"a token that is none", func(t *testing.T, s *doctorSlack) {
			s.config.Slack.BotToken = configs.NewSecret("another")
		}, "slack", stateFailed, "want xoxb-", "", nil},
		{"Slack is down", func(t *testing.T, s *doctorSlack) {
			s.workspace.Down(true)
		}, "slack", stateFailed, "Slack could not be asked", "HTTPS_PROXY", nil},
		{"Slack has trouble", func(t *testing.T, s *doctorSlack) {
			s.workspace.Inject(emulator.Match{}, emulator.ServerError(503))
		}, "slack", stateFailed, "answered 503", "slack-status.com", nil},
		{"offline", func(t *testing.T, s *doctorSlack) {
			s.offline = true
			s.workspace.Down(true)
		}, "slack", stateSkipped, "--offline", "", nil},
		{"the clock far ahead", func(t *testing.T, s *doctorSlack) {
			s.now = func() time.Time { return time.Now().Add(6 * time.Minute) }
		}, "slack-clock", stateFailed, "ahead of Slack's", "timedatectl", nil},
		{"the clock somewhat behind", func(t *testing.T, s *doctorSlack) {
			s.now = func() time.Time { return time.Now().Add(-20 * time.Second) }
		}, "slack-clock", stateWarning, "behind Slack's", "timedatectl", nil},
		{"a scope missing", func(t *testing.T, s *doctorSlack) {
			s.workspace.SetScopes(without(neededScopes(false), "users:read")...)
		}, "slack-scopes", stateFailed, "lacks users:read, to refuse guests", "install the app again", nil},
		{"the scope for e-mail missing", func(t *testing.T, s *doctorSlack) {
			s.config.Slack.MatchByEmail = true
		}, "slack-scopes", stateFailed, "lacks users:read.email", "install the app again", nil},
		{"a scope of no use", func(t *testing.T, s *doctorSlack) {
			s.workspace.SetScopes(append(neededScopes(true), "channels:history")...)
		}, "slack-scopes", stateWarning, "users:read.email, channels:history", "take them away", nil},
		{"a revoked app token", func(t *testing.T, s *doctorSlack) {
			check(t, s.workspace.RevokeToken(s.app.AppToken, true))
		}, "slack-socket", stateFailed, "the token was revoked", "slack.appTokenFile", nil},
		{"HTTP", func(t *testing.T, s *doctorSlack) {
			s.config.URL = "https://penstock.example.com"
			s.config.Slack.AppToken, s.config.Slack.SigningSecret = configs.Secret{}, configs.NewSecret(s.app.SigningSecret)
		}, "slack-socket", stateSkipped, "https://penstock.example.com/webhooks/slack", "", nil},
		{"a channel that is not there", func(t *testing.T, s *doctorSlack) {
			s.config.Slack.Channels[0].ID = "C0000000000"
		}, "slack-channel", stateFailed, "releases (C0000000000): Slack shows no such channel", "compare the id", nil},
		{"a private channel without the app", func(t *testing.T, s *doctorSlack) {
			check(t, s.workspace.ChangeChannel("ops", func(c *emulator.Channel) { c.WithoutBot = true }))
		}, "slack-channel", stateFailed, "Slack shows no such channel", "/invite @penstock", nil},
		{"an archived channel", func(t *testing.T, s *doctorSlack) {
			check(t, s.workspace.ChangeChannel("releases", func(c *emulator.Channel) { c.Archived = true }))
		}, "slack-channel", stateFailed, "#releases is archived", "slack.channels", nil},
		{"a public channel that takes an invitation", func(t *testing.T, s *doctorSlack) {
			s.workspace.SetScopes(without(neededScopes(false), "chat:write.public")...)
		}, "slack-channel", stateFailed, "is not in #releases", "/invite @penstock", []string{"slack-scopes"}},
		{"channels that may not be looked at", func(t *testing.T, s *doctorSlack) {
			s.workspace.SetScopes(without(neededScopes(false), "channels:read")...)
		}, "slack-channel", stateFailed, "lacks the scope channels:read", "", []string{"slack-scopes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newDoctorSlack(t)
			c.set(t, s)
			s.slack(t.Context())
			found := false
			for _, f := range s.findings {
				if f.Check == c.check && f.State == c.state && strings.Contains(f.Says, c.says) && strings.Contains(f.Mend, c.mend) {
					found = true
				}
				if f.State != stateOK && f.Check != c.check && !slices.Contains(c.others, f.Check) {
					t.Errorf("and also: %+v", f)
				}
				for _, secret := range []string{s.app.BotToken, s.app.AppToken, s.app.SigningSecret} {
					if strings.Contains(f.Says+f.Mend, secret) {
						t.Errorf("a secret is shown: %+v", f)
					}
				}
			}
			if !found {
				t.Errorf("%s %s is not found in:\n%+v", c.state, c.check, s.findings)
			}
		})
	}
}

// Where there is no app in Slack, nothing is said of it.
func TestDoctorWithoutSlack(t *testing.T) {
	t.Parallel()
	s := newDoctorSlack(t)
	s.config.Slack = configs.Default().Slack
	s.slack(t.Context())
	if len(s.findings) > 0 || len(s.workspace.Log()) > 0 {
		t.Errorf("%+v", s.findings)
	}
}

func without(scopes []string, scope string) []string {
	return slices.DeleteFunc(scopes, func(s string) bool { return s == scope })
}
