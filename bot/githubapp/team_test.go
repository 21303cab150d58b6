package githubapp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// organization makes octo-org with a shop of its own, which our app reaches. hubot is
// in its team sre, monalisa in dba inside of that, and defunkt is invited to sre.
func (w *world) organization(t *testing.T) pipeline.Repository {
	t.Helper()
	must(w.AddOrganization("octo-org"))(t)
	must(w.AddUser("defunkt"))(t)
	r := must(w.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "shop", Files: map[string]string{"a.txt": "a\n"}}))(t)
	app, _ := w.App("penstock")
	i := must(w.Install(app.ID, "octo-org"))(t)
	must(w.AddTeam("octo-org", "sre", ""))(t)
	must(w.AddTeam("octo-org", "dba", "sre"))(t)
	ok(t, w.SetTeamMember("octo-org", "sre", "hubot", emulator.MembershipActive))
	ok(t, w.SetTeamMember("octo-org", "dba", "monalisa", emulator.MembershipActive))
	ok(t, w.SetTeamMember("octo-org", "sre", "defunkt", emulator.MembershipPending))
	return pipeline.Repository{Host: w.repo.Host, ID: r.ID, Owner: "octo-org", Name: "shop", DefaultBranch: "main", Installation: i.ID, CloneURL: r.CloneURL}
}

// teams asks who is in the teams of an organization.
func (w *world) teams(t *testing.T) {
	ctx, shop := t.Context(), w.organization(t)
	for _, c := range []struct {
		login, team string
		want        bool
	}{
		{"hubot", "sre", true}, {"hubot", "dba", false}, // those above are not inside
		{"monalisa", "dba", true}, {"monalisa", "sre", true}, // by the team inside
		{"defunkt", "sre", false}, // invited
		{"octocat", "sre", false}, {"HuBot", "sre", true},
	} {
		who := must(w.app.Account(ctx, shop, c.login))(t).Actor
		who.Login = c.login
		if got := must(w.app.TeamMember(ctx, shop, c.team, who))(t); got != c.want {
			t.Errorf("%s is in %s: %v", c.login, c.team, got)
		}
	}
	for team, want := range map[string][]string{"sre": {"hubot", "monalisa"}, "dba": {"monalisa"}} {
		var logins []string
		for _, m := range must(w.app.TeamMembers(ctx, shop, team))(t) {
			logins = append(logins, m.Login)
		}
		if d := cmp.Diff(want, logins); d != "" {
			t.Errorf("%s: %s", team, d)
		}
	}
	_, err := w.app.TeamMembers(ctx, shop, "none")
	callstest.WantKind(t, err, pipeline.NotFound, "octo-org has no team none", "members: read")
}

func TestTeamMemberRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx, shop := t.Context(), w.organization(t)
	hubot := must(w.app.Account(ctx, shop, "hubot"))(t).Actor
	for _, c := range []struct {
		name, team string
		who        pipeline.Actor
		kind       pipeline.Kind
		part       string
	}{
		{"no such team", "none", hubot, pipeline.NotFound, "no team none"},
		{"a slug that climbs", "../sre", hubot, pipeline.Invalid, "not a team"},
		{"a slug with the organization", "octo-org/sre", hubot, pipeline.Invalid, "not a team"},
		{"no slug", "", hubot, pipeline.Invalid, "not a team"},
		{"no id", "sre", pipeline.Actor{Login: "hubot"}, pipeline.Invalid, "not an account"},
		{"no login", "sre", pipeline.Actor{ID: hubot.ID}, pipeline.Invalid, "not a login"},
		{"a login that climbs", "sre", pipeline.Actor{ID: hubot.ID, Login: "../hubot"}, pipeline.Invalid, "not a login"},
		{"nobody", "sre", pipeline.Actor{ID: hubot.ID, Login: "nobody"}, pipeline.NotFound, "nobody"},
		{"the login of somebody else", "sre", pipeline.Actor{ID: hubot.ID + 99, Login: "hubot"}, pipeline.NotFound, "now belongs to"},
	} {
		in, err := w.app.TeamMember(ctx, shop, c.team, c.who)
		if err == nil || in {
			t.Errorf("%s: %v, %v", c.name, in, err)
			continue
		}
		callstest.WantKind(t, err, c.kind, c.part)
	}
	// People have no teams.
	_, err := w.app.TeamMember(ctx, w.repo, "sre", hubot)
	callstest.WantKind(t, err, pipeline.NotFound, "octocat has no team sre")

	ok(t, w.SuspendUser("hubot", true))
	if in := must(w.app.TeamMember(ctx, shop, "sre", hubot))(t); in {
		t.Error("somebody who is suspended is an active member")
	}
	ok(t, w.SuspendUser("hubot", false))
	// The login changes hands, and the next one is even in the team.
	ok(t, w.RenameUser("hubot", "hubot-old"))
	must(w.AddUser("hubot"))(t)
	ok(t, w.SetTeamMember("octo-org", "sre", "hubot", emulator.MembershipActive))
	in, err := w.app.TeamMember(ctx, shop, "sre", hubot)
	if callstest.WantKind(t, err, pipeline.NotFound, "now belongs to"); in {
		t.Error("another account's membership counts")
	}
}

// What went wrong is never a no, and says what would help.
func TestTeamLookUpFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx, shop := t.Context(), w.organization(t)
	hubot := must(w.app.Account(ctx, shop, "hubot"))(t).Actor
	octocat := must(w.app.Account(ctx, shop, "octocat"))(t).Actor
	for _, c := range []struct {
		path    string
		trouble emulator.Trouble
		kind    pipeline.Kind
		part    string
	}{
		{"/orgs/*/teams/**", emulator.ServerError(502), pipeline.Unavailable, "502"},
		{"/orgs/*/teams/**", emulator.LoseReply(), pipeline.Unavailable, "could not be asked"},
		{"/orgs/*/teams/**", emulator.NoPermission(), pipeline.Forbidden, "members: read"},
		{"/users/*", emulator.ServerError(500), pipeline.Unavailable, "500"},
	} {
		trouble := w.Inject(emulator.Match{Path: c.path}, c.trouble)
		for _, who := range []pipeline.Actor{hubot, octocat} {
			in, err := w.app.TeamMember(ctx, shop, "sre", who)
			if callstest.WantKind(t, err, c.kind, c.part); in {
				t.Errorf("%s: a yes", c.part)
			}
		}
		trouble.Remove()
	}
	// Not a member, and the look whether the team is there fails.
	trouble := w.Inject(emulator.Match{Path: "/orgs/*/teams/*/members"}, emulator.ServerError(502))
	_, err := w.app.TeamMember(ctx, shop, "sre", octocat)
	callstest.WantKind(t, err, pipeline.Unavailable)
	trouble.Remove()
	// The organization takes the permission away.
	app, _ := w.App("penstock")
	ok(t, w.ChangeApp(app.ID, emulator.Permissions{"metadata": "read"}))
	ok(t, w.AcceptPermissions(shop.Installation))
	_, err = w.app.TeamMember(ctx, shop, "sre", hubot)
	callstest.WantKind(t, err, pipeline.Forbidden, "members: read, of the organization")
	_, err = w.app.TeamMembers(ctx, shop, "sre")
	callstest.WantKind(t, err, pipeline.Forbidden)
}

func TestManyTeamMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	shop := w.organization(t)
	for i := range 130 {
		login := "member-" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		must(w.AddUser(login))(t)
		ok(t, w.SetTeamMember("octo-org", "sre", login, emulator.MembershipActive))
	}
	if n := len(must(w.app.TeamMembers(t.Context(), shop, "sre"))(t)); n != 132 {
		t.Errorf("%d members", n)
	}
}
