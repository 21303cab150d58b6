package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
	"github.com/penstock-cd/penstock/pipeline/definition"
	"github.com/penstock-cd/penstock/pipeline/engine"
	"github.com/penstock-cd/penstock/pipeline/outgoing"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/storage"
	"github.com/penstock-cd/penstock/storage/actionlog"
	"github.com/penstock-cd/penstock/storage/blob"
)

// localRun is a whole Penstock without doors, for one run, in a temporary folder.
type localRun struct {
	dir    string // all of it
	logs   string // the logs as plain text
	screen *screen
	db     *storage.DB
	host   *host.Host
	engine *engine.Engine
	first  pipeline.StartExecution
	answer func(context.Context, *pipeline.Approval) (pipeline.Verdict, string)
}

func newLocalRun(ctx context.Context, registry *provider.Registry, root string, declared *pipeline.Pipeline, secrets localSecrets, screen *screen) (l *localRun, err error) {
	dir, err := os.MkdirTemp("", "penstock-run-")
	if err != nil {
		return nil, err
	}
	l = &localRun{dir: dir, logs: filepath.Join(dir, "logs"), screen: screen}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close(false))
		}
	}()
	source, data := filepath.Join(dir, "source"), filepath.Join(dir, "data")
	if err := errors.Join(os.Mkdir(source, 0o755), os.Mkdir(l.logs, 0o755), copyTree(ctx, root, source)); err != nil {
		return l, err
	}
	l.first = localStart(ctx, root, declared)
	logger := slog.New(slog.NewTextHandler(&warnings{screen}, &slog.HandlerOptions{Level: slog.LevelError}))
	if l.db, err = storage.Open(ctx, storage.Options{Dir: data, Logger: logger}); err != nil {
		return l, err
	}
	bundles, err := blob.Open(filepath.Join(data, "artifacts"))
	if err != nil {
		return l, err
	}
	logs, err := actionlog.Open(actionlog.Options{Dir: filepath.Join(data, "logs"), Records: l.db, Logger: logger})
	if err != nil {
		return l, err
	}
	var wake atomic.Pointer[engine.Engine]
	l.host, err = newHost(ctx, host.Options{
		Dir: filepath.Join(dir, "jobs"), Sources: folderSource(source), Artifacts: bundles,
		Logs: &liveLogs{Store: logs, screen: screen, dir: l.logs, names: attemptNames(l.first)}, Logger: logger,
		OnChange: func(task string) {
			if e := wake.Load(); e != nil {
				e.Wake(task)
			}
		},
	}, sandboxIfPossible)
	if err != nil {
		return l, err
	}
	providers, err := registry.Providers(provider.Env{Compute: l.host, Logger: logger, HTTP: outgoing.NewClient(everywhere())})
	if err != nil {
		return l, err
	}
	l.engine = engine.New(engine.Options{Store: l.db, Providers: localProviders(registry, providers, declared), Secrets: secrets, Logger: logger})
	wake.Store(l.engine)
	return l, nil
}

// localStart describes the working tree as a run.
func localStart(ctx context.Context, root string, declared *pipeline.Pipeline) pipeline.StartExecution {
	git := func(args ...string) string {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
		if err != nil {
			return "" // a repository without a commit has neither
		}
		return strings.TrimSpace(string(out))
	}
	sha, branch := git("rev-parse", "HEAD"), git("symbolic-ref", "--quiet", "--short", "HEAD")
	if sha == "" {
		sha = strings.Repeat("0", 40)
	}
	if branch == "" {
		branch = "HEAD"
	}
	return pipeline.StartExecution{
		Definition: declared,
		Execution: pipeline.Execution{
			ID: pipeline.NewID(time.Now()), Pipeline: declared.Name, Lane: pipeline.BranchLane(branch),
			Repository: pipeline.Repository{Host: "localhost", ID: 1, Owner: "local", Name: filepath.Base(root)},
			Revision:   pipeline.Revision{SHA: sha, Ref: "refs/heads/" + branch, Branch: branch},
			Trigger:    pipeline.Trigger{Kind: pipeline.TriggerManual, By: localActor()},
			Definition: definition.Digest(declared),
		},
	}
}

func localActor() pipeline.Actor {
	actor := pipeline.Actor{ID: int64(os.Getuid()) + 1, Login: "you"} // ids begin at 1
	if u, err := user.Current(); err == nil {
		actor.Login = u.Username
	}
	return actor
}

// run starts the run and answers its gates until it has ended.
func (l *localRun) run(ctx context.Context) (*pipeline.Execution, error) {
	life, end := context.WithCancel(context.Background())
	defer end()
	stopped := make(chan error, 1)
	go func() { stopped <- l.engine.Run(life) }()
	defer func() { end(); <-stopped }()

	first := l.first.Execution
	if _, err := l.engine.Submit(life, first.Key(), "", l.first); err != nil {
		return nil, err
	}
	interrupted := ctx.Done()
	for {
		run, _, err := l.db.Execution(life, first.Repository.ID, first.ID)
		if err != nil {
			return nil, err
		}
		l.screen.progress(run)
		if run.Status.Ended() {
			return run, nil
		}
		if gates := run.Gates(); len(gates) > 0 && ctx.Err() == nil {
			if err := l.decide(ctx, life, run, gates[0]); err != nil {
				return nil, err
			}
			continue
		}
		select {
		case <-l.db.Changed():
		case err := <-stopped:
			return nil, fmt.Errorf("the engine ended: %w", err)
		case <-interrupted:
			interrupted = nil
			l.screen.note("stopping: running actions are ended")
			_, err := l.engine.Submit(life, first.Key(), "", pipeline.StopExecution{
				ExecutionID: first.ID, Abandon: true, Reason: "interrupted", By: localActor(),
			})
			if err != nil && pipeline.KindOf(err) != pipeline.Conflict {
				return nil, err
			}
		}
	}
}

func (l *localRun) decide(ctx, life context.Context, run *pipeline.Execution, gate *pipeline.Approval) error {
	verdict, reason := l.answer(ctx, gate)
	if ctx.Err() != nil {
		return nil // the interruption stops the run, not the gate
	}
	_, err := l.engine.Submit(life, run.Key(), "", pipeline.VoteGiven{
		ExecutionID: run.ID, ApprovalID: gate.ID,
		Vote: pipeline.Vote{
			Verdict: verdict, Reason: reason, Door: pipeline.DoorCLI,
			Facts: pipeline.Facts{Voter: localActor(), Permission: pipeline.PermissionAdmin},
		},
	})
	if pipeline.KindOf(err) == pipeline.Conflict {
		return nil // it expired while somebody thought about it
	}
	return err
}

// close ends what is open, and removes the folder unless it is to be kept.
func (l *localRun) close(keep bool) error {
	var err error
	if l.host != nil {
		err = l.host.Close()
	}
	if l.db != nil {
		err = errors.Join(err, l.db.Close())
	}
	if !keep {
		err = errors.Join(err, removeAll(l.dir))
	}
	return err
}

// removeAll removes a folder although a job has made parts of it read-only.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}

// folderSource is the copy of the working tree.
type folderSource string

func (f folderSource) Source(context.Context, pipeline.Repository, pipeline.Revision) (compute.Source, error) {
	return compute.Source{Dir: string(f)}, nil
}

// attemptNames tells which action an attempt id belongs to.
func attemptNames(first pipeline.StartExecution) map[string]actionName {
	names := map[string]actionName{}
	for _, stage := range first.Definition.Stages {
		for _, action := range stage.Actions {
			id := pipeline.AttemptID(first.Execution.ID, stage.Name, action.Name, 1)
			names[id] = actionName{stage.Name, action.Name}
		}
	}
	return names
}

// localProviders keeps those that can work here; every other one of the pipeline
// is skipped. Folders are kept until the run is over.
func localProviders(registry *provider.Registry, made map[string]provider.Provider, declared *pipeline.Pipeline) map[string]provider.Provider {
	providers := map[string]provider.Provider{}
	for i := range declared.Stages {
		stage := &declared.Stages[i]
		for _, action := range slices.Concat(stage.Actions, rulesOf(stage)) {
			name := action.Type.Provider
			if info, ok := registry.Lookup(name); ok && info.RunsOnThisHost {
				providers[name] = keepFolders{made[name]}
			} else {
				providers[name] = skip{}
			}
		}
	}
	return providers
}

// rulesOf are the rules of a stage's conditions.
func rulesOf(stage *pipeline.Stage) []pipeline.Action {
	var rules []pipeline.Action
	for _, block := range []pipeline.ConditionBlock{pipeline.BlockBeforeEntry, pipeline.BlockOnSuccess, pipeline.BlockOnFailure} {
		if c := stage.Condition(block); c != nil {
			rules = append(rules, c.Rules...)
		}
	}
	return rules
}

// keepFolders is a provider that does not tidy up.
type keepFolders struct{ provider.Provider }

// skippedSummary is how a skipped action is told apart.
const skippedSummary = "skipped: it needs a server"

// skip is a provider that does nothing and says so.
type skip struct{}

func (skip) Start(context.Context, provider.Job) (provider.Handle, error) {
	return provider.Handle("skip"), nil
}

func (skip) Poll(context.Context, provider.Job, provider.Handle) (provider.Progress, error) {
	return provider.Progress{Status: pipeline.ActionSucceeded, Summary: skippedSummary}, nil
}

func (skip) Stop(context.Context, provider.Job, provider.Handle) error { return nil }

// everywhere is where rules of a run on one's own machine may ask.
func everywhere() []netip.Prefix {
	return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
}
