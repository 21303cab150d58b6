package storagetest

import (
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

func testSchedules(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	schedule := func(repository int64, name, cron string, after time.Duration) pipeline.DueSchedule {
		return pipeline.DueSchedule{Host: host, RepositoryID: repository, Pipeline: name, Schedule: pipeline.Schedule{Cron: cron, Branch: "main"}, Due: epoch().Add(after), At: epoch().Add(after)}
	}
	wantNext := func(want pipeline.DueSchedule) {
		t.Helper()
		got, found, err := db.NextSchedule(ctx)
		ok(t, err)
		if !found {
			t.Fatal("there is none")
		}
		same(t, got, want)
	}
	if _, found, err := db.NextSchedule(ctx); err != nil || found {
		t.Fatalf("one of none: %v", err)
	}
	daily, hourly, other := schedule(7, "release", "0 3 * * *", 3*time.Hour), schedule(7, "release", "0 * * * *", time.Hour), schedule(8, "nightly", "0 2 * * *", 2*time.Hour)
	ok(t, db.SetSchedules(ctx, host, 7, []pipeline.DueSchedule{daily, hourly}))
	ok(t, db.SetSchedules(ctx, host, 8, []pipeline.DueSchedule{other}))
	wantNext(hourly)
	ok(t, db.AdvanceSchedule(ctx, hourly, epoch().Add(5*time.Hour)))
	wantNext(other)
	again := hourly
	again.Due = epoch() // what is known keeps its time
	ok(t, db.SetSchedules(ctx, host, 7, []pipeline.DueSchedule{again}))
	wantNext(other)
	ok(t, db.SetSchedules(ctx, host, 8, nil))
	hourly.Due = epoch().Add(5 * time.Hour)
	hourly.At = hourly.Due
	wantNext(hourly)
	ok(t, db.AdvanceSchedule(ctx, other, epoch())) // it is gone
	wantNext(hourly)
	ok(t, db.PostponeSchedule(ctx, hourly, epoch().Add(7*time.Hour)))
	hourly.At = epoch().Add(7 * time.Hour)
	wantNext(hourly)
	for repository, want := range map[int64]bool{7: true, 8: false} {
		has, err := db.HasSchedules(ctx, host, repository)
		ok(t, err)
		same(t, has, want)
	}
}
