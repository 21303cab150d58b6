package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func session(hash string, user int64, at time.Time) pipeline.Session {
	return pipeline.Session{
		Hash: hash, Host: host, Who: pipeline.Actor{ID: user, Login: fmt.Sprintf("user-%d", user)}, CreatedAt: at, SeenAt: at,
	}
}

func testSessions(t *testing.T, b Backend) {
	dir, ctx := t.TempDir(), t.Context()
	db := open(t, b, dir)
	old, first, other := session("a0", 1, epoch().Add(-time.Hour)), session("a1", 1, epoch()), session("b1", 2, epoch())
	for _, s := range []pipeline.Session{old, first, other} {
		ok(t, db.SaveSession(ctx, s, epoch().Add(-time.Minute)))
	}
	_, err := db.Session(ctx, old.Hash) // forgotten when the next one began
	wantErr(t, err, pipeline.NotFound, nil)
	ok(t, db.TouchSession(ctx, first.Hash, epoch().Add(time.Minute)))
	first.SeenAt = epoch().Add(time.Minute)
	got, err := db.Session(ctx, first.Hash)
	ok(t, err)
	same(t, got, first)

	// The newest stay when an account has many, and the others are not touched.
	for i := range 20 {
		ok(t, db.SaveSession(ctx, session(fmt.Sprintf("c%02d", i), 1, epoch().Add(time.Duration(i+1)*time.Second)), time.Time{}))
	}
	_, err = db.Session(ctx, first.Hash)
	wantErr(t, err, pipeline.NotFound, nil)
	_, err = db.Session(ctx, "c09")
	wantErr(t, err, pipeline.NotFound, nil)
	_, err = db.Session(ctx, "c10")
	ok(t, err)

	ok(t, db.EndSession(ctx, "c19"))
	ok(t, db.EndSession(ctx, "c19"))
	_, err = db.Session(ctx, "c19")
	wantErr(t, err, pipeline.NotFound, nil)
	ok(t, db.EndSessions(ctx, "elsewhere.example", 1))
	_, err = db.Session(ctx, "c10")
	ok(t, err)
	ok(t, db.EndSessions(ctx, host, 1))
	_, err = db.Session(ctx, "c10")
	wantErr(t, err, pipeline.NotFound, nil)
	got, err = db.Session(ctx, other.Hash)
	ok(t, err)
	same(t, got, other)
}

func testTokens(t *testing.T, b Backend) {
	dir, ctx := t.TempDir(), t.Context()
	db := open(t, b, dir)
	wide := pipeline.Token{
		ID: "1", Hash: "aa", Host: host, Who: pipeline.Actor{ID: 1, Login: "octocat"}, Scopes: []pipeline.Scope{pipeline.ScopeRead, pipeline.ScopeMetrics},
		CreatedBy: "root", CreatedAt: epoch(), ExpiresAt: epoch().Add(time.Hour),
	}
	narrow := wide
	narrow.ID, narrow.Hash, narrow.Repositories, narrow.Scopes = "2", "bb", []int64{7, 8}, []pipeline.Scope{pipeline.ScopeWrite}
	others := wide
	others.ID, others.Hash, others.Who.ID = "3", "cc", 2
	for _, token := range []pipeline.Token{wide, narrow, others} {
		ok(t, db.SaveToken(ctx, token))
	}
	if err := db.SaveToken(ctx, wide); err == nil {
		t.Error("a token was stored twice")
	}
	_, err := db.TokenByHash(ctx, "dd")
	wantErr(t, err, pipeline.NotFound, nil)
	ok(t, db.UseToken(ctx, narrow.ID, epoch().Add(time.Minute)))
	narrow.UsedAt = epoch().Add(time.Minute)
	got, err := db.TokenByHash(ctx, narrow.Hash)
	ok(t, err)
	same(t, got, narrow)

	for _, want := range []bool{true, false} { // the first word counts
		revoked, err := db.RevokeToken(ctx, wide.ID, epoch().Add(2*time.Minute))
		ok(t, err)
		same(t, revoked, want)
	}
	revoked, err := db.RevokeToken(ctx, "nothing", epoch())
	ok(t, err)
	same(t, revoked, false)
	ok(t, db.SaveSession(ctx, session("s", 7, epoch()), time.Time{}))
	accounts, err := db.Accounts(ctx, "OctoCat") // two had that login
	ok(t, err)
	same(t, accounts, []storage.Account{{Host: host, ID: 1}, {Host: host, ID: 2}})
	accounts, err = db.Accounts(ctx, "user-7")
	ok(t, err)
	same(t, accounts, []storage.Account{{Host: host, ID: 7}})
	n, err := db.RevokeTokens(ctx, host, 1, epoch().Add(3*time.Minute))
	ok(t, err)
	same(t, n, 1)
	wide.RevokedAt, narrow.RevokedAt = epoch().Add(2*time.Minute), epoch().Add(3*time.Minute)
	list, err := db.Tokens(ctx)
	ok(t, err)
	same(t, list, []pipeline.Token{wide, narrow, others})
}
