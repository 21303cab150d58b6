package storage_test

import (
	"context"
	"database/sql"

	"strings"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// No statement reads a whole table or sorts one: everything stays as fast over
// a million finished runs as over ten.
func TestPlans(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	statements := map[string]bool{}
	see := func(stmt string) {
		mu.Lock()
		defer mu.Unlock()
		statements[stmt] = true
	}
	db, err := storage.Tuned(t.Context(), storage.Options{Dir: t.TempDir()}, 0, nil, see)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	doEverything(t, db)
	other, err := sql.Open("sqlite3", "file:"+db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	mu.Lock()
	defer mu.Unlock()
	explained := 0
	for stmt := range statements {
		switch word, _, _ := strings.Cut(stmt, " "); {
		case strings.Contains(stmt, "CREATE"), strings.Contains(stmt, "schema_versions"), word == "BEGIN", word == "COMMIT", word == "ROLLBACK":
			continue
		}
		explained++
		for _, step := range explain(t, other, stmt) {
			small := strings.Contains(stmt, "FROM repositories ORDER BY") || strings.Contains(stmt, "WHERE repository_id = ? AND execution = ?")
			small = small || strings.Contains(stmt, "count(*)")                                          // of what waits, by indexes that hold nothing else
			small = small || strings.HasSuffix(stmt, "INDEXED BY executions_unfinished WHERE ended = 0") // all that go on
			small = small || strings.Contains(stmt, "FROM tokens ORDER BY id")
			small = small || strings.Contains(stmt, "FROM lanes ORDER BY id") // an audit reads everything
			scans := strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" && !strings.HasPrefix(step, "SCAN json_each") && !strings.HasSuffix(stmt, "ORDER BY seq DESC LIMIT 1")
			if (scans || strings.Contains(step, "TEMP B-TREE")) && !small {
				t.Errorf("%s\n\t%s", stmt, step)
			}
		}
	}
	if explained < 60 {
		t.Errorf("only %d statements were seen", explained)
	}
}

func explain(t *testing.T, db *sql.DB, stmt string) []string {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+stmt, make([]any, strings.Count(stmt, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", stmt, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var a, b, c int
		var step string
		if err := rows.Scan(&a, &b, &c, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// doEverything has every statement run at least once.
func doEverything(t *testing.T, db *storage.DB) {
	t.Helper()
	ctx := t.Context()
	key := pipeline.StateKey{Host: "h", RepositoryID: 7, Pipeline: "p", Lane: pipeline.PullLane(1)}
	run := &pipeline.Execution{ID: "e1", Repository: pipeline.Repository{Host: "h", ID: 7}, Pipeline: "p", Lane: key.Lane, Definition: "d", Status: pipeline.ExecutionInProgress}
	order := pipeline.Order{ID: "o1", Kind: pipeline.WakeLane}
	turn := &pipeline.Turn{Key: key, Changed: []*pipeline.Execution{run}, Definitions: map[string]*pipeline.Pipeline{"d": {Name: "p"}},
		Events: []pipeline.Event{{Kind: pipeline.EventLaneClosed}}, Orders: []pipeline.Order{order}, Done: "none", InputKey: "k"}
	must(t, db.SaveTurn(ctx, turn))
	turn.Version, turn.Orders, turn.InputKey = 1, nil, ""
	turn.Transitions = []pipeline.Transition{{Stage: "s"}}
	turn.Lockouts = []pipeline.EnvironmentLockout{{Environment: "f", Locked: true}, {Environment: "e"}}
	turn.Claims = []pipeline.EnvironmentClaim{{Environment: "e", Execution: "e1", Stage: "s"}}
	must(t, db.SaveTurn(ctx, turn))
	turn.Version, turn.Holds = 2, turn.Claims
	must(t, db.SaveTurn(ctx, turn))
	turn.Version, turn.Holds, turn.Releases = 3, nil, turn.Claims
	must(t, db.SaveTurn(ctx, turn))
	_, err := db.LoadState(ctx, key, "e1", "e2")
	must(t, err)
	must(t, db.RetryOrder(ctx, "o1", time.Time{}, nil))
	must(t, db.BuryOrder(ctx, "o1", nil))
	d := pipeline.Delivery{ID: "x", Status: pipeline.DeliveryReceived}
	for range 2 {
		_, _, err = db.AddDelivery(ctx, d)
		must(t, err)
	}
	o, err := db.NextOrder(ctx)
	must(t, err)
	must(t, db.BuryOrder(ctx, o.ID, nil))
	_, _, err = db.AddDelivery(ctx, d)
	must(t, err)
	must(t, db.FinishDelivery(ctx, "x", pipeline.DeliveryDone, "", ""))
	_, err = db.Delivery(ctx, "x")
	must(t, err)
	must(t, db.Prune(ctx, time.Now()))
	must(t, db.SaveReport(ctx, pipeline.Report{}))
	must(t, db.MarkReported(ctx, 7, "e1", 1))
	must(t, db.SaveRepository(ctx, pipeline.Repository{Host: "h", ID: 7}, false))
	must(t, db.SuspendInstallation(ctx, "h", 1, true))
	must(t, db.RemoveInstallation(ctx, "h", 1))
	must(t, db.RemoveRepository(ctx, "h", 1))
	must(t, db.SaveLogRecord(ctx, 7, "a", nil))
	must(t, db.SetPause(ctx, pipeline.Pause{}))
	must(t, db.SetBookmark(ctx, "b", time.Now()))
	must(t, db.SavePush(ctx, pipeline.Push{Host: "h", RepositoryID: 1, Ref: "r", After: "a", At: time.Now()}))
	due := pipeline.DueSchedule{Host: "h", RepositoryID: 7, Pipeline: "p"}
	must(t, db.SetSchedules(ctx, "h", 7, []pipeline.DueSchedule{due}))
	must(t, db.AdvanceSchedule(ctx, due, time.Now()))
	must(t, db.PostponeSchedule(ctx, due, time.Now()))
	must(t, db.SetSchedules(ctx, "h", 7, nil))
	must(t, db.SaveSession(ctx, pipeline.Session{Hash: "s"}, time.Now()))
	must(t, db.TouchSession(ctx, "s", time.Now()))
	must(t, db.EndSession(ctx, "s"))
	must(t, db.EndSessions(ctx, "h", 1))
	must(t, db.SaveToken(ctx, pipeline.Token{ID: "t", Hash: "t"}))
	must(t, db.UseToken(ctx, "t", time.Now()))
	_, err = db.RevokeToken(ctx, "t", time.Now())
	must(t, err)
	_, err = db.RevokeTokens(ctx, "h", 1, time.Now())
	must(t, err)
	slack := pipeline.SlackAccount{SlackUser: pipeline.SlackUser{Team: "T", ID: "U"}, Host: "h", Actor: pipeline.Actor{ID: 1}}
	must(t, db.SaveSlackAccount(ctx, slack))
	must(t, db.OfferSlackLink(ctx, pipeline.SlackLink{Digest: "l", SlackUser: slack.SlackUser, ExpiresAt: time.Now()}))
	must(t, db.TakeSlackLink(ctx, "l", slack, time.Time{}))
	_, err = db.MuteSlackAccount(ctx, slack.SlackUser, "h", true)
	must(t, err)
	_, err = db.RemoveSlackAccount(ctx, slack.SlackUser, "h")
	must(t, err)
	must(t, db.SaveVerifiedEmails(ctx, "h", slack.Actor, []string{"e"}, time.Now()))
	queryEverything(ctx, t, db, key)
}

func queryEverything(ctx context.Context, t *testing.T, db *storage.DB, key pipeline.StateKey) {
	t.Helper()
	one := func(_ any, err error) { t.Helper(); must(t, err) }
	one(db.OpenOrders(ctx, pipeline.WakeLane))
	one(db.DeadOrders(ctx, 1))
	one(db.Reports(ctx, "h", 7, "s"))
	one(db.ReportsOf(ctx, 7, "e1"))
	one(db.Announcements(ctx, "h", 7, "s"))
	one(db.UnreportedExecutions(ctx, 1))
	one(db.Events(ctx, key, 0))
	one(db.Repositories(ctx))
	one(db.LogRecord(ctx, 7, "a"))
	one(db.LastDeliveryAt(ctx))
	one(db.Backlog(ctx))
	one(db.ArtifactsInUse(ctx, 5))
	one(db.Pause(ctx))
	one(db.Transitions(ctx, "h", 7, "p"))
	one(db.Lockouts(ctx, "h", 7))
	one(db.Claims(ctx, "h", 7))
	one(db.HasSchedules(ctx, "h", 7))
	_, _, err := db.NextSchedule(ctx)
	must(t, err)
	one(db.Lanes(ctx))
	one(db.Records(ctx, key, 0))
	must(t, db.VerifyHead(ctx, storage.LaneHead{StateKey: key}))
	one(db.KnownDeliveries(ctx, []string{"x"}))
	one(db.Bookmark(ctx, "b"))
	one(db.Pushers(ctx, "h", 1, "a"))
	one(db.PushersTo(ctx, "h", 1, "r", time.Now()))
	one(db.Tokens(ctx))
	one(db.TokenByHash(ctx, "t"))
	one(db.SlackAccounts(ctx, "T", "h", 1))
	one(db.AccountByEmail(ctx, "h", "e"))
	if _, err := db.SlackAccount(ctx, pipeline.SlackUser{}, "h"); pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatal(err)
	}
	if _, err := db.SlackAccountOf(ctx, "T", "h", 1); pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatal(err)
	}
	if _, err := db.SlackLink(ctx, "l", time.Now()); pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatal(err)
	}
	if _, err := db.Session(ctx, "s"); pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatal(err)
	}
	_, _, err = db.Report(ctx, pipeline.ReportKey{})
	must(t, err)
	_, _, err = db.Execution(ctx, 7, "e1")
	must(t, err)
	_, _, err = db.NewestChange(ctx, key)
	must(t, err)
	for _, status := range []pipeline.DeliveryStatus{"", pipeline.DeliveryDone, pipeline.DeliveryDead} {
		for _, repository := range []int64{0, 7} {
			for _, before := range []string{"", "x"} {
				one(db.Deliveries(ctx, storage.DeliveryFilter{RepositoryID: repository, Status: status, Before: before}))
			}
		}
	}
	one(db.Numbered(ctx, "h", 7, "", 1))
	one(db.HadEffect(ctx, "h", 7, "k"))
	one(db.Numbered(ctx, "h", 7, "p", 1))
	for bits := range 1 << 6 {
		has := func(bit int) bool { return bits>>bit&1 == 1 }
		filter := pipeline.ExecutionFilter{OpenGates: has(0)}
		if has(1) {
			filter.Host, filter.RepositoryID = "h", 7
		}
		if has(2) && has(1) {
			filter.Pipeline = "p"
		}
		if has(3) && has(1) {
			filter.Lane = key.Lane
		}
		if has(4) {
			filter.Status = pipeline.ExecutionFailed
		}
		if has(5) {
			filter.Before = "e1"
		}
		one(db.Executions(ctx, filter))
		filter.SHA = "c0ffee"
		one(db.Executions(ctx, filter))
	}
	_, err = db.Definition(ctx, 7, "unknown")
	if pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatal(err)
	}
	_, _, err = db.Repository(ctx, "h", 1)
	if pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
