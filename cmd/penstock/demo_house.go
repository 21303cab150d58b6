package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

//go:embed all:demo/shop
var demoFiles embed.FS

const demoRepository = "octo-org/shop"

// demoHouse is a small GitHub, a small Slack and a Penstock that works for them, in a
// folder that goes when they do. With a login its people have tokens for the client
// verbs.
type demoHouse struct {
	dir            string
	github         *emulator.GitHub
	slack          *slackemulator.Slack
	page           *demoPage // nil without a login
	octocat, hubot emulator.User
	token, other   string // octocat's and hubot's
	server         *server
	ended          chan error
	stop           context.CancelFunc
}

func newDemoHouse(ctx context.Context, registry *provider.Registry, login bool, log io.Writer) (h *demoHouse, err error) {
	dir, err := os.MkdirTemp("", "penstock-demo-")
	if err != nil {
		return nil, err
	}
	h = &demoHouse{dir: dir, ended: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return h, err
	}
	logger := slog.New(slog.NewJSONHandler(log, nil))
	var framers []string
	if login {
		if h.page, err = newDemoPage(h); err != nil {
			return h, err
		}
		framers = []string{h.page.origin()}
	}
	if h.github, err = emulator.New(emulator.Options{Dir: filepath.Join(dir, "github"), FrameAncestors: framers, Logger: logger}); err != nil {
		return h, err
	}
	app, err := h.furnish()
	if err != nil {
		return h, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		return h, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return h, err
	}
	config := configs.Default()
	config.Listen, config.URL, config.Data = address, "http://"+address, filepath.Join(dir, "data")
	config.Allow = []string{"octo-org"}
	config.GitHub.AppID, config.GitHub.PrivateKey = app.ID, configs.NewSecret(string(app.PrivateKey))
	config.GitHub.WebhookSecrets, config.GitHub.APIURL = []configs.Secret{configs.NewSecret(app.WebhookSecret)}, h.github.APIURL()
	if login {
		config.GitHub.ClientID, config.GitHub.ClientSecret = app.ClientID, configs.NewSecret(app.ClientSecret)
		if err := h.github.SetCallbacks(app.ID, config.URL+web.CallbackPath); err != nil {
			return h, err
		}
	}
	if err := h.furnishSlack(&config); err != nil {
		return h, err
	}
	// The demo's own scripts may run plainly.
	if h.server, err = newServer(ctx, config, sandboxIfPossible, registry, nil, logger); err != nil {
		return h, err
	}
	h.server.pages.FrameAncestors = framers
	for _, who := range []emulator.User{h.octocat, h.hubot} {
		if err := h.link(ctx, who.Login, who.ID); err != nil {
			return h, err
		}
	}
	if err := h.github.SetWebhook(app.ID, config.URL+"/webhooks/github", app.WebhookSecret); err != nil {
		return h, err
	}
	life, stop := context.WithCancel(context.Background())
	h.stop = stop
	go func() { h.ended <- h.server.run(life) }()
	if h.page != nil {
		h.page.serve()
	}
	if _, err = h.github.Install(app.ID, "octo-org"); err != nil || !login {
		return h, err
	}
	if h.token, err = h.makeToken(ctx, h.octocat); err != nil {
		return h, err
	}
	h.other, err = h.makeToken(ctx, h.hubot)
	return h, err
}

// makeToken gives somebody a token, as `penstock token create` would.
func (h *demoHouse) makeToken(ctx context.Context, who emulator.User) (string, error) {
	forge, err := url.Parse(h.github.URL())
	if err != nil {
		return "", err
	}
	now := time.Now()
	text, hash := pipeline.NewTokenText()
	return text, h.server.db.SaveToken(ctx, pipeline.Token{
		ID: pipeline.NewID(now), Hash: hash, Host: forge.Host, Who: pipeline.Actor{ID: who.ID, Login: who.Login},
		Scopes: []pipeline.Scope{pipeline.ScopeWrite}, CreatedBy: "the demo", CreatedAt: now, ExpiresAt: now.Add(24 * time.Hour),
	})
}

// furnish makes people, an app and a repository.
func (h *demoHouse) furnish() (app emulator.App, err error) {
	if h.octocat, err = h.github.AddUser("octocat"); err != nil {
		return app, err
	}
	if h.hubot, err = h.github.AddUser("hubot"); err != nil {
		return app, err
	}
	if _, err = h.github.AddUser("monalisa"); err != nil {
		return app, err
	}
	if _, err = h.github.AddOrganization("octo-org"); err != nil {
		return app, err
	}
	files, err := shopFiles()
	if err != nil {
		return app, err
	}
	if _, err = h.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "shop", Files: files}); err != nil {
		return app, err
	}
	for _, login := range []string{"octocat", "hubot", "monalisa"} {
		if err := h.github.SetRole(demoRepository, login, emulator.RoleWrite); err != nil {
			return app, err
		}
	}
	return h.github.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octo-org", WebhookSecret: "a-secret-for-the-demo"})
}

func shopFiles() (map[string]string, error) {
	files := map[string]string{}
	err := fs.WalkDir(demoFiles, "demo/shop", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := demoFiles.ReadFile(name)
		files[strings.TrimPrefix(name, "demo/shop/")] = string(content)
		return err
	})
	return files, err
}

func (h *demoHouse) close() error {
	var err error
	if h.page != nil {
		err = h.page.close()
	}
	switch {
	case h.stop != nil:
		h.stop()
		err = errors.Join(err, <-h.ended)
	case h.server != nil:
		err = errors.Join(err, h.server.close())
	}
	if h.slack != nil {
		err = errors.Join(err, h.slack.Close())
	}
	if h.github != nil {
		err = errors.Join(err, h.github.Close())
	}
	if e := removeAll(h.dir); e != nil {
		err = errors.Join(err, fmt.Errorf("left behind: %w", e))
	}
	return err
}
