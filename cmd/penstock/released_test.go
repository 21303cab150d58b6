package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/machine"
	"github.com/penstock-cd/penstock/storage"
)

// What every released version has left open is gone on with.
func TestReleasedDatabases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/released/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no databases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			r := openReleased(t, file)
			r.copied(t)
			gate := r.only(t, pipeline.BranchLane("main")).Stage("Release").Actions[0].Approval
			r.next(t, pipeline.BranchLane("main"), func(run *pipeline.Execution) pipeline.Input {
				return pipeline.VoteGiven{ExecutionID: run.ID, ApprovalID: gate.ID, Vote: pipeline.Vote{
					Verdict: pipeline.Approve, At: gate.ExpiresAt.Add(-time.Hour), Door: pipeline.DoorComment,
					Facts: pipeline.Facts{Voter: pipeline.Actor{ID: 4711, Login: "hubot"}, Permission: "write"},
				}}
			})
			r.finish(t, pipeline.BranchLane("main"), "Release", "ship")
			r.finish(t, pipeline.PullLane(3), "Build", "compile")
			r.next(t, pipeline.PullLane(2), func(*pipeline.Execution) pipeline.Input {
				return pipeline.RetryStage{ExecutionID: r.newest(t, pipeline.PullLane(2)).ID, By: pipeline.Actor{ID: 1, Login: "octocat"}}
			})
			r.finish(t, pipeline.PullLane(2), "Build", "compile")
			got := map[string]pipeline.ExecutionStatus{}
			for _, lane := range []pipeline.Lane{pipeline.BranchLane("main"), pipeline.PullLane(1), pipeline.PullLane(2), pipeline.PullLane(3)} {
				run := r.newest(t, lane)
				got[lane.String()] = run.Status
				if last, _, err := r.db.VerifyEvents(t.Context(), run.Key()); err != nil || last == 0 {
					t.Errorf("%s: chain of %d events: %v", lane, last, err)
				}
			}
			want := map[string]pipeline.ExecutionStatus{
				"branch:main": pipeline.ExecutionSucceeded, "pull:1": pipeline.ExecutionInProgress,
				"pull:2": pipeline.ExecutionInProgress, "pull:3": pipeline.ExecutionInProgress, // at their gates
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// released is a database that an older program has left.
type released struct {
	db  *storage.DB
	dir string
	now time.Time // when it was left
	one *pipeline.Execution
}

func openReleased(t *testing.T, file string) *released {
	t.Helper()
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := &released{dir: t.TempDir()}
	old, err := sql.Open("sqlite3", "file:"+filepath.Join(r.dir, "penstock.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Exec(string(script)); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if r.db, err = storage.Open(t.Context(), storage.Options{Dir: r.dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.db.Close() })
	runs, err := r.db.Executions(t.Context(), pipeline.ExecutionFilter{})
	if err != nil || len(runs) != 4 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	r.one, r.now = runs[0], runs[0].UpdatedAt.Add(time.Minute)
	return r
}

// copied fails unless the database was copied before its schema was changed.
func (r *released) copied(t *testing.T) {
	t.Helper()
	copies, err := filepath.Glob(filepath.Join(r.dir, "penstock-before-*.db"))
	if err != nil || len(copies) != 1 {
		t.Errorf("copies: %v, %v", copies, err)
	}
}

func (r *released) key(lane pipeline.Lane) pipeline.StateKey {
	key := r.one.Key()
	key.Lane = lane
	return key
}

func (r *released) newest(t *testing.T, lane pipeline.Lane) *pipeline.Execution {
	t.Helper()
	key := r.key(lane)
	runs, err := r.db.Executions(t.Context(), pipeline.ExecutionFilter{Host: key.Host, RepositoryID: key.RepositoryID, Lane: lane, Limit: 1})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%s: %d runs, %v", lane, len(runs), err)
	}
	return runs[0]
}

// only returns the one unfinished run of a lane.
func (r *released) only(t *testing.T, lane pipeline.Lane) *pipeline.Execution {
	t.Helper()
	state, err := r.db.LoadState(t.Context(), r.key(lane))
	if err != nil || len(state.Executions) != 1 {
		t.Fatalf("%s: %d runs go on, %v", lane, len(state.Executions), err)
	}
	return state.Executions[0]
}

// next takes a turn as the engine does.
func (r *released) next(t *testing.T, lane pipeline.Lane, input func(*pipeline.Execution) pipeline.Input) {
	t.Helper()
	in := input(r.newest(t, lane))
	state, err := r.db.LoadState(t.Context(), r.key(lane), in.Executions()...)
	if err != nil {
		t.Fatal(err)
	}
	decision, err := machine.Next(state, in, r.now)
	if err != nil {
		t.Fatal(err)
	}
	if len(decision.Changed) == 0 {
		t.Fatalf("%s: %T changed nothing", lane, in)
	}
	err = r.db.SaveTurn(t.Context(), &pipeline.Turn{
		Key: r.key(lane), Version: state.Version, Ledger: decision.State.Ledger, Changed: decision.Changed, Events: decision.Events, Orders: decision.Orders,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// finish ends the attempt of an action that is running.
func (r *released) finish(t *testing.T, lane pipeline.Lane, stage, action string) {
	t.Helper()
	r.next(t, lane, func(run *pipeline.Execution) pipeline.Input {
		attempt := run.Stage(stage).Latest(action)
		if attempt == nil || attempt.Status != pipeline.ActionInProgress {
			t.Fatalf("%s: %s/%s does not run: %+v", lane, stage, action, attempt)
		}
		return pipeline.ActionEnded{ExecutionID: run.ID, AttemptID: attempt.ID, Status: pipeline.ActionSucceeded}
	})
}
