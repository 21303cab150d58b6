package storagetest

import (
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

func testPause(t *testing.T, b Backend) {
	dir, ctx := t.TempDir(), t.Context()
	db := open(t, b, dir)
	got, err := db.Pause(ctx)
	ok(t, err)
	same(t, got, pipeline.Pause{})
	for _, p := range []pipeline.Pause{
		{Paused: true, By: "root", Reason: "moving the disk", At: epoch()},
		{Paused: true, By: "root", Reason: "still", At: epoch().Add(time.Second)},
		{By: "admin", At: epoch().Add(-time.Hour)}, // the last word counts, whatever the clock says
	} {
		ok(t, db.SetPause(ctx, p))
		got, err = db.Pause(ctx)
		ok(t, err)
		same(t, got, p)
	}
}
