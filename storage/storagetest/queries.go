package storagetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func testQueries(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	release, pull := mainLane(7), laneKey(7, "release", pipeline.PullLane(3))
	nightly, foreign := laneKey(7, "nightly", pipeline.PullLane(3)), mainLane(8)
	elsewhere := pipeline.StateKey{Host: "other.example", RepositoryID: 7, Pipeline: "release", Lane: release.Lane}
	runs := map[string]*pipeline.Execution{}
	name := map[string]string{}
	for i, c := range []struct {
		key  pipeline.StateKey
		make func(*pipeline.Execution)
	}{
		{release, func(e *pipeline.Execution) { end(e, pipeline.ExecutionFailed) }},         // a
		{pull, func(e *pipeline.Execution) { openGate(e) }},                                 // b
		{nightly, func(e *pipeline.Execution) { end(e, pipeline.ExecutionSucceeded) }},      // c
		{foreign, func(e *pipeline.Execution) { openGate(e) }},                              // d
		{release, func(e *pipeline.Execution) { e.Revision.SHA = strings.Repeat("e", 40) }}, // e
		{elsewhere, func(e *pipeline.Execution) { end(e, pipeline.ExecutionFailed) }},       // f
		{pull, func(e *pipeline.Execution) { end(e, pipeline.ExecutionFailed) }},            // g
	} {
		run := newRun(c.key, int64(i))
		c.make(run)
		save(t, db, turnOf(c.key, 0, run))
		letter := string(rune('a' + i))
		runs[letter], name[run.ID] = run, letter
	}
	sha := runs["a"].Revision.SHA
	filter := func(change func(*pipeline.ExecutionFilter)) pipeline.ExecutionFilter {
		f := pipeline.ExecutionFilter{Host: host, RepositoryID: 7}
		change(&f)
		return f
	}
	for _, c := range []struct {
		name   string
		filter pipeline.ExecutionFilter
		want   string
	}{
		{"everything", pipeline.ExecutionFilter{}, "gfedcba"},
		{"limit", pipeline.ExecutionFilter{Limit: 2}, "gf"},
		{"next page", pipeline.ExecutionFilter{Limit: 2, Before: runs["f"].ID}, "ed"},
		{"before unknown", pipeline.ExecutionFilter{Before: "nobody"}, ""},
		{"repository", pipeline.ExecutionFilter{RepositoryID: 7}, "gfecba"},
		{"host", filter(func(f *pipeline.ExecutionFilter) {}), "gecba"},
		{"pipeline", filter(func(f *pipeline.ExecutionFilter) { f.Pipeline = "release" }), "geba"},
		{"pipeline unknown", filter(func(f *pipeline.ExecutionFilter) { f.Pipeline = "x" }), ""},
		{"pipeline and status", filter(func(f *pipeline.ExecutionFilter) { f.Pipeline, f.Status = "release", pipeline.ExecutionFailed }), "ga"},
		{"lane", filter(func(f *pipeline.ExecutionFilter) { f.Lane = pull.Lane }), "gcb"},
		{"lane, page", filter(func(f *pipeline.ExecutionFilter) { f.Lane, f.Before, f.Limit = pull.Lane, runs["g"].ID, 1 }), "c"},
		{"lane and pipeline", filter(func(f *pipeline.ExecutionFilter) { f.Lane, f.Pipeline = pull.Lane, "nightly" }), "c"},
		{"lane and status", filter(func(f *pipeline.ExecutionFilter) { f.Lane, f.Status = pull.Lane, pipeline.ExecutionFailed }), "g"},
		{"lane and gate", filter(func(f *pipeline.ExecutionFilter) { f.Lane, f.OpenGates = pull.Lane, true }), "b"},
		{"lane unknown", filter(func(f *pipeline.ExecutionFilter) { f.Lane = pipeline.TagLane("v1") }), ""},
		{"gates", pipeline.ExecutionFilter{OpenGates: true}, "db"},
		{"gates of repository", pipeline.ExecutionFilter{RepositoryID: 8, OpenGates: true}, "d"},
		{"gates of pipeline", filter(func(f *pipeline.ExecutionFilter) { f.Pipeline, f.OpenGates = "nightly", true }), ""},
		{"sha and pipeline", filter(func(f *pipeline.ExecutionFilter) { f.SHA, f.Pipeline = sha, "nightly" }), "c"},
		{"sha and lane", filter(func(f *pipeline.ExecutionFilter) { f.SHA, f.Lane = sha, pull.Lane }), "gcb"},
		{"sha", pipeline.ExecutionFilter{SHA: sha}, "gfdcba"},
		{"sha in repository", pipeline.ExecutionFilter{SHA: sha, RepositoryID: 8}, "d"},
		{"sha and status", filter(func(f *pipeline.ExecutionFilter) { f.SHA, f.Status = sha, pipeline.ExecutionFailed }), "ga"},
		{"status", pipeline.ExecutionFilter{Status: pipeline.ExecutionInProgress}, "edb"},
		{"status in repository", pipeline.ExecutionFilter{RepositoryID: 8, Status: pipeline.ExecutionInProgress}, "d"},
	} {
		list, err := db.Executions(ctx, c.filter)
		ok(t, err)
		got := ""
		for _, run := range list {
			got += name[run.ID]
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	_, err := db.Executions(ctx, pipeline.ExecutionFilter{Pipeline: "release"})
	wantErr(t, err, pipeline.Invalid, nil)
	list, err := db.ExecutionsByPull(ctx, host, 7, 3, 2)
	ok(t, err)
	same(t, ids(list), []string{runs["g"].ID, runs["c"].ID})
	same(t, list[0], runs["g"])

	for _, c := range []struct {
		pipeline string
		number   int64
		want     []string
	}{
		{"", 1, []string{"a", "c"}},
		{"release", 1, []string{"a"}},
		{"nightly", 1, []string{"c"}},
		{"", 4, []string{"g"}},
		{"nightly", 2, nil},
		{"nothing", 1, nil},
	} {
		found, err := db.Numbered(ctx, host, 7, c.pipeline, c.number)
		ok(t, err)
		var got []string
		for _, run := range found {
			got = append(got, name[run.ID])
		}
		slices.Sort(got)
		same(t, got, c.want)
	}

	for _, repository := range []int64{0, 8} {
		run, rev, err := db.Execution(ctx, repository, runs["d"].ID)
		ok(t, err)
		same(t, run, runs["d"])
		same(t, rev, 1)
	}
	_, _, err = db.Execution(ctx, 7, runs["d"].ID)
	wantErr(t, err, pipeline.NotFound, nil)
	_, _, err = db.Execution(ctx, 7, "nobody")
	wantErr(t, err, pipeline.NotFound, nil)

	p, err := db.Definition(ctx, 7, "sha256:d1")
	ok(t, err)
	same(t, p, definitions()["sha256:d1"])
	_, err = db.Definition(ctx, 9, "sha256:d1")
	wantErr(t, err, pipeline.NotFound, nil)

	_, found, err := db.NewestChange(ctx, release)
	ok(t, err)
	same(t, found, false)
	turn := turnOf(release, 0)
	turn.Ledger.Changes = []pipeline.Change{{At: epoch(), After: "new", Position: 2}, {At: epoch(), After: "old", Position: 1}}
	save(t, db, turn)
	change, found, err := db.NewestChange(ctx, release)
	ok(t, err)
	same(t, found, true)
	same(t, change, turn.Ledger.Changes[0])
}

func testEvents(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	key := mainLane(7)
	_, _, err := db.VerifyEvents(ctx, key)
	wantErr(t, err, pipeline.NotFound, nil)
	event := func(kind pipeline.EventKind) pipeline.Event {
		return pipeline.Event{At: epoch(), Kind: kind, Execution: "e1", By: pipeline.Actor{ID: 5, Login: "sam"}, Detail: "a <b>", Data: map[string]any{"b": "x", "a": 1.5}}
	}
	var want []pipeline.Event
	for i := range 700 {
		turn := turnOf(key, 0)
		turn.Version = int64(i)
		turn.Events = []pipeline.Event{event(pipeline.EventStageStarted), event(pipeline.EventStageSucceeded)}
		turn.Events[0].Seq = 99 // the store's business
		ok(t, db.SaveTurn(ctx, turn))
		for _, e := range turn.Events {
			e.Seq = int64(len(want)) + 1
			want = append(want, e)
		}
	}
	got, err := db.Events(ctx, key, 0)
	ok(t, err)
	same(t, got, want[:storage.EventsLimit])
	got, err = db.Events(ctx, key, storage.EventsLimit)
	ok(t, err)
	same(t, got, want[storage.EventsLimit:])
	last, hash, err := db.VerifyEvents(ctx, key)
	ok(t, err)
	same(t, last, int64(len(want)))
	same(t, len(hash), 64)

	other := laneKey(7, "release", pipeline.PullLane(1))
	turn := turnOf(other, 0)
	turn.Events = []pipeline.Event{event(pipeline.EventLaneClosed)}
	save(t, db, turn)
	got, err = db.Events(ctx, other, 0)
	ok(t, err)
	same(t, len(got), 1)
	same(t, got[0].Seq, 1)
}

func testRepositories(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	shop := pipeline.Repository{Host: host, ID: 7, Owner: "acme", Name: "shop", DefaultBranch: "main", Installation: 1, CloneURL: "https://forge.example/acme/shop.git", WebURL: "https://forge.example/acme/shop"}
	docs := pipeline.Repository{Host: host, ID: 8, Owner: "acme", Name: "docs", Installation: 1}
	other := pipeline.Repository{Host: "other.example", ID: 7, Owner: "zeta", Name: "x", Installation: 1}
	for _, r := range []pipeline.Repository{shop, docs, other} {
		ok(t, db.SaveRepository(ctx, r, false))
	}
	renamed := pipeline.Repository{Host: host, ID: 7, Owner: "acme", Name: "store", Installation: 2}
	ok(t, db.SaveRepository(ctx, renamed, true))
	shop.Name, shop.Installation = "store", 2
	got, suspended, err := db.Repository(ctx, host, 7)
	ok(t, err)
	same(t, got, shop)
	same(t, suspended, true)
	list, err := db.Repositories(ctx)
	ok(t, err)
	same(t, list, []storage.Installed{{Repository: docs}, {Repository: shop, Suspended: true}, {Repository: other}})

	ok(t, db.SuspendInstallation(ctx, host, 2, false))
	_, suspended, err = db.Repository(ctx, host, 7)
	ok(t, err)
	same(t, suspended, false)
	for range 2 {
		ok(t, db.RemoveInstallation(ctx, host, 1))
		ok(t, db.RemoveRepository(ctx, host, 7))
	}
	list, err = db.Repositories(ctx)
	ok(t, err)
	same(t, list, []storage.Installed{{Repository: other}})
	_, _, err = db.Repository(ctx, host, 7)
	wantErr(t, err, pipeline.NotFound, nil)
}

func testLogRecords(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	got, err := db.LogRecord(ctx, 7, "a1")
	ok(t, err)
	same(t, got, nil)
	for _, record := range []string{`{"v":1}`, `{"v":2}`} {
		ok(t, db.SaveLogRecord(ctx, 7, "a1", []byte(record)))
		got, err = db.LogRecord(ctx, 7, "a1")
		ok(t, err)
		same(t, string(got), record)
	}
	got, err = db.LogRecord(ctx, 8, "a1")
	ok(t, err)
	same(t, got, nil)
}
