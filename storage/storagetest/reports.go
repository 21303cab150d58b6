package storagetest

import (
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func testReports(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	report := func(subject string, kind pipeline.ReportKind, name, execution string) pipeline.Report {
		return pipeline.Report{
			Key:       pipeline.ReportKey{Host: host, RepositoryID: 7, Subject: subject, Kind: kind, Name: name},
			Execution: execution, Lane: pipeline.PullLane(3), Position: 2, Number: 5, UpdatedAt: epoch(),
		}
	}
	check := report("c0ffee", pipeline.ReportCheck, "penstock / release / Build", "e1")
	status := report("c0ffee", pipeline.ReportStatus, "penstock/release", "e1")
	gate := report("pull/3", pipeline.ReportComment, "gate:g1", "e1")
	sticky := report("pull/3", pipeline.ReportComment, "sticky", "e2")
	sticky.Lane = pipeline.Lane{}
	for _, r := range []pipeline.Report{status, sticky, check, gate} {
		ok(t, db.SaveReport(ctx, r))
	}
	elsewhere := gate
	elsewhere.Key.RepositoryID, elsewhere.Execution = 8, "e9"
	ok(t, db.SaveReport(ctx, elsewhere))

	gate.Hash, gate.ExternalID, gate.ShownAt, gate.Execution = "abc", 4711, epoch().Add(time.Second), "e3"
	ok(t, db.SaveReport(ctx, gate))
	got, found, err := db.Report(ctx, gate.Key)
	ok(t, err)
	same(t, found, true)
	same(t, got, gate)
	_, found, err = db.Report(ctx, pipeline.ReportKey{Host: host, RepositoryID: 7, Subject: "x"})
	ok(t, err)
	same(t, found, false)

	list, err := db.Reports(ctx, host, 7, "c0ffee", "nothing", "pull/3")
	ok(t, err)
	same(t, list, []pipeline.Report{check, status, gate, sticky})
	list, err = db.ReportsOf(ctx, 7, "e1")
	ok(t, err)
	same(t, list, []pipeline.Report{check, status})
	list, err = db.Announcements(ctx, host, 7, "pull/3")
	ok(t, err)
	same(t, list, []pipeline.Report{gate, sticky})
	list, err = db.Announcements(ctx, "other.example", 7, "pull/3")
	ok(t, err)
	same(t, len(list), 0)

	gate.UpdatedAt = time.Time{}
	ok(t, db.SaveReport(ctx, gate))
	got, _, err = db.Report(ctx, gate.Key)
	ok(t, err)
	if got.UpdatedAt.IsZero() {
		t.Fatal("no time of the update")
	}
}

func testUnreported(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	unreported := func(limit int) (list []storage.Unreported, names []string) {
		t.Helper()
		list, err := db.UnreportedExecutions(ctx, limit)
		ok(t, err)
		for _, u := range list {
			names = append(names, u.ID)
		}
		return list, names
	}
	quiet := func() {
		t.Helper()
		select {
		case <-db.Changed():
			t.Fatal("a signal without a change")
		default:
		}
	}
	quiet()
	key := mainLane(7)
	one, two := newRun(key, 1), newRun(key, 2)
	save(t, db, turnOf(key, 0, one))
	save(t, db, turnOf(key, 0, two))
	<-db.Changed()
	quiet() // the two signals became one
	list, names := unreported(10)
	same(t, names, []string{one.ID, two.ID})
	same(t, list[0], storage.Unreported{ID: one.ID, RepositoryID: 7, Rev: 1, SHA: one.Revision.SHA})
	_, names = unreported(1)
	same(t, names, []string{one.ID})

	one.Reason = "moved on"
	save(t, db, turnOf(key, 0, one)) // keeps its place in the line
	<-db.Changed()
	_, names = unreported(10)
	same(t, names, []string{one.ID, two.ID})
	ok(t, db.MarkReported(ctx, 7, one.ID, 1)) // what was shown is not the newest
	_, names = unreported(10)
	same(t, names, []string{one.ID, two.ID})
	ok(t, db.MarkReported(ctx, 7, one.ID, 2))
	ok(t, db.MarkReported(ctx, 7, one.ID, 1)) // late
	ok(t, db.MarkReported(ctx, 8, two.ID, 1)) // not its repository
	_, names = unreported(10)
	same(t, names, []string{two.ID})
	save(t, db, turnOf(key, 0, end(one, pipeline.ExecutionSucceeded)))
	list, names = unreported(10)
	same(t, names, []string{two.ID, one.ID})
	same(t, list[1], storage.Unreported{ID: one.ID, RepositoryID: 7, Rev: 3, Ended: true, SHA: one.Revision.SHA})

	<-db.Changed()
	turn := turnOf(key, 0)
	turn.Orders = []pipeline.Order{order("o1", time.Time{})}
	save(t, db, turn) // changes no run
	quiet()
}

func testUntold(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	untold := func(want ...string) {
		t.Helper()
		list, err := db.Untold(ctx, 10)
		ok(t, err)
		var ids []string
		for _, u := range list {
			ids = append(ids, u.ID)
		}
		same(t, ids, want)
	}
	key := mainLane(7)
	ended, open := newRun(key, 1), newRun(key, 2)
	save(t, db, turnOf(key, 0, ended))
	save(t, db, turnOf(key, 0, end(ended, pipeline.ExecutionSucceeded)))
	save(t, db, turnOf(key, 0, open))
	<-db.ToTell()
	untold() // there is nobody to tell

	ok(t, db.Tell(ctx))
	untold(open.ID) // what ended before is over
	later := newRun(key, 3)
	save(t, db, turnOf(key, 0, later))
	<-db.ToTell()
	untold(open.ID, later.ID)
	ok(t, db.MarkTold(ctx, 7, open.ID, 1))
	ok(t, db.MarkTold(ctx, 8, later.ID, 1)) // not its repository
	untold(later.ID)
	ok(t, db.MarkReported(ctx, 7, later.ID, 1)) // that is for others
	untold(later.ID)
	ok(t, db.MarkTold(ctx, 7, later.ID, 1))
	untold()
	ok(t, db.Tell(ctx)) // the next start: other channels may be told now
	untold(open.ID, later.ID)
	ok(t, db.MarkTold(ctx, 7, open.ID, 1))
	untold(later.ID)
	save(t, db, turnOf(key, 0, end(open, pipeline.ExecutionFailed)))
	untold(open.ID, later.ID)
	later.Stages[0].Gate = &pipeline.Approval{ID: "g1", Name: "production", Status: pipeline.ApprovalPending}
	save(t, db, turnOf(key, 0, later))
	untold(later.ID, open.ID) // it asks people
}
