package githubapp_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// world is an emulated GitHub with octocat's shop and our app on it.
type world struct {
	*emulator.GitHub
	app  *githubapp.App
	repo pipeline.Repository
	bot  emulator.User
	id   int64 // of the app
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t *testing.T, transport http.RoundTripper) *world {
	t.Helper()
	g := must(emulator.New(emulator.Options{Dir: t.TempDir()}))(t)
	t.Cleanup(func() { _ = g.Close() })
	for _, login := range []string{"octocat", "hubot", "monalisa"} {
		must(g.AddUser(login))(t)
	}
	r := must(g.AddRepository(emulator.NewRepository{
		Owner: "octocat", Name: "shop", Files: map[string]string{".penstock.yml": "name: release\n", "src/a.txt": "a\n"},
	}))(t)
	ok(t, g.SetRole("octocat/shop", "hubot", emulator.RoleMaintain))
	app := must(g.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octocat", WebhookURL: "http://127.0.0.1:1/"}))(t)
	i := must(g.Install(app.ID, "octocat"))(t)
	a := must(githubapp.New(githubapp.Options{
		AppID: app.ID, PrivateKey: app.PrivateKey, APIURL: g.APIURL(), Transport: transport,
	}))(t)
	t.Cleanup(a.Close)
	return &world{GitHub: g, app: a, bot: app.Bot, id: app.ID, repo: pipeline.Repository{
		Host: a.Host(), ID: r.ID, Owner: "octocat", Name: "shop", DefaultBranch: "main",
		Installation: i.ID, CloneURL: r.CloneURL,
	}}
}

func (w *world) user(t *testing.T, login string) pipeline.Actor {
	t.Helper()
	for _, p := range w.PullRequests("octocat/shop") {
		if p.Author == login {
			read := must(w.app.PullRequest(t.Context(), w.repo, p.Number))(t)
			return read.Author.Actor
		}
	}
	t.Fatalf("%s has no pull request to tell the id by", login)
	return pipeline.Actor{}
}

func TestEmulator(t *testing.T) {
	t.Parallel()
	everyCall(t, nil)
}

// everyCall makes each of our calls at least once, over that transport.
func everyCall(t *testing.T, transport http.RoundTripper) *world {
	t.Helper()
	w := newWorld(t, transport)
	ctx := t.Context()
	us := must(w.app.App(ctx))(t)
	if us.BotLogin != w.bot.Login {
		t.Errorf("we are %q, want %q", us.BotLogin, w.bot.Login)
	}

	head := must(w.Push(emulator.Change{Repository: "octocat/shop", Branch: "feature", As: "hubot", Message: "work",
		Files: map[string]string{".penstock/more.yml": "name: more\n", ".penstock/a b.json": "{}", "README.md": "x"}}))(t)
	if got := must(w.app.Head(ctx, w.repo, "feature"))(t); got != head {
		t.Errorf("head %s, want %s", got, head)
	}
	_, err := w.app.Head(ctx, w.repo, "feat")
	callstest.WantKind(t, err, pipeline.NotFound)

	var files []string
	for _, f := range must(w.app.PipelineFiles(ctx, w.repo, head))(t) {
		files = append(files, f.Path+"="+string(f.Content))
	}
	if d := cmp.Diff([]string{".penstock.yml=name: release\n", ".penstock/a b.json={}", ".penstock/more.yml=name: more\n"}, files); d != "" {
		t.Error(d)
	}
	_, err = w.app.PipelineFiles(ctx, w.repo, sha)
	callstest.WantKind(t, err, pipeline.NotFound)

	pull := must(w.OpenPullRequest(emulator.NewPullRequest{Repository: "octocat/shop", Head: "feature", As: "hubot", Title: "t"}))(t)
	read := must(w.app.PullRequest(ctx, w.repo, pull.Number))(t)
	if read.HeadSHA != head || read.HeadRef != "feature" || read.BaseRef != "main" || read.Fork() || read.Merged || read.Author.Login != "hubot" {
		t.Errorf("pull request %+v", read)
	}
	open := must(w.app.OpenPulls(ctx, w.repo))(t)
	if len(open) != 1 || open[0].HeadSHA != head || open[0].CreatedAt.IsZero() {
		t.Errorf("open pull requests %+v", open)
	}
	now, pushedAt, err := w.app.RepositoryNow(ctx, w.repo)
	if err != nil || now.FullName() != "octocat/shop" || now.DefaultBranch != "main" || pushedAt.IsZero() {
		t.Errorf("repository %+v, pushed at %s, %v", now, pushedAt, err)
	}
	if c := must(w.app.Commit(ctx, w.repo, head))(t); c.Message != "work" || c.AuthorLogin != "hubot" {
		t.Errorf("commit %+v", c)
	}
	base := must(w.app.Head(ctx, w.repo, "main"))(t)
	if c := must(w.app.CommitAt(ctx, w.repo, "refs/heads/main"))(t); c.SHA != base {
		t.Errorf("main leads to %+v", c)
	}
	_, err = w.app.CommitAt(ctx, w.repo, "refs/tags/v1")
	callstest.WantKind(t, err, pipeline.NotFound)
	_, err = w.app.CommitAt(ctx, w.repo, "refs/tags/../../issues")
	callstest.WantKind(t, err, pipeline.Invalid)
	for _, c := range []struct {
		head, sha string
		want      bool
	}{{head, head, true}, {head, base, true}, {base, head, false}} {
		if got := must(w.app.Contains(ctx, w.repo, c.head, c.sha))(t); got != c.want {
			t.Errorf("%s contains %s: %v", c.head, c.sha, got)
		}
	}
	if c := must(w.app.Compare(ctx, w.repo, base, head))(t); len(c.Commits) != 1 || c.Commits[0].Message != "work" || len(c.Files) != 3 {
		t.Errorf("compared %+v", c)
	}
	_, err = w.app.Contains(ctx, w.repo, head, sha)
	callstest.WantKind(t, err, pipeline.NotFound)
	_, err = w.app.Contains(ctx, w.repo, head, "main")
	callstest.WantKind(t, err, pipeline.Invalid)
	t.Run("deliveries", func(t *testing.T) { w.deliveries(t, head) })
	t.Run("checks", func(t *testing.T) { w.checks(t, head) })
	t.Run("comments", func(t *testing.T) { w.comments(t, pull.Number) })
	t.Run("permission", func(t *testing.T) { w.permissions(t) })
	t.Run("registered", func(t *testing.T) { w.registered(t, transport) })
	t.Run("deployments", func(t *testing.T) { w.deploy(t, head) })
	t.Run("teams", func(t *testing.T) { w.teams(t) })

	merged := must(w.Merge("octocat/shop", pull.Number, emulator.MergeSquash, "hubot"))(t)
	list := must(w.app.PullsOfCommit(ctx, w.repo, merged))(t)
	if len(list) != 1 || list[0].Number != pull.Number || !list[0].Merged || list[0].BaseRef != "main" {
		t.Errorf("pull requests of the merge: %+v", list)
	}
	source := must(w.app.Source(ctx, w.repo, pipeline.Revision{SHA: merged}))(t)
	if source.URL != w.repo.CloneURL || source.Token == "" {
		t.Errorf("source %s", source)
	}
	return w
}

// deliveries lists what could not be delivered, and reads one.
func (w *world) deliveries(t *testing.T, head string) {
	ctx := t.Context()
	ok(t, w.Await(ctx, func(v *emulator.View) bool { return v.PendingDeliveries() == 0 }))
	page, next, err := w.app.HookDeliveries(ctx, "")
	if err != nil || next != "" || len(page) == 0 {
		t.Fatalf("%d deliveries, next %q, %v", len(page), next, err)
	}
	for _, d := range page {
		payload := must(w.app.HookDeliveryPayload(ctx, d.ID))(t)
		if e := must(githubapp.ParseEvent(d.Event, payload))(t); d.Event == "push" {
			if push := e.(githubapp.Push); push.After != head || d.RepositoryID != w.repo.ID || d.GUID == "" || d.DeliveredAt.IsZero() {
				t.Errorf("delivery %+v of %+v", d, push)
			}
			return
		}
	}
	t.Error("the push is not listed")
}

func (w *world) checks(t *testing.T, head string) {
	ctx := t.Context()
	check := githubapp.Check{
		Name: "penstock / release / Build", ExternalID: "run-1/Build", DetailsURL: "http://127.0.0.1:8080/runs/1",
		Status: "in_progress", StartedAt: time.Now(), Title: "running", Summary: "| action |", Text: "log",
	}
	id := must(w.app.CreateCheck(ctx, w.repo, head, check))(t)
	found, there, err := w.app.FindCheck(ctx, w.repo, head, check.Name, check.ExternalID)
	if err != nil || !there || found.ID != id {
		t.Errorf("found %+v, %v, %v", found, there, err)
	}
	check.Status, check.Conclusion, check.EndedAt = "completed", "action_required", time.Now()
	check.Title, check.Text = "waiting", ""
	check.Actions = []githubapp.CheckAction{{Label: "Approve", Description: "Let it go on", Identifier: "approve"}}
	for i := range 70 {
		check.Annotations = append(check.Annotations, githubapp.Annotation{
			Path: ".penstock.yml", StartLine: i + 1, StartColumn: 2, Level: "failure", Message: fmt.Sprint(i), Title: "wrong",
		})
	}
	ok(t, w.app.UpdateCheck(ctx, w.repo, id, check))
	got, _ := w.CheckRun(id)
	if got.Conclusion != "action_required" || got.Title != "waiting" || got.Text != "" || len(got.Annotations) != 70 || len(got.Actions) != 1 {
		t.Errorf("the check shows %+v", got)
	}
	check.Conclusion, check.Annotations, check.Actions = "success", nil, nil
	ok(t, w.app.UpdateCheck(ctx, w.repo, id, check))
	if got, _ := w.CheckRun(id); got.Conclusion != "success" || len(got.Actions) != 0 || len(got.Annotations) != 70 {
		t.Errorf("the check shows %+v", got)
	}
	ok(t, w.app.CreateStatus(ctx, w.repo, head, githubapp.Status{
		Context: "penstock/release", State: "pending", Description: strings.Repeat("ä", 200), TargetURL: "http://127.0.0.1:8080/runs/1",
	}))
	if list := w.Statuses("octocat/shop", head); len(list) != 1 || list[0].State != "pending" {
		t.Errorf("statuses %+v", list)
	}
	err = w.app.CreateStatus(ctx, w.repo, sha, githubapp.Status{Context: "penstock/release", State: "pending"})
	callstest.WantKind(t, err, pipeline.Invalid)
}

func (w *world) comments(t *testing.T, number int) {
	ctx := t.Context()
	const marker = "<!-- penstock:gate:1 -->"
	must(w.Comment("octocat/shop", number, "hubot", marker+" me too"))(t)
	made := must(w.app.CreateComment(ctx, w.repo, number, marker+"\nwaiting"))(t)
	if !made.Author.Bot || made.CreatedAt.IsZero() {
		t.Errorf("made %+v", made)
	}
	if us := must(w.app.App(ctx))(t); us.BotID != w.bot.ID {
		t.Errorf("bot %d, want %d", us.BotID, w.bot.ID)
	}
	found, there, err := w.app.FindComment(ctx, w.repo, number, marker)
	if err != nil || !there || found.ID != made.ID {
		t.Errorf("found %+v, %v, %v", found, there, err)
	}
	must(w.app.EditComment(ctx, w.repo, made.ID, marker+"\napproved"))(t)
	list := must(w.app.ListComments(ctx, w.repo, number, time.Time{}))(t)
	if len(list) != 2 || list[1].Body != marker+"\napproved" {
		t.Errorf("comments %+v", list)
	}
	for range 2 {
		ok(t, w.app.React(ctx, w.repo, list[0].ID, githubapp.ReactionEyes))
	}
	if r := w.Reactions(list[0].ID); len(r) != 1 || r[0].Content != "eyes" {
		t.Errorf("reactions %+v", r)
	}
	ok(t, w.DeleteComment(made.ID, "octocat"))
	_, err = w.app.EditComment(ctx, w.repo, made.ID, "x")
	callstest.WantKind(t, err, pipeline.NotFound)
}

func (w *world) permissions(t *testing.T) {
	ctx := t.Context()
	hubot := w.user(t, "hubot")
	if p := must(w.app.Permission(ctx, w.repo, hubot))(t); p != pipeline.PermissionWrite {
		t.Errorf("hubot, who maintains, has %s", p)
	}
	// The login changes hands: octocat is not hubot, whatever they are called.
	ok(t, w.RenameUser("hubot", "hubot-old"))
	_, err := w.app.Permission(ctx, w.repo, hubot)
	callstest.WantKind(t, err, pipeline.NotFound)
	must(w.AddUser("hubot"))(t)
	ok(t, w.SetRole("octocat/shop", "hubot", emulator.RoleAdmin))
	p, err := w.app.Permission(ctx, w.repo, hubot)
	callstest.WantKind(t, err, pipeline.NotFound, "now belongs to account")
	if p != pipeline.PermissionNone {
		t.Errorf("another account's permission %s", p)
	}
	ok(t, w.SetRole("octocat/shop", "hubot", emulator.RoleNone))
	ok(t, w.RenameUser("hubot", "hubot-new"))
	ok(t, w.RenameUser("hubot-old", "hubot"))
}

func TestEmulatorTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx := t.Context()
	head := must(w.app.Head(ctx, w.repo, "main"))(t)
	status := githubapp.Status{Context: "penstock/release", State: "pending"}

	w.ExpireTokens()
	ok(t, w.app.CreateStatus(ctx, w.repo, head, status))

	w.UseStatelessTokens(true)
	w.ExpireTokens()
	ok(t, w.app.CreateStatus(ctx, w.repo, head, status))

	w.Inject(emulator.Match{Path: "/repos/*/*/statuses/*", Count: 1}, emulator.ServerError(502))
	err := w.app.CreateStatus(ctx, w.repo, head, status)
	callstest.WantKind(t, err, pipeline.Unavailable)

	w.Inject(emulator.Match{Path: "/repos/*/*/statuses/*", Count: 1}, emulator.LoseReply())
	err = w.app.CreateStatus(ctx, w.repo, head, status)
	callstest.WantKind(t, err, pipeline.Unavailable)

	w.Inject(emulator.Match{Path: "/repos/*/*/statuses/*", Count: 1}, emulator.TooManyRequests(30*time.Second))
	for range 3 {
		err = w.app.CreateStatus(ctx, w.repo, head, status)
		callstest.WantKind(t, err, pipeline.Unavailable)
		if wait, _ := calls.RetryAfter(err); wait <= 0 || wait > 30*time.Second {
			t.Errorf("wait %s", wait)
		}
	}

	ok(t, w.Uninstall(w.repo.Installation))
	w.app.Forget(w.repo.Installation) // the limit stays, and is not asked about without a token
	err = w.app.CreateStatus(ctx, w.repo, head, status)
	callstest.WantKind(t, err, pipeline.Forbidden)
	if !errors.Is(err, githubapp.ErrInstallation) || !errors.Is(err, githubapp.ErrGone) {
		t.Errorf("not ErrInstallation and ErrGone: %v", err)
	}
}
