package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

const owner = "octo-org"

// house is an emulated GitHub, an emulated Slack and a server process that works for
// them.
type house struct {
	dir       string
	github    *emulator.GitHub
	app       emulator.App
	slack     *slackemulator.Slack
	slackApp  slackemulator.App
	server    *exec.Cmd
	log       bytes.Buffer
	address   string
	binary    string
	sandboxed bool
}

func newHouse(ctx context.Context) (h *house, err error) {
	dir, err := os.MkdirTemp("", "penstock-bench-")
	if err != nil {
		return nil, err
	}
	h = &house{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	h.binary = filepath.Join(dir, "penstock")
	build := exec.CommandContext(ctx, "go", "build", "-o", h.binary, "./cmd/penstock")
	if out, err := build.CombinedOutput(); err != nil {
		return h, fmt.Errorf("build (run this from the project's root): %w: %s", err, out)
	}
	if h.github, err = emulator.New(emulator.Options{Dir: filepath.Join(dir, "github")}); err != nil {
		return h, err
	}
	if _, err := h.github.AddOrganization(owner); err != nil {
		return h, err
	}
	if _, err := h.github.AddUser("octocat"); err != nil {
		return h, err
	}
	if h.app, err = h.github.AddApp(emulator.NewApp{Slug: "penstock", Owner: owner, WebhookSecret: "bench"}); err != nil {
		return h, err
	}
	if _, err := h.github.Install(h.app.ID, owner); err != nil {
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
	if err := h.github.SetWebhook(h.app.ID, "http://"+h.address+"/webhooks/github", "bench"); err != nil {
		return h, err
	}
	if err := h.furnishSlack(ctx); err != nil {
		return h, err
	}
	return h, h.serve(ctx)
}

// serve starts the server and waits until it is ready.
func (h *house) serve(ctx context.Context) error {
	if err := h.start(); err != nil {
		return err
	}
	return h.ready(ctx)
}

// start starts the server's process.
func (h *house) start() error {
	_, missing := exec.LookPath("bwrap")
	h.sandboxed = missing == nil
	h.server = exec.Command(h.binary, "serve", "--log-level", "warn", "--config", h.config())
	h.server.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir,
		"PENSTOCK_LISTEN=" + h.address, "PENSTOCK_URL=http://" + h.address, "PENSTOCK_DATA=" + filepath.Join(h.dir, "data"),
		"PENSTOCK_GITHUB_APP_ID=" + strconv.FormatInt(h.app.ID, 10), "PENSTOCK_GITHUB_PRIVATE_KEY=" + string(h.app.PrivateKey),
		"PENSTOCK_GITHUB_WEBHOOK_SECRET=bench", "PENSTOCK_GITHUB_API_URL=" + h.github.APIURL(), "PENSTOCK_ALLOW=" + owner,
		"PENSTOCK_SLACK_BOT_TOKEN=" + h.slackApp.BotToken, "PENSTOCK_SLACK_APP_TOKEN=" + h.slackApp.AppToken, "PENSTOCK_SLACK_API_URL=" + h.slack.APIURL(),
		"PENSTOCK_HOST_UNSANDBOXED=" + strconv.FormatBool(!h.sandboxed),
	}
	h.server.Stderr = &h.log
	return h.server.Start()
}

// repository makes a repository with a pipeline file.
func (h *house) repository(name, file string) (string, error) {
	_, err := h.github.AddRepository(emulator.NewRepository{
		Owner: owner, Name: name, Files: map[string]string{".penstock.yml": file, "README.md": name + "\n"},
	})
	if err != nil {
		return "", err
	}
	return owner + "/" + name, h.github.SetRole(owner+"/"+name, "octocat", emulator.RoleWrite)
}

// memory is the resident memory of the server in bytes.
func (h *house) memory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.server.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the server's memory cannot be read")
}

// descriptors is how many files the server has open, once that has settled.
func (h *house) descriptors() (int, error) {
	least := -1
	for range 20 {
		list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", h.server.Process.Pid))
		if err != nil {
			return 0, err
		}
		if least < 0 || len(list) < least {
			least = len(list)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return least, nil
}

func (h *house) close() error {
	err := h.stop()
	if h.slack != nil {
		err = errors.Join(err, h.slack.Close())
	}
	if h.github != nil {
		err = errors.Join(err, h.github.Close())
	}
	return errors.Join(err, os.RemoveAll(h.dir))
}
