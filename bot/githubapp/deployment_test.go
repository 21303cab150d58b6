package githubapp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// deploy shows a deployment of a commit whose status is not green, from a branch that
// is behind: neither is GitHub's to judge.
func (w *world) deploy(t *testing.T, head string) {
	ctx := t.Context()
	d := githubapp.Deployment{SHA: head, Environment: "staging eu/1", Key: "run-1/Deploy", Description: strings.Repeat("ä", 200), Transient: true}
	ok(t, w.app.CreateStatus(ctx, w.repo, head, githubapp.Status{Context: "penstock/release", State: "failure"}))
	if _, found, err := w.app.FindDeployment(ctx, w.repo, d); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
	id := must(w.app.CreateDeployment(ctx, w.repo, d))(t)
	if got, found, err := w.app.FindDeployment(ctx, w.repo, d); got != id || !found || err != nil {
		t.Errorf("found %d, %v, %v; made %d", got, found, err, id)
	}
	for _, s := range []githubapp.DeploymentStatus{
		{State: "in_progress", LogURL: "http://127.0.0.1:8080/runs/1", Description: strings.Repeat("ö", 200)},
		{State: "success", EnvironmentURL: "https://staging.example.com"},
	} {
		ok(t, w.app.CreateDeploymentStatus(ctx, w.repo, id, s))
	}
	list := w.Deployments("octocat/shop")
	if len(list) != 1 || list[0].SHA != head || list[0].Environment != d.Environment || !list[0].Transient || list[0].Production || list[0].Creator != w.bot.Login {
		t.Fatalf("deployments %+v", list)
	}
	var statuses []string
	for _, s := range list[0].Statuses {
		statuses = append(statuses, fmt.Sprint(s.State, s.LogURL, s.EnvironmentURL, len([]rune(s.Description))))
	}
	if d := cmp.Diff([]string{"in_progresshttp://127.0.0.1:8080/runs/1140", "successhttps://staging.example.com0"}, statuses); d != "" {
		t.Error(d)
	}
	next := must(w.app.CreateDeployment(ctx, w.repo, githubapp.Deployment{SHA: head, Environment: d.Environment, Key: "run-2/Deploy"}))(t)
	ok(t, w.app.CreateDeploymentStatus(ctx, w.repo, next, githubapp.DeploymentStatus{State: "success"}))
	callstest.WantKind(t, w.app.CreateDeploymentStatus(ctx, w.repo, id, githubapp.DeploymentStatus{State: "success", EnvironmentURL: "javascript:alert(1)"}), pipeline.Invalid, "http(s)")
	callstest.WantKind(t, w.app.CreateDeploymentStatus(ctx, w.repo, 1, githubapp.DeploymentStatus{State: "success"}), pipeline.NotFound)
	d.SHA = sha
	_, err := w.app.CreateDeployment(ctx, w.repo, d)
	callstest.WantKind(t, err, pipeline.Invalid, "No ref found")
	for _, d := range []githubapp.Deployment{{SHA: head, Environment: "e"}, {SHA: head, Key: "k"}, {SHA: "main", Environment: "e", Key: "k"}} {
		_, err := w.app.CreateDeployment(ctx, w.repo, d)
		callstest.WantKind(t, err, pipeline.Invalid)
		_, _, err = w.app.FindDeployment(ctx, w.repo, d)
		callstest.WantKind(t, err, pipeline.Invalid)
	}
}

// A deployment whose creation was never answered is found again; what others have made
// with the same key, for another commit or environment is not taken for it.
func TestFindDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx := t.Context()
	head := must(w.app.Head(ctx, w.repo, "main"))(t)
	d := githubapp.Deployment{SHA: head, Environment: "production", Key: "run-1/Deploy"}
	stranger := must(w.AddApp(emulator.NewApp{Slug: "stranger", Owner: "octocat", WebhookURL: "http://127.0.0.1:1/"}))(t)
	must(w.Install(stranger.ID, "octocat"))(t)
	other := must(githubapp.New(githubapp.Options{AppID: stranger.ID, PrivateKey: stranger.PrivateKey, APIURL: w.APIURL()}))(t)
	t.Cleanup(other.Close)
	theirs := w.repo
	for _, i := range must(other.Installed(ctx))(t) {
		theirs.Installation = i.ID
	}
	must(other.CreateDeployment(ctx, theirs, d))(t)
	must(w.app.CreateDeployment(ctx, w.repo, githubapp.Deployment{SHA: head, Environment: "staging", Key: d.Key}))(t)
	must(w.app.CreateDeployment(ctx, w.repo, githubapp.Deployment{SHA: head, Environment: "production", Key: "run-1"}))(t)
	if id, found, err := w.app.FindDeployment(ctx, w.repo, d); found || err != nil {
		t.Errorf("found %d, %v", id, err)
	}
	w.Inject(emulator.Match{Method: http.MethodPost, Path: "/repos/*/*/deployments", Count: 1}, emulator.LoseReply())
	_, err := w.app.CreateDeployment(ctx, w.repo, d)
	callstest.WantKind(t, err, pipeline.Unavailable)
	id, found, err := w.app.FindDeployment(ctx, w.repo, d)
	if all := w.Deployments("octocat/shop"); err != nil || !found || id != all[len(all)-1].ID {
		t.Errorf("found %d, %v, %v", id, found, err)
	}
	for range 110 { // more than a page of them
		must(other.CreateDeployment(ctx, theirs, d))(t)
	}
	if again, found, err := w.app.FindDeployment(ctx, w.repo, d); again != id || !found || err != nil {
		t.Errorf("found %d, %v, %v", again, found, err)
	}
	callstest.WantKind(t, w.app.CreateDeploymentStatus(ctx, w.repo, id, githubapp.DeploymentStatus{State: "done"}), pipeline.Invalid, "not included")
	app, _ := w.App("penstock")
	ok(t, w.ChangeApp(app.ID, emulator.Permissions{"metadata": "read", "deployments": "read"}))
	ok(t, w.AcceptPermissions(w.repo.Installation))
	_, err = w.app.CreateDeployment(ctx, w.repo, d)
	callstest.WantKind(t, err, pipeline.Forbidden, "deployments: write")
}
