package bot_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/engine"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
	"github.com/penstock-cd/penstock/storage"
)

// house is a bot with a real engine, a real database and an emulated GitHub. Only
// the actions are make-believe: they wait until a test ends them.
type house struct {
	t        *testing.T
	plan     plan
	dir      string // the data folder
	people   map[string]pipeline.Actor
	github   *emulator.GitHub
	db       *storage.DB
	engine   *engine.Engine
	bot      *bot.Bot
	server   *httptest.Server
	provider *puppet
	app      emulator.App
	stop     func()
	slack    *slackHouse // nil: there is none

	installed emulator.Installation
}

const shop, secret = "octo-org/shop", "a webhook secret"

const simpleFile = `name: release
stages:
  - name: Build
    actions:
      - {name: compile, provider: Commands, commands: [make]}
`

const gateFile = `name: release
stages:
  - name: Release
    actions:
      - {name: approve, provider: Manual}
`

type botStore struct{ *storage.DB }

func (s botStore) Unreported(ctx context.Context, limit int) ([]bot.Unreported, error) {
	found, err := s.DB.UnreportedExecutions(ctx, limit)
	var list []bot.Unreported
	for _, u := range found {
		list = append(list, bot.Unreported(u))
	}
	return list, err
}

func (s botStore) Repositories(ctx context.Context) ([]pipeline.Repository, error) {
	found, err := s.DB.Repositories(ctx)
	var list []pipeline.Repository
	for _, r := range found {
		if !r.Suspended {
			list = append(list, r.Repository)
		}
	}
	return list, err
}

type noLogs struct{}

func (noLogs) Tail(context.Context, int64, string, int) ([]pipeline.LogLine, error) {
	return []pipeline.LogLine{{Stream: pipeline.Stdout, Text: "it broke"}}, nil
}

// plan is how a house differs from others.
type plan struct {
	limits emulator.Limits // of GitHub
	pace   githubapp.Pace  // ours
	now    func() time.Time
	log    io.Writer
	ready  func() error
	// slack is what the bot's Slack is besides its app and its store; nil: there is none.
	slack *bot.Slack
	// onDelivery is told what became of a delivery.
	onDelivery func(event, outcome string, waited time.Duration)
}

func newHouse(t *testing.T, file string) *house { t.Helper(); return build(t, file, plan{}) }

func build(t *testing.T, file string, plan plan) *house {
	t.Helper()
	h := &house{t: t, plan: plan, dir: t.TempDir(), people: map[string]pipeline.Actor{}, provider: &puppet{ends: map[string]pipeline.ActionStatus{}}}
	logger := slog.New(slog.DiscardHandler)
	if plan.log != nil {
		logger = slog.New(slog.NewTextHandler(plan.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h.github, err = emulator.New(emulator.Options{Dir: t.TempDir()})
	must(err)
	h.github.EnforceRateLimits(plan.limits)
	t.Cleanup(func() { h.github.Close() })
	for _, login := range []string{"octocat", "hubot", "monalisa"} {
		user, err := h.github.AddUser(login)
		must(err)
		h.people[login] = pipeline.Actor{ID: user.ID, Login: login}
	}
	_, err = h.github.AddOrganization("octo-org")
	must(err)
	_, err = h.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "shop", Files: map[string]string{".penstock.yml": file}})
	must(err)
	must(h.github.SetRole(shop, "octocat", emulator.RoleWrite))
	must(h.github.SetRole(shop, "hubot", emulator.RoleWrite))
	h.app, err = h.github.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octo-org", WebhookSecret: secret})
	must(err)
	h.installed, err = h.github.Install(h.app.ID, "octo-org")
	must(err)
	if plan.slack != nil {
		h.slack = newSlackHouse(t)
	}
	h.boot(logger)
	t.Cleanup(func() { h.shut() })
	return h
}

// boot starts the server on what an earlier one has left, if there was one.
func (h *house) boot(logger *slog.Logger) {
	h.t.Helper()
	t, plan := h.t, h.plan
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for until := time.Now().Add(20 * time.Second); ; { // a git that the emulator has just forked may hold the lock for a moment
		h.db, err = storage.Open(t.Context(), storage.Options{Dir: h.dir, Now: plan.now, Logger: logger})
		if pipeline.KindOf(err) != pipeline.Conflict || time.Now().After(until) {
			break
		}
	}
	must(err)
	forge, err := githubapp.New(githubapp.Options{AppID: h.app.ID, PrivateKey: h.app.PrivateKey, APIURL: h.github.APIURL(), Pace: plan.pace, Now: plan.now})
	must(err)
	registry, err := provider.NewRegistry(standard.Providers()...)
	must(err)
	h.engine = engine.New(engine.Options{
		Store: h.db, Now: plan.now, Providers: map[string]provider.Provider{"Commands": h.provider},
		HandleDelivery: func(ctx context.Context, order pipeline.Order, id string) error {
			return h.bot.HandleDelivery(ctx, order, id)
		},
		BuryDelivery: func(ctx context.Context, id string, cause error) { h.bot.BuryDelivery(ctx, id, cause) },
		ReadRules: func(ctx context.Context, run *pipeline.Execution, definition *pipeline.Pipeline, stage, attempt string) (pipeline.Reading, error) {
			return h.bot.ReadRules(ctx, run, definition, stage, attempt)
		},
	})
	h.provider.wake = h.engine.Wake
	h.bot = bot.New(bot.Options{
		Slack: h.slack.boot(h, forge.Host()), Forge: forge, Engine: h.engine, Store: botStore{h.db}, Logs: noLogs{}, Catalog: registry, Secrets: func() [][]byte { return [][]byte{[]byte(secret)} },
		Allows: func(owner, name string) bool { return owner == "octo-org" || owner == "new-org" }, URL: "http://penstock.example",
		Now: plan.now, Logger: logger, Ready: plan.ready, OnDelivery: plan.onDelivery,
	})
	e := echo.New()
	h.bot.Register(e)
	h.server = httptest.NewServer(e)
	must(h.github.SetWebhook(h.app.ID, h.server.URL+"/webhooks/github", secret))
	h.start()
}

// shut ends the server in peace; boot starts the next one.
func (h *house) shut() {
	h.stop()
	h.server.Close()
	h.db.Close()
}

// start runs the engine and a reporter until stop.
func (h *house) start() {
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	list := []func(context.Context) error{h.engine.Run, h.bot.NewReporter().Run}
	if h.slack != nil {
		list = append(list, h.bot.NewMessenger().Run, func(ctx context.Context) error { return h.bot.Slack.App.Listen(ctx, h.bot.AcceptSlack) })
	}
	for _, run := range list {
		parts.Go(func() {
			if err := run(ctx); err != nil {
				h.t.Errorf("ended with %v", err)
			}
		})
	}
	h.stop = func() { cancel(); parts.Wait() }
}

// await waits until GitHub shows something.
func (h *house) await(what string, condition func(*emulator.View) bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	if err := h.github.Await(ctx, condition); err != nil {
		for _, d := range h.github.Deliveries() {
			stored, _ := h.db.Delivery(h.t.Context(), d.GUID)
			h.t.Logf("delivery %s %s: %s, %s %q", d.Event, d.Action, d.Status, stored.Status, stored.Note)
		}
		h.t.Fatalf("waiting for %s: %v", what, err)
	}
}

func (h *house) status(sha, state string) func(*emulator.View) bool {
	return func(v *emulator.View) bool {
		statuses := v.Statuses(shop, sha)
		return len(statuses) == 1 && statuses[0].State == state
	}
}

func (h *house) check(sha, name, conclusion string) func(*emulator.View) bool {
	return func(v *emulator.View) bool {
		check, ok := v.Check(shop, sha, name)
		return ok && check.Conclusion == conclusion
	}
}

// said waits for a comment that holds a text.
func (h *house) said(number int, text string) func(*emulator.View) bool {
	return func(v *emulator.View) bool {
		return slices.ContainsFunc(v.Comments(shop, number), func(c emulator.Comment) bool { return strings.Contains(c.Body, text) })
	}
}

func (h *house) push(change emulator.Change) string {
	h.t.Helper()
	change.Repository, change.As = shop, "octocat"
	if change.Files == nil {
		change.Files = map[string]string{"file.txt": h.t.Name() + change.Message}
	}
	sha, err := h.github.Push(change)
	if err != nil {
		h.t.Fatal(err)
	}
	return sha
}

// pull pushes a branch and opens a pull request.
func (h *house) pull() (number int, sha string) {
	h.t.Helper()
	sha = h.push(emulator.Change{Branch: "topic", Message: "Topic"})
	p, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "Topic", Head: "topic", As: "octocat"})
	if err != nil {
		h.t.Fatal(err)
	}
	return p.Number, sha
}

// post sends a delivery as somebody who may or may not be GitHub.
func (h *house) post(event, guid string, body []byte, sign func(http.Header, []byte)) (int, string) {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.server.URL+"/webhooks/github", strings.NewReader(string(body)))
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-GitHub-Event", event)
	request.Header.Set("X-GitHub-Delivery", guid)
	sign(request.Header, body)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func signed(key string) func(http.Header, []byte) {
	return func(header http.Header, body []byte) {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write(body)
		header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
}

// puppet is a provider whose jobs end when a test says so.
type puppet struct {
	mu     sync.Mutex
	starts []provider.Job
	ends   map[string]pipeline.ActionStatus // by job id
	wake   func(string)
	auto   pipeline.ActionStatus // how every job ends at once, if set
}

func (p *puppet) Start(_ context.Context, job provider.Job) (provider.Handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.starts = append(p.starts, job)
	if p.auto != "" {
		p.ends[job.ID] = p.auto
		go p.wake(job.ID)
	}
	return provider.Handle("x"), nil
}

func (p *puppet) Poll(_ context.Context, job provider.Job, _ provider.Handle) (provider.Progress, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if status, ok := p.ends[job.ID]; ok {
		failure := pipeline.FailureType("")
		if status == pipeline.ActionFailed {
			failure = pipeline.JobFailed
		}
		return provider.Progress{Status: status, FailureType: failure, Summary: "ended"}, nil
	}
	return provider.Progress{Status: pipeline.ActionInProgress}, nil
}

func (p *puppet) Stop(_ context.Context, job provider.Job, _ provider.Handle) error {
	p.end(job.ID, pipeline.ActionAbandoned)
	return nil
}

func (p *puppet) end(id string, status pipeline.ActionStatus) {
	p.mu.Lock()
	p.ends[id] = status
	p.mu.Unlock()
	p.wake(id)
}

func (p *puppet) endAll(status pipeline.ActionStatus) {
	p.mu.Lock()
	var ids []string
	for _, job := range p.starts {
		if _, ended := p.ends[job.ID]; !ended {
			ids = append(ids, job.ID)
		}
	}
	p.mu.Unlock()
	for _, id := range ids {
		p.end(id, status)
	}
}

func (p *puppet) started() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.starts)
}
