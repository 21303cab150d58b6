package actionlog_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage/blob"
)

// age makes everything below a folder look as if it was written long ago.
func age(t *testing.T, dir string, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, then, then))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSweepRemovesOldFiles(t *testing.T) {
	t.Parallel()
	b := open(t, 0, nil)
	b.append(t, 10, numbered(0, 3)...)
	sweep := func() int {
		t.Helper()
		removed, err := b.Sweep(t.Context(), time.Now().Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return removed
	}
	if n := sweep(); n != 0 {
		t.Fatalf("%d logs removed that were written just now", n)
	}
	b.wantAll(t, numbered(0, 3))
	aside := filepath.Join(b.dir, "logs", "7", id+".finished")
	if err := os.Mkdir(aside, 0o700); err != nil {
		t.Fatal(err)
	}
	age(t, filepath.Join(b.dir, "logs"), 2*time.Hour)
	if n := sweep(); n != 1 {
		t.Fatalf("%d logs removed, want 1", n)
	}
	if left := b.segments(t); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if _, err := os.Stat(aside); !os.IsNotExist(err) {
		t.Errorf("what an earlier removal left is still there: %v", err)
	}
	if _, total, err := b.Read(t.Context(), 7, id, 0, 10); pipeline.KindOf(err) != pipeline.NotFound || total != 0 {
		t.Errorf("a removed log: %d lines, %v; want NotFound", total, err)
	}
	if err := b.Append(t.Context(), 7, id, 20, numbered(3, 4)); pipeline.KindOf(err) != pipeline.Conflict {
		t.Errorf("append to a removed log: %v, want Conflict", err)
	}
	if n := sweep(); n != 0 {
		t.Errorf("removed again: %d", n)
	}
}

func TestArchivedLogNoLongerKept(t *testing.T) {
	t.Parallel()
	b := open(t, 0, realBlobs(t))
	b.append(t, 10, numbered(0, 3)...)
	if err := b.Finish(t.Context(), 7, id); err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(filepath.Join(b.dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blobs.Sweep(t.Context(), blob.Sweep{Before: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Tail(t.Context(), 7, id, 10); pipeline.KindOf(err) != pipeline.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
}
