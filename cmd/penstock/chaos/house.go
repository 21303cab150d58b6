package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

const (
	owner  = "octo-org"
	secret = "chaos"
	// patience is how long anything may take before the storm is given up.
	patience = 10 * time.Minute
)

// house is an emulated GitHub, a bell that jobs ring, and a server process.
type house struct {
	dir          string
	binary       string
	github       *emulator.GitHub
	slack        *slack.Slack
	slackApp     slack.App
	people       map[string]emulator.User
	acknowledged int // forms in Slack
	app          emulator.App
	address      string
	sandboxed    bool
	server       *exec.Cmd
	log          *os.File
	repositories []string
	bell         *bell
	killed       map[string]bool // attempts whose supervisor was killed
}

func newHouse(ctx context.Context, o options) (h *house, err error) {
	dir, err := os.MkdirTemp("", "penstock-chaos-")
	if err != nil {
		return nil, err
	}
	h = &house{dir: dir, binary: o.binary, killed: map[string]bool{}, people: map[string]emulator.User{}}
	defer func() {
		if err != nil {
			h.close()
			os.RemoveAll(dir)
		}
	}()
	if h.binary == "" {
		h.binary = filepath.Join(dir, "penstock")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", h.binary, "github.com/penstock-cd/penstock/cmd/penstock").CombinedOutput(); err != nil {
			return h, fmt.Errorf("build (run this from the project's root): %w: %s", err, out)
		}
	}
	if h.log, err = os.Create(filepath.Join(dir, "server.log")); err != nil {
		return h, err
	}
	if h.bell, err = newBell(); err != nil {
		return h, err
	}
	h.sandboxed = exec.Command("bwrap", "--unshare-user-try", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true").Run() == nil
	if h.github, err = emulator.New(emulator.Options{Dir: filepath.Join(dir, "github")}); err != nil {
		return h, err
	}
	if err := errors.Join(h.furnish(), h.furnishSlack()); err != nil {
		return h, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		return h, err
	}
	h.address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return h, err
	}
	return h, h.github.SetWebhook(h.app.ID, "http://"+h.address+"/webhooks/github", secret)
}

// pipelines are the files of the repositories: a queue with a stage that only main
// runs; stages with a gate between; parallel actions of which one fails now and
// then and is retried by itself, and an environment that all lanes share, with a gate
// on main.
func (h *house) pipelines() map[string]string {
	// Each job leaves a process behind, which must end with it.
	ring := func(seconds string) string {
		return "sh -c 'git ls-remote --quiet " + h.bell.url + "/$PENSTOCK_RUN_ID/$PENSTOCK_STAGE/$PENSTOCK_ACTION/$PENSTOCK_ATTEMPT >/dev/null 2>&1; " +
			"sleep " + h.bell.sleeper() + " >/dev/null 2>&1 & sleep " + seconds + "'"
	}
	const triggers = "triggers: {push: {branches: ['**']}, pullRequest: {branches: ['**']}}\n"
	return map[string]string{
		"small": "name: small\nexecutionMode: queued\n" + triggers + "stages:\n  - name: Build\n    actions:\n" +
			"      - {name: make, provider: Commands, commands: [\"" + ring("0.02") + "\"]}\n" +
			"  - name: Main\n    runIf: branch == 'main'\n    actions:\n" +
			"      - {name: extra, provider: Commands, commands: [\"" + ring("0.02") + "\"]}\n",
		"gated": "name: gated\n" + triggers + "stages:\n  - name: Build\n    actions:\n" +
			"      - {name: make, provider: Commands, commands: [\"" + ring("0.05") + "\"]}\n" +
			"  - name: Release\n    actions:\n      - {name: approve, provider: Manual}\n" +
			"      - {name: ship, runOrder: 2, provider: Commands, commands: [\"" + ring("0.02") + "\"]}\n" +
			"  - name: Live\n    environment: live\n    actions:\n      - {name: go, provider: Commands, commands: [\"" + ring("0.02") + "\"]}\n" +
			"environments: {live: {approval: {preventSelfApproval: false}}}\n",
		"wide": "name: wide\n" + triggers + "stages:\n  - name: Test\n    onFailure: {result: RETRY}\n    actions:\n" +
			"      - {name: unit, provider: Commands, commands: [\"" + ring("0.1") + "\"]}\n" +
			"      - {name: flaky, provider: Commands, commands: [\"" + ring("0") + "\", '[ \"$PENSTOCK_ATTEMPT\" -gt 1 ] || ! grep -q bad change.txt']}\n" +
			"  - name: Deploy\n    environment: production\n    actions:\n      - {name: ship, provider: Commands, commands: [\"" + ring("0.02") + "\"]}\n" +
			"environments: {production: {branches: ['**'], pullRequests: true}}\n",
	}
}

func (h *house) furnish() (err error) {
	for _, login := range []string{"octocat", "hubot", "monalisa"} {
		if h.people[login], err = h.github.AddUser(login); err != nil {
			return err
		}
	}
	if _, err := h.github.AddOrganization(owner); err != nil {
		return err
	}
	for name, file := range h.pipelines() {
		if _, err := h.github.AddRepository(emulator.NewRepository{Owner: owner, Name: name, Files: map[string]string{".penstock.yml": file, "change.txt": "first\n"}}); err != nil {
			return err
		}
		full := owner + "/" + name
		h.repositories = append(h.repositories, full)
		for _, login := range []string{"octocat", "hubot"} {
			if err := h.github.SetRole(full, login, emulator.RoleWrite); err != nil {
				return err
			}
		}
		if err := h.github.SetRole(full, "monalisa", emulator.RoleRead); err != nil {
			return err
		}
	}
	if h.app, err = h.github.AddApp(emulator.NewApp{Slug: "penstock", Owner: owner, WebhookSecret: secret}); err != nil {
		return err
	}
	_, err = h.github.Install(h.app.ID, owner)
	return err
}

func (h *house) data() string { return filepath.Join(h.dir, "data") }

// start starts the server's process and does not wait for it.
func (h *house) start() error {
	h.server = exec.Command(h.binary, "serve", "--config", h.config())
	h.server.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, "GOTRACEBACK=all",
		"PENSTOCK_LISTEN=" + h.address, "PENSTOCK_URL=http://" + h.address, "PENSTOCK_DATA=" + h.data(),
		"PENSTOCK_GITHUB_APP_ID=" + strconv.FormatInt(h.app.ID, 10), "PENSTOCK_GITHUB_PRIVATE_KEY=" + string(h.app.PrivateKey),
		"PENSTOCK_GITHUB_WEBHOOK_SECRET=" + secret, "PENSTOCK_GITHUB_API_URL=" + h.github.APIURL(), "PENSTOCK_ALLOW=" + owner,
		"PENSTOCK_GITHUB_POLL=1s", "PENSTOCK_HOST_UNSANDBOXED=" + strconv.FormatBool(!h.sandboxed), "PENSTOCK_HOST_CONCURRENCY=4",
	}
	h.server.Env = append(h.server.Env, h.slackSettings()...)
	h.server.Stderr = h.log
	return h.server.Start()
}

// end ends the server's process with a signal and returns when it is gone.
func (h *house) end(signal os.Signal) error {
	if h.server == nil {
		return nil
	}
	server := h.server
	h.server = nil
	if err := server.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	gone := make(chan error, 1)
	go func() { gone <- server.Wait() }()
	select {
	case err := <-gone:
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() > 0 {
			return fmt.Errorf("the server ended by itself with %w", err)
		}
		return nil
	case <-time.After(15 * time.Second):
		server.Process.Kill()
		return fmt.Errorf("the server did not end within 15 s of %s", signal)
	}
}

func (h *house) close() {
	if h.server != nil {
		h.server.Process.Kill()
		h.server.Wait()
	}
	if h.github != nil {
		h.github.Close()
	}
	if h.slack != nil {
		h.slack.Close()
	}
	if h.bell != nil {
		h.bell.server.Close()
	}
	if h.log != nil {
		h.log.Close()
	}
}

// bell counts how often the commands of each attempt have run. No job can reach
// into it but by ringing.
type bell struct {
	server *http.Server
	url    string

	mu    sync.Mutex
	rings map[string]int // by run/stage/action/attempt
}

func newBell() (*bell, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &bell{url: "http://" + listener.Addr().String(), rings: map[string]int{}}
	b.server = &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second}
	go b.server.Serve(listener)
	return b, nil
}

// sleeper is how long the processes sleep that jobs leave behind, in seconds: a day
// or so, and a number by which they can be told from others.
func (b *bell) sleeper() string {
	_, port, _ := strings.Cut(strings.TrimPrefix(b.url, "http://"), ":")
	return "1" + port
}

func (b *bell) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/info/refs")
	b.mu.Lock()
	b.rings[name]++
	b.mu.Unlock()
	http.NotFound(w, r)
}
