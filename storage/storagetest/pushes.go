package storagetest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// testPushes: who pushed is known by the commit and by the ref, once each, for a year.
func testPushes(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	octocat, hubot := pipeline.Actor{ID: 1, Login: "octocat"}, pipeline.Actor{ID: 2, Login: "hubot"}
	push := func(repository int64, ref, after string, by pipeline.Actor, at time.Time) {
		t.Helper()
		for range 2 { // it may be told twice
			ok(t, db.SavePush(ctx, pipeline.Push{Host: "github.com", RepositoryID: repository, Ref: ref, After: after, By: by, At: at}))
		}
	}
	push(1, "refs/heads/main", "a", octocat, epoch())
	push(1, "refs/heads/main", "b", hubot, epoch().Add(time.Hour))
	push(1, "refs/heads/topic", "a", hubot, epoch())
	push(2, "refs/heads/main", "c", octocat, epoch())
	sorted := func(list []pipeline.Actor, err error) []pipeline.Actor {
		t.Helper()
		ok(t, err)
		slices.SortFunc(list, func(a, b pipeline.Actor) int { return cmp.Compare(a.ID, b.ID) })
		return list
	}
	same(t, sorted(db.Pushers(ctx, "github.com", 1, "a")), []pipeline.Actor{octocat, hubot})
	same(t, sorted(db.Pushers(ctx, "github.com", 1, "b", "none", "c")), []pipeline.Actor{hubot})
	same(t, sorted(db.Pushers(ctx, "ghe.example", 1, "a")), nil)
	same(t, sorted(db.PushersTo(ctx, "github.com", 1, "refs/heads/main", epoch())), []pipeline.Actor{octocat, hubot})
	same(t, sorted(db.PushersTo(ctx, "github.com", 1, "refs/heads/main", epoch().Add(time.Minute))), []pipeline.Actor{hubot})
	ok(t, db.Prune(ctx, epoch().Add(365*24*time.Hour+time.Minute)))
	same(t, sorted(db.Pushers(ctx, "github.com", 1, "a", "b")), []pipeline.Actor{hubot})
}
