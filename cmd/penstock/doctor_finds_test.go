package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/configs"
)

// Each thing that can be wrong is found, alone, and said how to mend.
func TestDoctorFinds(t *testing.T) {
	t.Parallel()
	accept := func(t *testing.T, s *doctorScene) { check(t, s.github.AcceptPermissions(s.installation.ID)) }
	for _, c := range []struct {
		name         string
		set          func(*testing.T, *doctorScene)
		check, state string
		says, mend   string   // parts of them
		others       []string // checks that may then not be ok either
	}{
		{"permission missing", func(t *testing.T, s *doctorScene) {
			s.change(t, func(p emulator.Permissions) { delete(p, "statuses") })
			accept(t, s)
		}, "permissions", stateFailed, "lacks statuses: write, to set the one status", "/organizations/octo-org/settings/apps/penstock/permissions", nil},
		{"permission too low", func(t *testing.T, s *doctorScene) {
			s.change(t, func(p emulator.Permissions) { p["issues"] = "read" })
			accept(t, s)
		}, "permissions", stateFailed, "lacks issues: write", "let each installation accept", nil},
		{"permissions of no use", func(t *testing.T, s *doctorScene) {
			s.change(t, func(p emulator.Permissions) { p["contents"], p["secrets"] = "write", "read" })
		}, "permissions", stateWarning, "contents: write, secrets: read", "take them away", nil},
		{"permission for addresses missing", func(t *testing.T, s *doctorScene) {
			s.config.Slack.BotToken, s.config.Slack.MatchByEmail = configs.NewSecret("none"), true
		}, "permissions", stateFailed, "lacks emails: read, the e-mail addresses of people", "let each installation accept", []string{"slack"}},
		{"permission for addresses", func(t *testing.T, s *doctorScene) {
			s.config.Slack.BotToken, s.config.Slack.MatchByEmail = configs.NewSecret("none"), true
			s.change(t, func(p emulator.Permissions) { p["emails"] = "read" })
			accept(t, s)
		}, "permissions", stateOK, "what it needs, and nothing else", "", []string{"slack"}},
		{"permission for addresses by its other name", func(t *testing.T, s *doctorScene) {
			s.config.Slack.BotToken, s.config.Slack.MatchByEmail = configs.NewSecret("none"), true
			s.change(t, func(p emulator.Permissions) { p["email_addresses"] = "read" })
			accept(t, s)
		}, "permissions", stateOK, "what it needs, and nothing else", "", []string{"slack"}},
		{"permission for addresses of no use", func(t *testing.T, s *doctorScene) {
			s.change(t, func(p emulator.Permissions) { p["email_addresses"] = "read" })
		}, "permissions", stateWarning, "emails: read", "take them away", nil},
		{"permission not accepted", func(t *testing.T, s *doctorScene) {
			s.change(t, func(p emulator.Permissions) { delete(p, "checks") })
			accept(t, s)
			s.change(t, func(emulator.Permissions) {})
		}, "installations", stateFailed, "octo-org has not granted yet: checks: write", "an owner of octo-org accepts", nil},
		{"event missing", func(t *testing.T, s *doctorScene) {
			s.change(t, func(emulator.Permissions) {}, "push", "pull_request")
		}, "events", stateFailed, "issue_comment, to hear /approve", "subscribe", nil},
		{"event of no use", func(t *testing.T, s *doctorScene) {
			s.change(t, func(emulator.Permissions) {}, append(subscribed(), "star")...)
		}, "events", stateWarning, "star", "unsubscribe", nil},
		{"check events come without a subscription", func(t *testing.T, s *doctorScene) {
			s.change(t, func(emulator.Permissions) {}, subscribed()...)
		}, "events", stateOK, "what it needs", "", nil},
		{"installed nowhere", func(t *testing.T, s *doctorScene) {
			check(t, s.github.Uninstall(s.installation.ID))
		}, "installations", stateFailed, "nowhere", "/apps/penstock/installations/new", []string{"repositories"}},
		{"suspended", func(t *testing.T, s *doctorScene) {
			check(t, s.github.Suspend(s.installation.ID, true))
		}, "installations", stateFailed, "on octo-org is suspended", "/settings/installations/", []string{"repositories"}},
		{"a stranger's installation", func(t *testing.T, s *doctorScene) {
			must[emulator.Installation](t)(s.github.Install(s.known.ID, "octocat"))
		}, "installations", stateWarning, "on octocat, which PENSTOCK_ALLOW does not list", "uninstall", nil},
		{"allowed and not installed", func(t *testing.T, s *doctorScene) {
			s.config.Allow = append(s.config.Allow, "octocat/toys")
		}, "installations", stateWarning, "lists octocat/toys, and the app is not installed on octocat", "/installations/new", nil},
		{"no repository allowed", func(t *testing.T, s *doctorScene) {
			s.config.Allow = []string{"octo-org/other"}
		}, "repositories", stateWarning, "none to work for", "PENSTOCK_ALLOW", nil},
		{"webhook elsewhere", func(t *testing.T, s *doctorScene) {
			check(t, s.github.SetWebhook(s.known.ID, "http://127.0.0.1:1/hook", "s3cret"))
		}, "webhook", stateFailed, "http://127.0.0.1:1/hook", "set the webhook's URL to http", []string{"delivery"}},
		{"webhook off", func(t *testing.T, s *doctorScene) {
			check(t, s.github.SetWebhook(s.known.ID, "", ""))
		}, "webhook", stateFailed, "has none", "switch the webhook on", []string{"delivery"}},
		{"webhook unsigned", func(t *testing.T, s *doctorScene) {
			check(t, s.github.SetWebhook(s.known.ID, s.config.URL+webhookPath, ""))
		}, "webhook", stateFailed, "signs no deliveries", "secret", []string{"delivery"}},
		{"another key", func(t *testing.T, s *doctorScene) {
			other := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
			s.config.GitHub.PrivateKey = configs.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(other)})))
		}, "credentials", stateFailed, "the app id or the private key is wrong", "make a new private key", []string{"installations", "webhook", "delivery", "repositories"}},
		{"another app", func(t *testing.T, s *doctorScene) {
			s.config.GitHub.AppID = 1
		}, "credentials", stateFailed, "the app id or the private key is wrong", "compare github.appId", []string{"installations", "webhook", "delivery", "repositories"}},
		{"clock far behind", func(t *testing.T, s *doctorScene) {
			s.ahead = 5 * time.Minute
		}, "clock", stateFailed, "5m0s behind GitHub's", "timedatectl", nil},
		{"clock far ahead", func(t *testing.T, s *doctorScene) {
			s.ahead = -5 * time.Minute
		}, "clock", stateFailed, "5m0s ahead of GitHub's", "timedatectl", nil},
		{"clock somewhat off", func(t *testing.T, s *doctorScene) {
			s.ahead = -15 * time.Second
		}, "clock", stateWarning, "ahead of GitHub's", "timedatectl", nil},
		{"GitHub unreachable", func(t *testing.T, s *doctorScene) {
			s.config.GitHub.APIURL = "http://127.0.0.1:1/api/v3/"
		}, "github", stateFailed, "127.0.0.1:1", "HTTPS_PROXY", []string{"installations", "webhook", "delivery", "repositories"}},
		{"unreachable webhook", func(t *testing.T, s *doctorScene) {
			s.config.URL = "http://127.0.0.1:1"
			check(t, s.github.SetWebhook(s.known.ID, s.config.URL+webhookPath, "s3cret"))
		}, "delivery", stateFailed, "failed to connect to host", "PENSTOCK_GITHUB_POLL=30s", []string{"url"}},
		{"refused signature", func(t *testing.T, s *doctorScene) {
			s.answers[webhookPath] = 401
		}, "delivery", stateFailed, "fits no webhook secret (401)", "the same secret", nil},
		{"proxy without a server", func(t *testing.T, s *doctorScene) {
			s.answers[webhookPath] = 502
		}, "delivery", stateFailed, "the proxy in front does not reach Penstock (502)", "let the proxy", nil},
		{"nothing taken", func(t *testing.T, s *doctorScene) {
			s.answers[webhookPath] = 503
		}, "delivery", stateFailed, "takes nothing now (503)", "disk and database", nil},
		{"another path", func(t *testing.T, s *doctorScene) {
			s.answers[webhookPath] = 404
		}, "delivery", stateFailed, "404", "POST /webhooks/github", nil},
		{"no attempt", func(t *testing.T, s *doctorScene) {
			s.patience = 30 * time.Millisecond
			s.github.HoldDeliveries()
		}, "delivery", stateFailed, "lists no attempt", "ask again", nil},
		{"polling", func(t *testing.T, s *doctorScene) {
			s.config.GitHub.Poll, s.config.URL = 30*time.Second, "http://127.0.0.1:1"
		}, "url", stateWarning, "http://127.0.0.1:1 cannot be reached from here", "certificate", []string{"delivery"}},
		{"server not ready", func(t *testing.T, s *doctorScene) {
			s.answers["/readyz"] = 503
		}, "server", stateFailed, "takes no work: not as usual", "", nil},
		{"another server", func(t *testing.T, s *doctorScene) {
			s.answers["/readyz"] = 404
		}, "server", stateFailed, "something else answers", "PENSTOCK_LISTEN", []string{"url", "delivery"}},
		{"proxy to another server", func(t *testing.T, s *doctorScene) {
			s.answers["/healthz"] = 404
		}, "url", stateFailed, "/healthz answers 404", "proxy", nil},
		{"newer schema", func(t *testing.T, s *doctorScene) {
			s.schema(t, `INSERT INTO schema_versions (version, name, applied_at) VALUES (999, 'later', 0)`)
		}, "database", stateFailed, "version 999", "or a newer one", nil},
		{"older schema", func(t *testing.T, s *doctorScene) {
			s.schema(t, `DELETE FROM schema_versions WHERE version > 1`)
		}, "database", stateWarning, "version 1; the next start makes a copy", "", nil},
		{"no database at all", func(t *testing.T, s *doctorScene) {
			check(t, os.WriteFile(filepath.Join(s.config.Data, "penstock.db"), []byte("a diary"), 0o600))
		}, "database", stateFailed, "not a database", "penstock restore", nil},
		{"branch not protected", func(t *testing.T, s *doctorScene) {
			check(t, s.github.Protect("octo-org/shop", "main", false))
		}, "protection", stateWarning, "main is not protected", "/octo-org/shop/settings/branches", nil},
		{"no owners", func(t *testing.T, s *doctorScene) {
			s.push(t, nil, "CODEOWNERS")
		}, "codeowners", stateWarning, "no CODEOWNERS", "/.penstock/ @octo-org/TEAM", nil},
		{"owners of other things", func(t *testing.T, s *doctorScene) {
			s.push(t, map[string]string{"CODEOWNERS": "/src/ @octo-org/dev\n/.penstock.yml @octo-org/sre\n/.penstock.json @octo-org/sre\n"})
		}, "codeowners", stateWarning, "names nobody for .penstock/new.yml", "/.penstock/ @octo-org/TEAM", nil},
		{"a rule that takes owners away", func(t *testing.T, s *doctorScene) {
			s.push(t, map[string]string{"CODEOWNERS": "* @octo-org/dev\n/.penstock.yml\n"})
		}, "codeowners", stateWarning, "names nobody for .penstock.yml", "below all other rules", nil},
		{"a line of owners that makes no sense", func(t *testing.T, s *doctorScene) {
			s.push(t, map[string]string{"CODEOWNERS": "* @octo-org/dev\n/app/[id]/ @octo-org/sre\n"})
		}, "codeowners", stateWarning, "CODEOWNERS, line 2: /app/[id]/", "GitHub shows its mistakes", nil},
		{"broken pipeline file", func(t *testing.T, s *doctorScene) {
			s.push(t, map[string]string{".penstock.yml": "name: release\nstages: []\n"})
		}, "pipeline", stateWarning, ".penstock.yml:", "penstock validate", nil},
		{"no pipeline file", func(t *testing.T, s *doctorScene) {
			s.push(t, nil, ".penstock.yml")
		}, "pipeline", stateSkipped, "nothing runs", "", nil},
		{"empty repository", func(t *testing.T, s *doctorScene) {
			must[emulator.Repository](t)(s.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "empty"}))
		}, "pipeline", stateSkipped, "no commit yet", "", nil},
		{"many repositories", func(t *testing.T, s *doctorScene) {
			s.most = 1
			must[emulator.Repository](t)(s.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "second"}))
		}, "repositories", stateSkipped, "1 more were not looked at", "", nil},
		{"no sandbox wanted", func(*testing.T, *doctorScene) {}, "sandbox", stateWarning, "switched off", "PENSTOCK_HOST_UNSANDBOXED", nil},
		{"a secret without a value", func(t *testing.T, s *doctorScene) {
			s.config.Secrets = []configs.SecretDeclaration{{Name: "MODULE_TOKEN", SecretValue: configs.SecretValue{File: filepath.Join(s.config.Data, "none")}}}
		}, "secrets", stateWarning, "MODULE_TOKEN has no value", "docs/secrets.md", nil},
		{"secrets", func(t *testing.T, s *doctorScene) {
			file := filepath.Join(t.TempDir(), "token")
			check(t, os.WriteFile(file, []byte("s3cret-value"), 0o600))
			s.config.Secrets = []configs.SecretDeclaration{{Name: "MODULE_TOKEN", SecretValue: configs.SecretValue{File: file}}}
		}, "secrets", stateOK, "all 1 can be read", "", nil},
		{"no login", func(*testing.T, *doctorScene) {}, "login", stateWarning, "jobs included", "docs/login.md", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newDoctorScene(t)
			c.set(t, s)
			s.examine(t.Context())
			found := false
			for _, f := range s.findings {
				if !strings.Contains(newDoctorCommand(s.catalog).Long, f.Check) {
					t.Errorf("--help does not name %s", f.Check)
				}
				if f.Check == c.check && f.State == c.state && strings.Contains(f.Says, c.says) && strings.Contains(f.Mend, c.mend) {
					found = true
				}
				fine := f.State == stateOK || f.Check == "database" && f.State == stateSkipped || f.Check == "sandbox" || f.Check == "login" || f.Check == "secrets"
				if !fine && f.Check != c.check && !slices.Contains(c.others, f.Check) {
					t.Errorf("and also: %+v", f)
				}
			}
			if !found {
				t.Errorf("%s %s is not found in:\n%+v", c.state, c.check, s.findings)
			}
		})
	}
}
