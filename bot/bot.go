package bot

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// Engine takes inputs to lanes.
type Engine interface {
	// Submit gives an input to a lane and returns the events that followed. key is
	// its business key: the same key twice is an error that wraps
	// pipeline.ErrDuplicate.
	Submit(ctx context.Context, lane pipeline.StateKey, key string, input pipeline.Input) ([]pipeline.Event, error)
}

// Store is what the bot needs to have remembered.
type Store interface {
	// AddDelivery stores a delivery, with the order to handle it if its status is
	// Received. A repeated id is armed again unless it is done. It returns the
	// status that the stored delivery has now, and whether the id was new.
	AddDelivery(ctx context.Context, delivery pipeline.Delivery) (pipeline.DeliveryStatus, bool, error)
	// Delivery returns a stored delivery with its body.
	Delivery(ctx context.Context, id string) (pipeline.Delivery, error)
	// FinishDelivery gives a delivery its last status and completes its order.
	FinishDelivery(ctx context.Context, id string, status pipeline.DeliveryStatus, note, orderID string) error

	// KnownDeliveries says which of these ids are stored.
	KnownDeliveries(ctx context.Context, ids []string) (map[string]bool, error)
	// LastDeliveryAt is when the last delivery was stored, the zero time if none was.
	LastDeliveryAt(ctx context.Context) (time.Time, error)
	// Bookmark returns how far something outside was read, the zero time at first.
	Bookmark(ctx context.Context, name string) (time.Time, error)
	// SetBookmark notes it.
	SetBookmark(ctx context.Context, name string, at time.Time) error

	// SavePush notes who moved a ref. Pushers are those who moved one to these commits,
	// PushersTo those who moved a ref since a time.
	SavePush(ctx context.Context, push pipeline.Push) error
	Pushers(ctx context.Context, host string, repositoryID int64, commits ...string) ([]pipeline.Actor, error)
	PushersTo(ctx context.Context, host string, repositoryID int64, ref string, since time.Time) ([]pipeline.Actor, error)

	// SetSchedules makes these the schedules of a repository; those that are there
	// already keep their time. NextSchedule returns what is to be seen to first, and
	// AdvanceSchedule says when it is due again.
	SetSchedules(ctx context.Context, host string, repositoryID int64, schedules []pipeline.DueSchedule) error
	HasSchedules(ctx context.Context, host string, repositoryID int64) (bool, error)
	NextSchedule(ctx context.Context) (next pipeline.DueSchedule, ok bool, err error)
	AdvanceSchedule(ctx context.Context, schedule pipeline.DueSchedule, due time.Time) error
	// PostponeSchedule says when to see to one that stays due when it was.
	PostponeSchedule(ctx context.Context, schedule pipeline.DueSchedule, at time.Time) error

	// Executions returns runs, newest first.
	Executions(ctx context.Context, filter pipeline.ExecutionFilter) ([]*pipeline.Execution, error)
	// Execution returns one run and its revision; kind NotFound if there is none.
	Execution(ctx context.Context, repositoryID int64, id string) (*pipeline.Execution, int64, error)
	// LoadState returns a lane with the runs of it that have not ended and those named.
	LoadState(ctx context.Context, key pipeline.StateKey, executions ...string) (pipeline.State, error)
	// HadEffect reports whether the input of a business key has had its effect.
	HadEffect(ctx context.Context, host string, repositoryID int64, key string) (bool, error)
	// Definition returns the resolved pipeline of that digest.
	Definition(ctx context.Context, repositoryID int64, digest string) (*pipeline.Pipeline, error)

	// Unreported returns runs that have changed since they were last reported,
	// longest waiting first.
	Unreported(ctx context.Context, limit int) ([]Unreported, error)
	// MarkReported notes that a run was reported as it was at that revision.
	MarkReported(ctx context.Context, repositoryID int64, executionID string, rev int64) error
	// Changed is signalled after runs have changed.
	Changed() <-chan struct{}
	// Reports returns the rows of these subjects of a repository.
	Reports(ctx context.Context, host string, repositoryID int64, subjects ...string) ([]pipeline.Report, error)
	// ReportsOf returns the rows that a run owns.
	ReportsOf(ctx context.Context, repositoryID int64, executionID string) ([]pipeline.Report, error)
	// SaveReport writes a row.
	SaveReport(ctx context.Context, report pipeline.Report) error

	// Repositories returns those that the app reaches and that are not suspended.
	Repositories(ctx context.Context) ([]pipeline.Repository, error)
	// SaveRepository, RemoveRepository, RemoveInstallation and SuspendInstallation
	// keep the list of repositories.
	SaveRepository(ctx context.Context, repository pipeline.Repository, suspended bool) error
	RemoveRepository(ctx context.Context, host string, id int64) error
	RemoveInstallation(ctx context.Context, host string, installation int64) error
	SuspendInstallation(ctx context.Context, host string, installation int64, suspended bool) error
}

// Unreported is a run that has changed since it was last reported.
type Unreported struct {
	ID           string
	RepositoryID int64
	Rev          int64 // as of the listing
	Ended        bool
	Gates        int // open ones
	SHA          string
}

// Logs reads the end of what an action printed.
type Logs interface {
	Tail(ctx context.Context, repositoryID int64, attemptID string, lines int) ([]pipeline.LogLine, error)
}

// Catalog knows the action types that pipeline files may name.
type Catalog interface {
	ActionTypes() []pipeline.ActionTypeInfo
}

// Options are what a bot is made of. Only what says so may
// be left out, Prefix, Slack, Logger and Now.
type Options struct {
	Forge   *githubapp.App
	Engine  Engine
	Store   Store
	Logs    Logs
	Catalog Catalog
	// Secrets are those that verify webhooks now; one of them must fit.
	Secrets func() [][]byte
	// Allows reports whether this server works for a repository, now.
	Allows func(owner, name string) bool
	// Unsandboxed means that commands may do what the server's user may: nothing
	// from a fork runs then.
	Unsandboxed bool
	// Flag are globs of paths that approvers are pointed to, in every repository.
	Flag []string
	// URL is the public URL, for links.
	URL string
	// Prefix, if set, is the only word that commands are heard by: "/prefix approve".
	Prefix string
	// Slack, if set, is where gates are asked and runs are told of besides.
	Slack *Slack
	// Ready, if set, says why no delivery can be taken now, as long as that is so.
	Ready func() error
	// OnDelivery, if set, is told what became of a delivery: at the door (accepted,
	// repeated, refused, unstored) and in the end (done, ignored, dead). waited is
	// the time since it was stored, 0 at the door. It must not wait.
	OnDelivery func(event, outcome string, waited time.Duration)
	Logger     *slog.Logger
	Now        func() time.Time
}

// Bot is the app. Its methods may be called at once from many goroutines.
type Bot struct {
	Options
	texts *report.Renderer
	again againList
	// retell are runs of which Slack is to be told although they have not changed.
	retell againList
	pause  atomic.Pointer[pipeline.Pause]
	began  time.Time // work from before may have been begun by another process
	met    sync.Map  // repositories remembered by this process
	// compared is what lies between commits.
	compared comparisons
	// rescheduled has room for one: schedules have changed.
	rescheduled chan struct{}
	// turnedAway has room for one: a delivery of GitHub's was not taken.
	turnedAway chan struct{}
}

// New makes a bot.
func New(options Options) *Bot {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Ready == nil {
		options.Ready = func() error { return nil }
	}
	if options.OnDelivery == nil {
		options.OnDelivery = func(string, string, time.Duration) {}
	}
	return &Bot{
		Options: options, began: options.Now(),
		texts: report.New(report.Options{URL: options.URL, CommandPrefix: options.Prefix}),
		again: againList{nudge: make(chan struct{}, 1)}, retell: againList{nudge: make(chan struct{}, 1)}, rescheduled: make(chan struct{}, 1), turnedAway: make(chan struct{}, 1),
	}
}
