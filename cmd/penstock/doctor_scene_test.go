package main

import (
	"crypto/rand"
	"crypto/rsa"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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

// subscribed are the events that GitHub sends to those only who subscribe.
func subscribed() (events []string) {
	for _, l := range githubapp.Listens() {
		if !l.Always {
			events = append(events, l.Event)
		}
	}
	return events
}
