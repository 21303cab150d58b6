package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/bot/web/api"
)

const raceRepository = "octo-org/raced"

// raceFiles are two pipelines for every pull request: nine gates of actions, the last
// of which asks for two people, and the gate of an environment.
func raceFiles() map[string]string {
	var ask strings.Builder
	ask.WriteString("name: ask\ntriggers: {pullRequest: {branches: ['**']}}\nstages:\n  - name: Ask\n    actions:\n")
	for i := range 8 {
		fmt.Fprintf(&ask, "      - {name: a%d, provider: Manual}\n", i)
	}
	ask.WriteString("      - {name: two, provider: Manual, approval: {required: 2}}\n")
	return map[string]string{
		".penstock/ask.yml": ask.String(),
		".penstock/ship.yml": "name: ship\ntriggers: {pullRequest: {branches: ['**']}}\n" +
			"environments: {production: {pullRequests: true, approval: {}}}\n" +
			"stages:\n  - name: Ship\n    environment: production\n    actions:\n" +
			"      - {name: ship, provider: Commands, checkout: false, commands: ['true']}\n",
	}
}

// raceHouse is a GitHub and the real server as a process beside it. Our own limits are
// so high that nothing waits for them.
type raceHouse struct {
	t      *testing.T
	github *emulator.GitHub
	env    []string
	url    string
	data   string
	tokens map[string]string // of the API, by login
	server *exec.Cmd
	log    bytes.Buffer // to be read when the server has ended
	bot    string       // our login
}

func newRaceHouse(t *testing.T) *raceHouse {
	t.Helper()
	dir := t.TempDir()
	h := &raceHouse{t: t, data: filepath.Join(dir, "data"), tokens: map[string]string{}}
	var err error
	h.github, err = emulator.New(emulator.Options{Dir: filepath.Join(dir, "github")})
	h.must(err)
	t.Cleanup(func() { h.github.Close() })
	_, err = h.github.AddOrganization("octo-org")
	h.must(err)
	_, err = h.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "raced", Files: raceFiles()})
	if err == nil {
		for _, login := range []string{"octocat", "hubot", "monalisa"} {
			_, err = h.github.AddUser(login)
			h.must(err)
			h.must(h.github.SetRole(raceRepository, login, emulator.RoleWrite))
		}
	}
	h.must(err)
	app, err := h.github.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octo-org", WebhookSecret: storySecret})
	h.must(err)
	h.bot = app.Bot.Login
	_, err = h.github.Install(app.ID, "octo-org")
	h.must(err)
	address, err := storyAddress()
	h.must(err)
	h.url = "http://" + address
	secret := filepath.Join(dir, "client-secret")
	h.must(os.WriteFile(secret, []byte(app.ClientSecret), 0o600))
	h.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GOCOVERDIR=" + os.Getenv("GOCOVERDIR"), "GORACE=" + os.Getenv("GORACE"),
		"PENSTOCK_LISTEN=" + address, "PENSTOCK_URL=" + h.url, "PENSTOCK_DATA=" + h.data, "PENSTOCK_ALLOW=octo-org",
		fmt.Sprintf("PENSTOCK_GITHUB_APP_ID=%d", app.ID), "PENSTOCK_GITHUB_PRIVATE_KEY=" + string(app.PrivateKey),
		"PENSTOCK_GITHUB_WEBHOOK_SECRET=" + storySecret, "PENSTOCK_GITHUB_API_URL=" + h.github.APIURL(),
		"PENSTOCK_GITHUB_CLIENT_ID=" + app.ClientID, "PENSTOCK_GITHUB_CLIENT_SECRET_FILE=" + secret,
		"PENSTOCK_GITHUB_CONTENT_LIMITS=100000/1m", "PENSTOCK_GITHUB_POINT_LIMITS=1000000/1m",
		fmt.Sprintf("PENSTOCK_HOST_UNSANDBOXED=%t", !sandboxWorks()),
	}
	h.must(h.github.SetCallbacks(app.ID, h.url+web.CallbackPath))
	h.must(h.github.SetWebhook(app.ID, h.url+"/webhooks/github", storySecret))
	h.serve()
	return h
}

func (h *raceHouse) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// serve starts the server and returns when it takes webhooks.
func (h *raceHouse) serve() {
	h.t.Helper()
	h.server = exec.Command("penstock", "serve", "--log-level", "warn")
	h.server.Env, h.server.Stderr = h.env, &h.log
	h.must(h.server.Start())
	h.t.Cleanup(func() {
		if h.server.ProcessState == nil {
			h.server.Process.Kill()
			h.server.Wait()
			h.t.Logf("the server said: %s", h.log.String())
		}
	})
	deadline := time.Now().Add(awaitTime)
	for {
		answer, err := http.Get(h.url + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("the server is not ready: %v", err)
		}
	}
}

// token is somebody's of the API; the server must have heard of a repository.
func (h *raceHouse) token(login string) string {
	h.t.Helper()
	if h.tokens[login] == "" {
		h.tokens[login] = strings.TrimSpace(h.verb("token", "create", "--user", login, "--scope", "write"))
	}
	return h.tokens[login]
}

// verb runs a verb beside the server and returns what it prints.
func (h *raceHouse) verb(args ...string) string {
	h.t.Helper()
	cmd := exec.Command("penstock", args...)
	cmd.Env = h.env
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		h.t.Fatalf("penstock %s: %v: %s", strings.Join(args, " "), err, errors.String())
	}
	return string(out)
}

// end ends the server in peace: whatever it was at is done.
func (h *raceHouse) end() {
	h.t.Helper()
	h.must(h.server.Process.Signal(os.Interrupt))
	if err := h.server.Wait(); err != nil {
		h.t.Fatalf("the server ended with %v: %s", err, h.log.String())
	}
	if log := h.log.String(); strings.Contains(log, "DATA RACE") || strings.Contains(log, "panic: ") {
		h.t.Errorf("the server said: %s", log)
	}
}

// call calls the API as somebody. body nil asks.
func (h *raceHouse) call(ctx context.Context, login, path string, body, into any) (status int, text string, err error) {
	method, content := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		if content, err = json.Marshal(body); err != nil {
			return 0, "", err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, h.url+api.Prefix+path, bytes.NewReader(content))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+h.tokens[login])
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err == nil && into != nil && answer.StatusCode < 300 {
		err = json.Unmarshal(read, into)
	}
	return answer.StatusCode, string(read), err
}

// await waits until GitHub shows something.
func (h *raceHouse) await(what string, condition func(*emulator.View) bool) error {
	ctx, cancel := context.WithTimeout(h.t.Context(), awaitTime)
	defer cancel()
	if err := h.github.Await(ctx, condition); err != nil {
		return fmt.Errorf("waiting for %s: %w", what, err)
	}
	return nil
}
