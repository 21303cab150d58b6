package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
	"github.com/penstock-cd/penstock/storage"
)

var doctorKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// doctorScene is a server with which all is well, and what can be made of it.
type doctorScene struct {
	*doctor
	github       *emulator.GitHub
	known        emulator.App
	installation emulator.Installation
	ahead        time.Duration  // of GitHub's clock
	answers      map[string]int // of the server, by path, if not the good ones
}

const goodPipeline = "name: release\nstages:\n  - name: Build\n    actions:\n      - {name: a, provider: Commands, commands: [\"true\"]}\n"

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		check(t, err)
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newDoctorScene(t *testing.T) *doctorScene {
	t.Helper()
	s := &doctorScene{answers: map[string]int{}}
	var err error
	s.github, err = emulator.New(emulator.Options{Dir: t.TempDir(), Clock: func() time.Time { return time.Now().Add(s.ahead) }})
	check(t, err)
	t.Cleanup(func() { s.github.Close() })
	must[emulator.User](t)(s.github.AddUser("octocat"))
	must[emulator.User](t)(s.github.AddOrganization("octo-org"))
	must[emulator.Repository](t)(s.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "shop", Files: map[string]string{
		".penstock.yml": goodPipeline, "CODEOWNERS": "* @octo-org/dev\n/.penstock.* @octo-org/sre\n/.penstock/ @octo-org/sre\n",
	}}))
	check(t, s.github.SetRole("octo-org/shop", "octocat", emulator.RoleWrite))
	check(t, s.github.Protect("octo-org/shop", "main", true))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := http.StatusOK, "ok\n"
		switch r.URL.Path {
		case "/readyz":
			body = "ready\n"
		case webhookPath:
			status = http.StatusAccepted
		}
		if other := s.answers[r.URL.Path]; other != 0 {
			status, body = other, "not as usual\n"
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	s.known = must[emulator.App](t)(s.github.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octo-org",
		WebhookURL: server.URL + webhookPath, WebhookSecret: "s3cret", Key: must[*rsa.PrivateKey](t)(doctorKey())}))
	s.installation = must[emulator.Installation](t)(s.github.Install(s.known.ID, "octo-org"))
	check(t, s.github.Ping(s.known.ID))
	check(t, s.github.Await(t.Context(), func(v *emulator.View) bool { return v.PendingDeliveries() == 0 }))

	registry, err := provider.NewRegistry(standard.Providers()...)
	check(t, err)
	config := configs.Default()
	config.Listen, config.URL, config.Data = strings.TrimPrefix(server.URL, "http://"), server.URL, t.TempDir()
	config.Allow = []string{"octo-org"}
	config.Host.Unsandboxed = true // what the sandbox does is told by a story
	config.GitHub.AppID, config.GitHub.APIURL, config.GitHub.PrivateKey = s.known.ID, s.github.APIURL(), configs.NewSecret(string(s.known.PrivateKey))
	s.doctor = &doctor{config: config, catalog: registry, now: time.Now, patience: 10 * time.Second, every: 5 * time.Millisecond, most: mostRepositories}
	return s
}

// change makes the app ask for other permissions or events.
func (s *doctorScene) change(t *testing.T, change func(emulator.Permissions), events ...string) {
	t.Helper()
	permissions := emulator.Permissions{}
	for _, n := range githubapp.Needs() {
		permissions[n.Permission] = n.Level
	}
	change(permissions)
	if events == nil {
		for _, l := range githubapp.Listens() {
			events = append(events, l.Event)
		}
	}
	check(t, s.github.ChangeApp(s.known.ID, permissions, events...))
}

func (s *doctorScene) push(t *testing.T, files map[string]string, remove ...string) {
	t.Helper()
	must[string](t)(s.github.Push(emulator.Change{Repository: "octo-org/shop", Branch: "main", As: "octocat", Message: "change", Files: files, Delete: remove}))
}

func (s *doctorScene) schema(t *testing.T, statement string) {
	t.Helper()
	db := must[*storage.DB](t)(storage.Open(t.Context(), storage.Options{Dir: s.config.Data}))
	check(t, db.Close())
	file := must[*sql.DB](t)(sql.Open("sqlite3", filepath.Join(s.config.Data, "penstock.db")))
	defer file.Close()
	must[sql.Result](t)(file.Exec(statement))
}

func TestDoctorAllWell(t *testing.T) {
	t.Parallel()
	s := newDoctorScene(t)
	s.config.GitHub.ClientID = "Iv1"
	s.config.Host.Unsandboxed = !sandboxWorks()
	s.examine(t.Context())
	report := s.report()
	if report.Failed > 0 || report.Warnings > 0 && sandboxWorks() {
		t.Errorf("%+v", report)
	}
	entries := must[[]os.DirEntry](t)(os.ReadDir(s.config.Data))
	if len(entries) > 0 {
		t.Errorf("it left %v", entries)
	}
}

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
			s.change(t, func(p emulator.Permissions) { p["contents"], p["members"] = "write", "read" })
		}, "permissions", stateWarning, "contents: write, members: read", "take them away", nil},
		{"permission not accepted", func(t *testing.T, s *doctorScene) {
			s.change(t, func(p emulator.Permissions) { delete(p, "checks") })
			accept(t, s)
			s.change(t, func(emulator.Permissions) {})
		}, "installations", stateFailed, "octo-org has not granted yet: checks: write", "an owner of octo-org accepts", nil},
		{"event missing", func(t *testing.T, s *doctorScene) {
			s.change(t, func(emulator.Permissions) {}, "push", "pull_request")
		}, "events", stateFailed, "issue_comment, to hear /approve", "subscribe", nil},
		{"event of no use", func(t *testing.T, s *doctorScene) {
			s.change(t, func(emulator.Permissions) {}, "push", "pull_request", "issue_comment", "star")
		}, "events", stateWarning, "star", "unsubscribe", nil},
		{"check events come without a subscription", func(t *testing.T, s *doctorScene) {
			s.change(t, func(emulator.Permissions) {}, "push", "pull_request", "issue_comment")
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

// Root may do more than the server's user: what root finds is not taken for it.
func TestDoctorAsRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	s := newDoctorScene(t)
	s.config.Host.Unsandboxed, s.offline = false, true
	check(t, os.Chown(s.config.Data, 10001, 10001))
	s.examine(t.Context())
	i := slices.IndexFunc(s.findings, func(f finding) bool { return f.Check == "sandbox" })
	if f := s.findings[i]; f.State != stateWarning || !strings.HasPrefix(f.Mend, "sudo -u ") {
		t.Errorf("%+v", f)
	}
}

func TestDoctorOffline(t *testing.T) {
	t.Parallel()
	s := newDoctorScene(t)
	all := s.github.Inject(emulator.Match{}, emulator.ServerError(500))
	s.offline = true
	s.examine(t.Context())
	if report := s.report(); all.Hits() > 0 || report.Failed > 0 {
		t.Errorf("GitHub was asked %d times: %+v", all.Hits(), report)
	}
}

func TestDoctorJudgesDisks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		disk storage.Disk
		want string
	}{
		{storage.Disk{Free: 50, Total: 100, FreeFiles: 50, Files: 100}, stateOK},
		{storage.Disk{Free: 14, Total: 100, FreeFiles: 50, Files: 100}, stateWarning},
		{storage.Disk{Free: 50, Total: 100, FreeFiles: 14, Files: 100}, stateWarning},
		{storage.Disk{Free: 4, Total: 100, FreeFiles: 50, Files: 100}, stateFailed},
		{storage.Disk{Free: 50, Total: 100, FreeFiles: 4, Files: 100}, stateFailed},
	} {
		d := &doctor{}
		d.judgeDisk(c.disk)
		if got := d.findings[0]; got.State != c.want || got.State != stateOK && got.Mend == "" {
			t.Errorf("%+v: %+v", c.disk, got)
		}
	}
}

func TestDoctorRepeatsWhatDoesNoHarm(t *testing.T) {
	t.Parallel()
	push := githubapp.HookDelivery{ID: 3, Event: "push"}
	taken := githubapp.HookDelivery{ID: 2, Event: "issue_comment", StatusCode: 202}
	ping := githubapp.HookDelivery{ID: 1, Event: "ping"}
	for _, c := range []struct {
		list []githubapp.HookDelivery
		want int64
	}{{nil, 0}, {[]githubapp.HookDelivery{push}, 3}, {[]githubapp.HookDelivery{push, taken}, 2}, {[]githubapp.HookDelivery{push, taken, ping}, 1}} {
		if got, ok := harmless(c.list); got.ID != c.want || ok != (c.want != 0) {
			t.Errorf("%+v: %+v", c.list, got)
		}
	}
}

// What the report says may come from a repository that somebody else writes to.
func TestDoctorPrints(t *testing.T) {
	t.Parallel()
	d := &doctor{}
	d.ok("git", "git version 2")
	d.fail("pipeline", "first\nsecond", "\x1b]0;owned\a names nobody\rok")
	d.findings[1].Repository = "octo-org/shop"
	var out strings.Builder
	check(t, d.report().print(&out))
	want := strings.Join([]string{
		"ok       git            git version 2",
		"FAILED   pipeline       octo-org/shop: �]0;owned� names nobody�ok",
		"                        > first",
		"                          second",
		"", "1 failed, 0 warnings.", "",
	}, "\n")
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Error(d)
	}
}
