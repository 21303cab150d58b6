package storagetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

func slackUser(id string) pipeline.SlackUser { return pipeline.SlackUser{Team: "T1", ID: id} }

func slackLink(digest, user string, at time.Time) pipeline.SlackLink {
	return pipeline.SlackLink{
		Digest: digest, SlackUser: slackUser(user), TeamName: "Octo <org>", Name: "the & cat", CreatedAt: at, ExpiresAt: at.Add(pipeline.SlackLinkLife),
	}
}

func slackAccount(user string, actor int64, by pipeline.SlackLinkedBy, at time.Time) pipeline.SlackAccount {
	return pipeline.SlackAccount{
		SlackUser: slackUser(user), Name: "the & cat", Host: host,
		Actor: pipeline.Actor{ID: actor, Login: fmt.Sprintf("user-%d", actor)}, By: by, At: at,
	}
}

func byPage(user string, actor int64) pipeline.SlackAccount {
	return slackAccount(user, actor, pipeline.SlackLinkedByPage, epoch())
}

func byEmail(user string, actor int64) pipeline.SlackAccount {
	return slackAccount(user, actor, pipeline.SlackLinkedByEmail, epoch())
}

// linkByPage offers a link and takes it.
func linkByPage(t *testing.T, db DB, account pipeline.SlackAccount) {
	t.Helper()
	digest := pipeline.NewSecretText()
	ok(t, db.OfferSlackLink(t.Context(), slackLink(digest, account.ID, epoch())))
	ok(t, db.TakeSlackLink(t.Context(), digest, account, epoch()))
}

// speaks fails unless a Slack user speaks for this account, and nobody else does;
// zero: for none.
func speaks(t *testing.T, db DB, user string, want pipeline.SlackAccount) {
	t.Helper()
	got, err := db.SlackAccount(t.Context(), slackUser(user), host)
	if want.ID == "" {
		wantErr(t, err, pipeline.NotFound, nil)
		return
	}
	ok(t, err)
	same(t, got, want)
	got, err = db.SlackAccountOf(t.Context(), "T1", host, want.Actor.ID)
	ok(t, err)
	same(t, got, want)
}

func testSlackLinks(t *testing.T, b Backend) {
	dir, ctx := t.TempDir(), t.Context()
	db := open(t, b, dir)
	first, other := slackLink("a0", "U1", epoch()), slackLink("b0", "U2", epoch())
	for _, link := range []pipeline.SlackLink{first, other} {
		ok(t, db.OfferSlackLink(ctx, link))
	}
	if err := db.OfferSlackLink(ctx, first); err == nil {
		t.Error("a link was stored twice")
	}
	got, err := db.SlackLink(ctx, "a0", first.ExpiresAt.Add(-time.Microsecond))
	ok(t, err)
	same(t, got, first)

	// What is not there, is somebody else's or has expired links nothing.
	no := func(digest, user string, now time.Time) {
		t.Helper()
		wantErr(t, db.TakeSlackLink(ctx, digest, byPage(user, 1), now), pipeline.NotFound, nil)
		speaks(t, db, user, pipeline.SlackAccount{})
	}
	no("none", "U1", epoch())
	no("b0", "U1", epoch())
	_, err = db.SlackLink(ctx, "a0", first.ExpiresAt)
	wantErr(t, err, pipeline.NotFound, nil)
	no("a0", "U1", first.ExpiresAt)

	// Taken once, with it go the others of that Slack user.
	ok(t, db.OfferSlackLink(ctx, slackLink("a1", "U1", epoch())))
	ok(t, db.TakeSlackLink(ctx, "a0", byPage("U1", 1), epoch()))
	for _, digest := range []string{"a0", "a1"} {
		_, err = db.SlackLink(ctx, digest, epoch())
		wantErr(t, err, pipeline.NotFound, nil)
		wantErr(t, db.TakeSlackLink(ctx, digest, byPage("U1", 2), epoch()), pipeline.NotFound, nil)
	}
	speaks(t, db, "U1", byPage("U1", 1))
	_, err = db.SlackLink(ctx, "b0", epoch())
	ok(t, err)

	// The five newest stay, and an expired one is forgotten with the next offer.
	for i := range 7 {
		ok(t, db.OfferSlackLink(ctx, slackLink(fmt.Sprintf("c%d", i), "U1", epoch().Add(time.Duration(i)*time.Second))))
	}
	for i := range 7 {
		_, err := db.SlackLink(ctx, fmt.Sprintf("c%d", i), epoch().Add(time.Minute))
		if kind := pipeline.KindOf(err); (err == nil) != (i >= 2) || err != nil && kind != pipeline.NotFound {
			t.Errorf("link %d: %v", i, err)
		}
	}
	_, err = db.SlackLink(ctx, "b0", epoch())
	ok(t, err)
	ok(t, db.OfferSlackLink(ctx, slackLink("d0", "U3", other.ExpiresAt)))
	_, err = db.SlackLink(ctx, "b0", epoch())
	wantErr(t, err, pipeline.NotFound, nil)

	// Two at once: one wins.
	ok(t, db.OfferSlackLink(ctx, slackLink("e0", "U4", epoch())))
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = db.TakeSlackLink(ctx, "e0", byPage("U4", int64(40+i)), epoch()) })
	}
	all.Wait()
	won := int64(0)
	for i, err := range errs {
		switch {
		case err == nil && won == 0:
			won = int64(40 + i)
		case err == nil:
			t.Error("a link was taken twice")
		default:
			wantErr(t, err, pipeline.NotFound, nil)
		}
	}
	speaks(t, db, "U4", byPage("U4", won))
	ok(t, db.Close())
	speaks(t, open(t, b, dir), "U4", byPage("U4", won))
}

func testSlackAccounts(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	none := pipeline.SlackAccount{}
	linkByPage(t, db, byPage("U1", 1))
	linkByPage(t, db, byPage("U2", 2))

	// Another workspace and another forge are others.
	there, elsewhere := byPage("U1", 1), byPage("U1", 1)
	there.Team, elsewhere.Host = "T2", "other.example"
	for _, a := range []pipeline.SlackAccount{there, elsewhere} {
		link := slackLink(pipeline.NewSecretText(), a.ID, epoch())
		link.Team = a.Team
		ok(t, db.OfferSlackLink(ctx, link))
		ok(t, db.TakeSlackLink(ctx, link.Digest, a, epoch()))
		got, err := db.SlackAccount(ctx, a.SlackUser, a.Host)
		ok(t, err)
		same(t, got, a)
	}
	speaks(t, db, "U1", byPage("U1", 1))

	// A Slack user speaks for one account, and an account for one Slack user.
	muted, err := db.MuteSlackAccount(ctx, slackUser("U2"), host, true)
	ok(t, err)
	same(t, muted, true)
	linkByPage(t, db, byPage("U2", 1)) // was U1's
	now := byPage("U2", 1)
	now.Muted = true
	speaks(t, db, "U1", none)
	speaks(t, db, "U2", now)
	_, err = db.SlackAccountOf(ctx, "T1", host, 2)
	wantErr(t, err, pipeline.NotFound, nil)
	got, err := db.SlackAccountOf(ctx, "T2", host, 1)
	ok(t, err)
	same(t, got, there)

	// Who logs in under another login is spoken for under that.
	renamed := session("s", 1, epoch())
	renamed.Who.Login = "renamed"
	ok(t, db.SaveSession(ctx, renamed, time.Time{}))
	now.Actor.Login = "renamed"
	speaks(t, db, "U2", now)

	later, last := slackAccount("U0", 5, pipeline.SlackLinkedByPage, epoch().Add(time.Second)), slackAccount("U3", 6, pipeline.SlackLinkedByPage, epoch().Add(time.Hour))
	linkByPage(t, db, last)
	linkByPage(t, db, later)
	list, err := db.SlackAccounts(ctx, "T1", host, 0)
	ok(t, err)
	same(t, list, []pipeline.SlackAccount{now, later, last})
	list, err = db.SlackAccounts(ctx, "T1", host, 2)
	ok(t, err)
	same(t, list, []pipeline.SlackAccount{now, later})

	// Unlinked, also from what was offered.
	ok(t, db.OfferSlackLink(ctx, slackLink("open", "U2", epoch())))
	for _, want := range []bool{true, false} {
		removed, err := db.RemoveSlackAccount(ctx, slackUser("U2"), host)
		ok(t, err)
		same(t, removed, want)
		muted, err := db.MuteSlackAccount(ctx, slackUser("U2"), host, true)
		ok(t, err)
		same(t, muted, false)
		speaks(t, db, "U2", none)
		wantErr(t, db.TakeSlackLink(ctx, "open", byPage("U2", 2), epoch()), pipeline.NotFound, nil)
	}
	linkByPage(t, db, byPage("U2", 2))
	speaks(t, db, "U2", byPage("U2", 2)) // and not muted any more
}

// testSlackByEmail: an address links what nobody has linked themselves.
func testSlackByEmail(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	none := pipeline.SlackAccount{}
	save := func(user string, actor int64) error { return db.SaveSlackAccount(ctx, byEmail(user, actor)) }
	ok(t, save("U1", 1))
	speaks(t, db, "U1", byEmail("U1", 1))
	ok(t, save("U1", 2)) // the address was given to another account
	speaks(t, db, "U1", byEmail("U1", 2))
	ok(t, save("U2", 2)) // or to another Slack user
	speaks(t, db, "U1", none)
	speaks(t, db, "U2", byEmail("U2", 2))
	lie := byEmail("U2", 2)
	lie.By = pipeline.SlackLinkedByPage
	ok(t, db.SaveSlackAccount(ctx, lie))
	speaks(t, db, "U2", byEmail("U2", 2))

	linkByPage(t, db, byPage("U2", 3)) // by page it is replaced
	linkByPage(t, db, byPage("U4", 4))
	for _, no := range []error{save("U2", 2), save("U1", 3), save("U2", 4)} {
		wantErr(t, no, pipeline.Conflict, nil)
	}
	ok(t, save("U2", 3)) // is so already
	speaks(t, db, "U2", byPage("U2", 3))
	speaks(t, db, "U4", byPage("U4", 4))
	speaks(t, db, "U1", none)

	// Who has unlinked stays unlinked, until they link themselves.
	removed, err := db.RemoveSlackAccount(ctx, slackUser("U2"), host)
	ok(t, err)
	same(t, removed, true)
	wantErr(t, save("U2", 3), pipeline.Conflict, nil)
	speaks(t, db, "U2", none)
	linkByPage(t, db, byPage("U2", 3))
	speaks(t, db, "U2", byPage("U2", 3))
	linkByPage(t, db, byPage("U5", 3)) // and has not unlinked what another took
	ok(t, save("U2", 7))
	speaks(t, db, "U2", byEmail("U2", 7))
}

func testVerifiedEmails(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	one, two := pipeline.Actor{ID: 1, Login: "octocat"}, pipeline.Actor{ID: 2, Login: "hubot"}
	of := func(digest string, want pipeline.Actor) {
		t.Helper()
		got, err := db.AccountByEmail(ctx, host, digest)
		if want.ID == 0 {
			wantErr(t, err, pipeline.NotFound, nil)
			return
		}
		ok(t, err)
		same(t, got, want)
	}
	ok(t, db.SaveVerifiedEmails(ctx, host, one, []string{"aa", "bb"}, epoch()))
	of("aa", one)
	of("bb", one)
	_, err := db.AccountByEmail(ctx, "other.example", "aa")
	wantErr(t, err, pipeline.NotFound, nil)

	ok(t, db.SaveVerifiedEmails(ctx, host, two, []string{"bb", "cc"}, epoch().Add(time.Second)))
	of("aa", one)
	of("bb", two)                                                               // the newer login wins
	ok(t, db.SaveVerifiedEmails(ctx, host, one, []string{"aa", "bb"}, epoch())) // also if it is heard of first
	of("bb", two)
	one.Login = "renamed"
	ok(t, db.SaveVerifiedEmails(ctx, host, one, []string{"dd"}, epoch().Add(time.Minute)))
	of("aa", pipeline.Actor{})
	of("dd", one)
	ok(t, db.SaveVerifiedEmails(ctx, host, two, nil, epoch().Add(time.Minute)))
	of("bb", pipeline.Actor{})
	of("cc", pipeline.Actor{})

	ok(t, db.Prune(ctx, epoch().Add(365*24*time.Hour)))
	of("dd", one)
	ok(t, db.Prune(ctx, epoch().Add(366*24*time.Hour)))
	of("dd", pipeline.Actor{})
}
