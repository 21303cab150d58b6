package githubapp_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// registered asks for all that is known of the app itself.
func (w *world) registered(t *testing.T, transport http.RoundTripper) {
	ctx := t.Context()
	ahead := must(githubapp.Reach(ctx, githubapp.Options{APIURL: w.APIURL(), Transport: transport}))(t)
	if ahead.Abs() > 10*time.Second {
		t.Errorf("this machine is %s ahead of itself", ahead)
	}
	us := must(w.app.Registered(ctx))(t)
	if us.Slug != "penstock" || us.Owner != "octocat" || us.SettingsPage != w.URL()+"/settings/apps/penstock" || us.Page != w.URL()+"/apps/penstock" {
		t.Errorf("registered as %+v", us)
	}
	needs := map[string]string{}
	for _, n := range githubapp.Needs() {
		needs[n.Permission] = n.Level
	}
	if d := cmp.Diff(needs, us.Permissions); d != "" {
		t.Error(d)
	}
	installed := must(w.app.Installed(ctx))(t)
	if len(installed) != 1 || installed[0].ID != w.repo.Installation || installed[0].Account != "octocat" || installed[0].Suspended || installed[0].Page == "" {
		t.Errorf("installed %+v", installed)
	}
	hook := must(w.app.Hook(ctx))(t)
	if d := cmp.Diff(githubapp.Hook{URL: "http://127.0.0.1:1/"}, hook); d != "" {
		t.Error(d)
	}
	reached := must(w.app.Reached(ctx, w.repo.Installation))(t)
	if len(reached) != 1 || reached[0].FullName() != "octocat/shop" || reached[0].ID != w.repo.ID || reached[0].DefaultBranch != "main" {
		t.Errorf("reached %+v", reached)
	}
	_, protected, err := w.app.Branch(ctx, w.repo, "main")
	if err != nil || protected {
		t.Errorf("main is protected: %v, %v", protected, err)
	}
	ok(t, w.Protect("octocat/shop", "feature", true))
	head, protected, err := w.app.Branch(ctx, w.repo, "feature")
	if err != nil || !protected {
		t.Errorf("feature is protected: %v, %v", protected, err)
	}
	_, _, err = w.app.Branch(ctx, w.repo, "none")
	callstest.WantKind(t, err, pipeline.NotFound)
	_, err = w.app.CodeOwners(ctx, w.repo, head)
	callstest.WantKind(t, err, pipeline.NotFound)
	owned := must(w.Push(emulator.Change{Repository: "octocat/shop", Branch: "owned", As: "octocat", Message: "owners",
		Files: map[string]string{"CODEOWNERS": "* @octocat\n", "docs/CODEOWNERS": "* @hubot\n"}}))(t)
	if file := must(w.app.CodeOwners(ctx, w.repo, owned))(t); file.Path != "CODEOWNERS" || string(file.Content) != "* @octocat\n" {
		t.Errorf("owners %+v", file)
	}

	page, _, err := w.app.HookDeliveries(ctx, "")
	if err != nil || len(page) == 0 || page[0].Status != "failed to connect to host" || page[0].StatusCode != 0 {
		t.Fatalf("deliveries %+v, %v", page, err)
	}
	ok(t, w.app.Redeliver(ctx, page[0].ID))
	ok(t, w.Await(ctx, func(v *emulator.View) bool { return v.PendingDeliveries() == 0 }))
	again, _, err := w.app.HookDeliveries(ctx, "")
	if err != nil || again[0].GUID != page[0].GUID || again[0].ID <= page[0].ID {
		t.Errorf("after the redelivery: %+v, %v", again[0], err)
	}
	callstest.WantKind(t, w.app.Redeliver(ctx, 1), pipeline.NotFound)
}

func TestReach(t *testing.T) {
	t.Parallel()
	s := newStub()
	theirs := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	s.answer("GET /rate_limit", http.StatusUnauthorized, `{}`, "Date", theirs.Format(http.TimeFormat)) // a private Enterprise Server
	for _, off := range []time.Duration{-time.Hour, 0, 3 * time.Minute} {
		ahead := must(githubapp.Reach(t.Context(), githubapp.Options{Transport: s, Now: func() time.Time { return theirs.Add(off) }}))(t)
		if (ahead - off).Abs() > time.Second {
			t.Errorf("%s, want %s", ahead, off)
		}
	}
	for name, answer := range map[string]func(*stub){
		"no date":        func(s *stub) { s.answer("GET /rate_limit", 200, `{}`) },
		"out of service": func(s *stub) { s.answer("GET /rate_limit", 503, `{}`, "Date", theirs.Format(http.TimeFormat)) },
	} {
		s := newStub()
		answer(s)
		_, err := githubapp.Reach(t.Context(), githubapp.Options{Transport: s})
		if pipeline.KindOf(err) != pipeline.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := githubapp.Reach(t.Context(), githubapp.Options{APIURL: "http://127.0.0.1:1/api/v3/"})
	callstest.WantKind(t, err, pipeline.Unavailable)
}

func TestSuspendedAndPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	app, _ := w.App("penstock")
	ok(t, w.ChangeApp(app.ID, emulator.Permissions{"metadata": "read", "contents": "read", "actions": "read"}, "push"))
	us := must(w.app.Registered(t.Context()))(t)
	if us.Permissions["actions"] != "read" || us.Permissions["checks"] != "" || strings.Join(us.Events, " ") != "push" {
		t.Errorf("registered as %+v", us)
	}
	if i := must(w.app.Installed(t.Context()))(t)[0]; i.Permissions["checks"] != "write" || i.Permissions["actions"] != "" {
		t.Errorf("granted %v, before anybody has accepted", i.Permissions)
	}
	ok(t, w.AcceptPermissions(w.repo.Installation))
	if i := must(w.app.Installed(t.Context()))(t)[0]; i.Permissions["checks"] != "" || i.Permissions["actions"] != "read" {
		t.Errorf("granted %v", i.Permissions)
	}
	ok(t, w.Suspend(w.repo.Installation, true))
	if i := must(w.app.Installed(t.Context()))(t)[0]; !i.Suspended {
		t.Error("not suspended")
	}
	_, err := w.app.Reached(t.Context(), w.repo.Installation)
	callstest.WantKind(t, err, pipeline.Forbidden, "suspended")
}
