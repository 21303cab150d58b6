package storagetest

import (
	"fmt"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func testRetention(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	position := int64(0)
	run := func(key pipeline.StateKey, status pipeline.ExecutionStatus, digest string) *pipeline.Execution {
		position++
		r := newRun(key, position)
		r.Stages[0].Actions[0].Artifacts = []pipeline.Artifact{{Name: "shop", Digest: digest}, {Name: "same", Digest: "everywhere"}}
		if status != pipeline.ExecutionInProgress {
			end(r, status)
		}
		return r
	}
	pull := laneKey(7, "release", pipeline.PullLane(1))
	other := laneKey(8, "other", pipeline.BranchLane("dev"))
	for i := range 4 {
		save(t, db, turnOf(mainLane(7), 0, run(mainLane(7), pipeline.ExecutionSucceeded, fmt.Sprint("success ", i))))
		save(t, db, turnOf(pull, 0, run(pull, pipeline.ExecutionSucceeded, fmt.Sprint("pull ", i))))
		save(t, db, turnOf(mainLane(7), 0, run(mainLane(7), pipeline.ExecutionFailed, fmt.Sprint("failure ", i))))
	}
	save(t, db, turnOf(mainLane(7), 0, run(mainLane(7), pipeline.ExecutionInProgress, "going")))
	save(t, db, turnOf(pull, 0, run(pull, pipeline.ExecutionInProgress, "going pull")))
	save(t, db, turnOf(other, 0, run(other, pipeline.ExecutionSucceeded, "other")))

	target := run(mainLane(7), pipeline.ExecutionFailed, "rolled back to") // a later stage failed
	turn := turnOf(mainLane(7), 0, target)
	turn.Ledger.Succeeded = map[string]string{"Ship": target.ID}
	save(t, db, turn)
	forgotten := run(pull, pipeline.ExecutionFailed, "of a pull request")
	turn = turnOf(pull, 0, forgotten)
	turn.Ledger.Succeeded = map[string]string{"Ship": forgotten.ID}
	save(t, db, turn)

	got, err := db.ArtifactsInUse(ctx, 2)
	ok(t, err)
	want := map[storage.StoredArtifact]bool{{RepositoryID: 8, Digest: "other"}: true, {RepositoryID: 8, Digest: "everywhere"}: true}
	for _, digest := range []string{"success 2", "success 3", "going", "going pull", "rolled back to", "everywhere"} {
		want[storage.StoredArtifact{RepositoryID: 7, Digest: digest}] = true
	}
	same(t, got, want)
}
