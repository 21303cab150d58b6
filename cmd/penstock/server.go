package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
	"github.com/penstock-cd/penstock/pipeline/engine"
	"github.com/penstock-cd/penstock/pipeline/outgoing"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/storage"
	"github.com/penstock-cd/penstock/storage/actionlog"
	"github.com/penstock-cd/penstock/storage/blob"
)

// server is everything that runs in `penstock serve`, joined.
type server struct {
	config    configs.Config
	logger    *slog.Logger
	listener  net.Listener
	http      *http.Server
	db        *storage.DB
	host      *host.Host
	engine    *engine.Engine
	reporter  *bot.Reporter
	slack     *slackDoor // nil: there is no Slack
	missed    *bot.Missed
	schedules *bot.Schedules
	pause     *pauseWatch
	pages     *web.Handler
	metrics   *metrics
	traces    *traces
	chores    chores
	reload    reload
	closers   []func() error // last first
}

// newServer opens and joins the rooms, bottom up. On an error everything that was
// opened is closed again. reread reads the configuration again, when the operator
// says so; nil: never.
func newServer(ctx context.Context, config configs.Config, sandbox sandboxing, registry *provider.Registry, reread func() (configs.Config, error), logger *slog.Logger) (s *server, err error) {
	s = &server{config: config, logger: logger}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	data := func(name string) string { return filepath.Join(config.Data, name) }

	// What is remembered.
	if s.db, err = storage.Open(ctx, storage.Options{Dir: config.Data, Logger: logger}); err != nil {
		return s, err
	}
	s.closeLater(s.db.Close)
	artifacts, err := blob.Open(data("artifacts"))
	if err != nil {
		return s, err
	}
	finished, err := blob.Open(data("finished-logs"))
	if err != nil {
		return s, err
	}
	logs, err := actionlog.Open(actionlog.Options{Dir: data("logs"), Records: s.db, Blobs: finished, Logger: logger})
	if err != nil {
		return s, err
	}

	s.metrics = newMetrics()
	if s.traces, err = newTraces(ctx, config.URL, logger); err != nil {
		return s, err
	}
	s.closeLater(s.traces.close)
	health := &health{db: s.db, data: config.Data, now: time.Now}

	// The forge.
	forge, err := githubapp.New(githubapp.Options{
		AppID: config.GitHub.AppID, PrivateKey: []byte(config.GitHub.PrivateKey.Reveal()), APIURL: config.GitHub.APIURL,
		Logger: logger, UserAgent: "penstock/" + version, Pace: pace(config.GitHub),
	})
	if err != nil {
		return s, err
	}

	reached, err := s.db.Repositories(ctx)
	if err != nil {
		return s, err
	}
	for _, r := range reached {
		forge.Learn(r.Repository)
	}

	s.metrics.registry.MustRegister(backlog{db: s.db, forge: forge, data: config.Data, logger: logger, now: time.Now})

	// Where commands run. The engine is told of changes as soon as there is one.
	var wake atomic.Pointer[engine.Engine]
	s.host, err = newHost(ctx, host.Options{
		Dir: data("jobs"), Concurrency: config.Host.Concurrency, ForkNetwork: config.Host.ForkNetwork,
		Hidden: hidden(config), Sources: forgeSources{forge}, Artifacts: artifacts, Logs: logs, Logger: logger,
		OnChange: func(task string) {
			if e := wake.Load(); e != nil {
				e.Wake(task)
			}
		},
	}, sandbox)
	if err != nil {
		return s, err
	}
	s.closeLater(s.host.Close)

	s.chores = chores{db: s.db, artifacts: artifacts, finished: finished, logs: logs, host: s.host, retention: config.Retention, logger: logger}

	// What is decided, carried out, and talked about.
	providers, err := registry.Providers(provider.Env{Compute: s.host, Logger: logger, HTTP: outgoing.NewClient(config.AllowPrivate)})
	if err != nil {
		return s, err
	}
	vault, err := newVault(ctx, config, logger)
	if err != nil {
		return s, err
	}
	live := newLiveSettings(config)
	s.reload = reload{read: reread, live: live, forge: forge, logger: logger}
	var app *bot.Bot
	s.engine = engine.New(engine.Options{
		Store: s.db, Providers: providers, Secrets: vault, Logger: logger,
		OnTurn: func(t engine.Turned) {
			s.metrics.turned(t)
			s.traces.turned(t)
		},
		HandleDelivery: func(ctx context.Context, order pipeline.Order, delivery string) error {
			return app.HandleDelivery(ctx, order, delivery)
		},
		ReadRules: func(ctx context.Context, run *pipeline.Execution, definition *pipeline.Pipeline, stage, attempt string) (pipeline.Reading, error) {
			return app.ReadRules(ctx, run, definition, stage, attempt)
		},
		BuryDelivery: func(ctx context.Context, delivery string, cause error) { app.BuryDelivery(ctx, delivery, cause) },
	})
	wake.Store(s.engine)
	slack, err := newSlack(ctx, config, s.db, s.metrics, logger)
	if err != nil {
		return s, err
	}
	app = bot.New(bot.Options{
		Forge: forge, Engine: s.engine, Store: botStore{s.db}, Logs: logs, Catalog: registry,
		Secrets: live.webhookSecrets, Allows: live.allows, Unsandboxed: sandbox == sandboxOff, Flag: config.Flag, URL: config.URL, Prefix: commandPrefix(config), Logger: logger,
		Slack: slack, Ready: health.takes, OnDelivery: s.metrics.delivery,
	})
	s.reporter = app.NewReporter()
	s.pause = &pauseWatch{db: s.db, engine: s.engine, app: app, logger: logger}
	if err := s.pause.look(ctx); err != nil { // before anything starts
		return s, err
	}
	s.schedules = app.NewSchedules()
	s.missed = app.NewMissed(cmp.Or(config.GitHub.Poll, bot.MissedEvery))

	// The doors.
	login, err := newLogin(config, s.db, forge)
	if err != nil {
		return s, err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	app.Register(e)
	if slack != nil {
		s.slack = newSlackDoor(config.Slack, slack.App, app, logger)
		s.slack.register(e)
		s.closeLater(func() error { slack.App.Close(); return nil })
	}
	e.GET("/readyz", health.ready)
	shown := pages{s.db, logs}
	s.pages = web.New(web.Options{
		SlackLinks: slackLinks(slack, s.db), OnSlackLinked: app.SlackLinked,
		Runs: shown, Logs: shown, Deliveries: shown, Index: shown, Artifacts: artifacts, Commands: app, Login: login,
		Listen: config.Listen, URL: config.URL, Version: version, Notice: app.Paused, Prefix: commandPrefix(config), Logger: logger,
	})
	s.pages.Register(e)
	e.GET("/metrics", s.pages.ForToken(pipeline.ScopeMetrics, s.metrics.handler(), loopbackOnly(s.metrics.handler())))
	s.http = &http.Server{
		Handler: e, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	s.listener, err = net.Listen("tcp", config.Listen)
	return s, err
}

// pace is how fast GitHub may be called.
func pace(config configs.GitHub) githubapp.Pace {
	p := githubapp.DefaultPace()
	take := func(to *[]githubapp.Rate, rates []configs.Rate) {
		if len(rates) == 0 {
			return
		}
		*to = nil
		for _, r := range rates {
			*to = append(*to, githubapp.Rate(r))
		}
	}
	take(&p.Content, config.ContentLimits)
	take(&p.Points, config.PointLimits)
	return p
}

// commandPrefix is the word that commands must begin with, if they must.
func commandPrefix(config configs.Config) string {
	if config.CommandPrefix {
		return "penstock"
	}
	return ""
}

func (s *server) closeLater(f func() error) { s.closers = append(s.closers, f) }

func (s *server) close() error {
	var err error
	for i := len(s.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, s.closers[i]())
	}
	s.closers = nil
	return err
}

// address is where the server listens.
func (s *server) address() string { return s.listener.Addr().String() }

// shutdownTime is how long open requests may take after the server was told to
// end.
const shutdownTime = 5 * time.Second

// run serves until ctx ends or a part fails. Running jobs are left to their
// supervisors; everything else that was begun is found by the next process.
func (s *server) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	parts := map[string]func(context.Context) error{
		"engine": s.engine.Run, "reporter": s.reporter.Run, "missed": s.missed.Run, "schedules": s.schedules.Run, "pause": s.pause.Run, "chores": s.chores.Run, "reload": s.reload.Run, "http": s.serveHTTP,
	}
	if s.slack != nil {
		parts["messenger"], parts["slack"] = s.slack.messenger.Run, s.slack.listen
	}
	ended := make(chan error, len(parts))
	for name, part := range parts {
		go func() {
			err := part(ctx)
			if err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
			stop(err)
			ended <- err
		}()
	}
	var err error
	for range parts {
		err = errors.Join(err, <-ended)
	}
	return errors.Join(err, s.close())
}

func (s *server) serveHTTP(ctx context.Context) error {
	go func() {
		<-ctx.Done()
		s.pages.Close() // those who follow a log would stay
		grace, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		if s.http.Shutdown(grace) != nil {
			s.http.Close()
		}
	}()
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// forgeSources tells the compute where commits come from.
type forgeSources struct{ forge *githubapp.App }

func (f forgeSources) Source(ctx context.Context, r pipeline.Repository, revision pipeline.Revision) (compute.Source, error) {
	source, err := f.forge.Source(ctx, r, revision)
	return compute.Source{URL: source.URL, Token: source.Token}, err
}
