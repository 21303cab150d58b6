package storagetest

import (
	"testing"
	"time"
)

func testBookmarks(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	at, err := db.Bookmark(ctx, "far")
	ok(t, err)
	same(t, at, time.Time{})
	for _, want := range []time.Time{epoch(), epoch().Add(-time.Microsecond)} { // a clock may be set back
		ok(t, db.SetBookmark(ctx, "far", want))
		at, err = db.Bookmark(ctx, "far")
		ok(t, err)
		same(t, at, want)
	}
	at, err = db.Bookmark(ctx, "near")
	ok(t, err)
	same(t, at, time.Time{})
}
