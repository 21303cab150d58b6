// Package storagetest holds databases to the promises of package storage and of
// pipeline.Store: one suite for every database, and an in-memory store for tests
// of what works on a store. It never runs outside of tests.
//
// A test of a database calls Main from its TestMain, because parts of the suite
// run in processes of their own, and Run from a test:
//
//	func TestMain(m *testing.M)     { storagetest.Main(m, backend) }
//	func TestSuite(t *testing.T)    { storagetest.Run(t, backend) }
package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// DB is every method of a database.
type DB interface {
	pipeline.Store

	AddDelivery(ctx context.Context, d pipeline.Delivery) (status pipeline.DeliveryStatus, isNew bool, err error)
	FinishDelivery(ctx context.Context, id string, status pipeline.DeliveryStatus, note, doneOrderID string) error
	Delivery(ctx context.Context, id string) (pipeline.Delivery, error)
	Deliveries(ctx context.Context, filter storage.DeliveryFilter) ([]pipeline.Delivery, error)
	KnownDeliveries(ctx context.Context, ids []string) (map[string]bool, error)
	LastDeliveryAt(ctx context.Context) (time.Time, error)
	DeadOrders(ctx context.Context, limit int) ([]pipeline.Order, error)
	Prune(ctx context.Context, now time.Time) error

	SaveReport(ctx context.Context, r pipeline.Report) error
	Report(ctx context.Context, key pipeline.ReportKey) (pipeline.Report, bool, error)
	Reports(ctx context.Context, host string, repositoryID int64, subjects ...string) ([]pipeline.Report, error)
	ReportsOf(ctx context.Context, repositoryID int64, executionID string) ([]pipeline.Report, error)
	Announcements(ctx context.Context, host string, repositoryID int64, subject string) ([]pipeline.Report, error)
	Changed() <-chan struct{}
	UnreportedExecutions(ctx context.Context, limit int) ([]storage.Unreported, error)
	MarkReported(ctx context.Context, repositoryID int64, executionID string, rev int64) error
	Tell(ctx context.Context) error
	ToTell() <-chan struct{}
	Untold(ctx context.Context, limit int) ([]storage.Unreported, error)
	MarkTold(ctx context.Context, repositoryID int64, executionID string, rev int64) error

	Execution(ctx context.Context, repositoryID int64, id string) (run *pipeline.Execution, rev int64, err error)
	Executions(ctx context.Context, filter pipeline.ExecutionFilter) ([]*pipeline.Execution, error)
	HadEffect(ctx context.Context, host string, repositoryID int64, key string) (bool, error)
	Numbered(ctx context.Context, host string, repositoryID int64, name string, number int64) ([]*pipeline.Execution, error)
	ExecutionsByPull(ctx context.Context, host string, repositoryID int64, number, limit int) ([]*pipeline.Execution, error)
	Definition(ctx context.Context, repositoryID int64, digest string) (*pipeline.Pipeline, error)
	NewestChange(ctx context.Context, key pipeline.StateKey) (change pipeline.Change, ok bool, err error)
	Events(ctx context.Context, key pipeline.StateKey, after int64) ([]pipeline.Event, error)
	VerifyEvents(ctx context.Context, key pipeline.StateKey) (last int64, hash string, err error)

	Transitions(ctx context.Context, host string, repositoryID int64, name string) ([]pipeline.Transition, error)
	Lockouts(ctx context.Context, host string, repositoryID int64) ([]pipeline.EnvironmentLockout, error)
	Claims(ctx context.Context, host string, repositoryID int64) ([]storage.Claim, error)
	SetSchedules(ctx context.Context, host string, repositoryID int64, schedules []pipeline.DueSchedule) error
	HasSchedules(ctx context.Context, host string, repositoryID int64) (bool, error)
	NextSchedule(ctx context.Context) (next pipeline.DueSchedule, ok bool, err error)
	AdvanceSchedule(ctx context.Context, s pipeline.DueSchedule, due time.Time) error
	PostponeSchedule(ctx context.Context, s pipeline.DueSchedule, at time.Time) error
	Pause(ctx context.Context) (pipeline.Pause, error)
	SetPause(ctx context.Context, p pipeline.Pause) error
	Backlog(ctx context.Context) (storage.Backlog, error)
	ArtifactsInUse(ctx context.Context, successes int) (map[storage.StoredArtifact]bool, error)

	SaveRepository(ctx context.Context, r pipeline.Repository, suspended bool) error
	Repository(ctx context.Context, host string, id int64) (r pipeline.Repository, suspended bool, err error)
	Repositories(ctx context.Context) ([]storage.Installed, error)
	RemoveRepository(ctx context.Context, host string, id int64) error
	RemoveInstallation(ctx context.Context, host string, installation int64) error
	SuspendInstallation(ctx context.Context, host string, installation int64, suspended bool) error

	Bookmark(ctx context.Context, name string) (time.Time, error)
	SetBookmark(ctx context.Context, name string, at time.Time) error
	SavePush(ctx context.Context, push pipeline.Push) error
	Pushers(ctx context.Context, host string, repositoryID int64, commits ...string) ([]pipeline.Actor, error)
	PushersTo(ctx context.Context, host string, repositoryID int64, ref string, since time.Time) ([]pipeline.Actor, error)

	SaveSession(ctx context.Context, s pipeline.Session, forget time.Time) error
	Session(ctx context.Context, hash string) (pipeline.Session, error)
	TouchSession(ctx context.Context, hash string, at time.Time) error
	EndSession(ctx context.Context, hash string) error
	EndSessions(ctx context.Context, host string, userID int64) error
	Accounts(ctx context.Context, login string) ([]storage.Account, error)
	SaveToken(ctx context.Context, token pipeline.Token) error
	TokenByHash(ctx context.Context, hash string) (pipeline.Token, error)
	Tokens(ctx context.Context) ([]pipeline.Token, error)
	UseToken(ctx context.Context, id string, at time.Time) error
	RevokeToken(ctx context.Context, id string, at time.Time) (bool, error)
	RevokeTokens(ctx context.Context, host string, userID int64, at time.Time) (int, error)

	OfferSlackLink(ctx context.Context, link pipeline.SlackLink) error
	SlackLink(ctx context.Context, digest string, now time.Time) (pipeline.SlackLink, error)
	TakeSlackLink(ctx context.Context, digest string, account pipeline.SlackAccount, now time.Time) error
	SaveSlackAccount(ctx context.Context, account pipeline.SlackAccount) error
	SlackAccount(ctx context.Context, user pipeline.SlackUser, host string) (pipeline.SlackAccount, error)
	SlackAccountOf(ctx context.Context, team, host string, actorID int64) (pipeline.SlackAccount, error)
	SlackAccounts(ctx context.Context, team, host string, limit int) ([]pipeline.SlackAccount, error)
	RemoveSlackAccount(ctx context.Context, user pipeline.SlackUser, host string) (bool, error)
	MuteSlackAccount(ctx context.Context, user pipeline.SlackUser, host string, muted bool) (bool, error)
	SaveVerifiedEmails(ctx context.Context, host string, who pipeline.Actor, digests []string, now time.Time) error
	AccountByEmail(ctx context.Context, host, digest string) (pipeline.Actor, error)

	LogRecord(ctx context.Context, repositoryID int64, attemptID string) ([]byte, error)
	SaveLogRecord(ctx context.Context, repositoryID int64, attemptID string, record []byte) error

	Close() error
}

// Backend is a database under test.
type Backend struct {
	// Open opens the database that belongs to a folder, empty at first. The same
	// folder is opened again after a Close or after the death of the process.
	Open func(dir string) (DB, error)
	// Hold is another program: it works with the database for a while as no part
	// of Penstock would, in a process of its own, and calls held whenever it has
	// got hold of it and released when it has let go. It returns when stop is
	// closed. Nil: there is no such thing.
	Hold func(dir string, held, released func(), stop <-chan struct{}) error
}

// Run runs the whole suite.
func Run(t *testing.T, b Backend) {
	t.Run("Store", func(t *testing.T) {
		t.Parallel()
		RunStore(t, func(t *testing.T) pipeline.Store { return open(t, b, t.TempDir()) })
	})
	for name, test := range map[string]func(*testing.T, Backend){
		"Deliveries":     testDeliveries,
		"Reports":        testReports,
		"LastDelivery":   testLastDelivery,
		"Unreported":     testUnreported,
		"Untold":         testUntold,
		"Queries":        testQueries,
		"Events":         testEvents,
		"Repositories":   testRepositories,
		"Backlog":        testBacklog,
		"Retention":      testRetention,
		"Schedules":      testSchedules,
		"Lockouts":       testLockedEnvironments,
		"Bookmarks":      testBookmarks,
		"LogRecords":     testLogRecords,
		"Pause":          testPause,
		"Sessions":       testSessions,
		"Tokens":         testTokens,
		"SlackLinks":     testSlackLinks,
		"SlackAccounts":  testSlackAccounts,
		"SlackByEmail":   testSlackByEmail,
		"VerifiedEmails": testVerifiedEmails,
		"Prune":          testPrune,
		"Pushes":         testPushes,
		"Reopen":         testReopen,
		"Exclusive":      testExclusive,
		"Cancelled":      testCancelled,
		"Kill":           testKill,
		"Crowd":          testCrowd,
		"Model":          testModel,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, b)
		})
	}
}

// open opens a database and closes it at the end of the test.
func open(t *testing.T, b Backend, dir string) DB {
	t.Helper()
	db, err := b.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}
