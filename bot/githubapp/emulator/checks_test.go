package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

func TestCheckRunLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pull(t, "feature")
	c, ctx := w.client(t), t.Context()

	run, _, err := c.Checks.CreateCheckRun(ctx, "octocat", "shop", github.CreateCheckRunOptions{
		Name: "penstock / release / Build", HeadSHA: p.HeadSHA, ExternalID: github.String("run-1"),
		Status: github.String("in_progress"), Output: &github.CheckRunOutput{Title: github.String("Building"), Summary: github.String("")},
	})
	check(t, err)
	if run.GetStatus() != "in_progress" || run.Conclusion != nil || len(run.PullRequests) != 1 || run.GetApp().GetID() != w.app.ID {
		t.Errorf("created: %+v", run)
	}
	annotations := func(n int) []*github.CheckRunAnnotation {
		var list []*github.CheckRunAnnotation
		for range n {
			list = append(list, &github.CheckRunAnnotation{
				Path: github.String("README.md"), StartLine: github.Int(1), EndLine: github.Int(1),
				AnnotationLevel: github.String("failure"), Message: github.String("no"),
			})
		}
		return list
	}
	for range 2 {
		_, _, err = c.Checks.UpdateCheckRun(ctx, "octocat", "shop", run.GetID(), github.UpdateCheckRunOptions{
			Name: run.GetName(), Output: &github.CheckRunOutput{
				Title: github.String("Still building"), Summary: github.String("s"), Annotations: annotations(50),
			},
		})
		check(t, err)
	}
	run, _, err = c.Checks.UpdateCheckRun(ctx, "octocat", "shop", run.GetID(), github.UpdateCheckRunOptions{
		Name: run.GetName(), Conclusion: github.String("action_required"),
		Actions: []*github.CheckRunAction{{Label: "Approve", Description: "Let it go on", Identifier: "approve"}},
	})
	check(t, err)
	if run.GetStatus() != "completed" || run.GetOutput().GetAnnotationsCount() != 100 || run.CompletedAt == nil {
		t.Errorf("completed: %+v", run)
	}
	list, response, err := c.Checks.ListCheckRunAnnotations(ctx, "octocat", "shop", run.GetID(), &github.ListOptions{PerPage: 30})
	check(t, err)
	if len(list) != 30 || response.NextPage != 2 || response.LastPage != 4 {
		t.Errorf("annotations: %d, pages %+v", len(list), response)
	}

	same, _, err := c.Checks.GetCheckRun(ctx, "octocat", "shop", run.GetID())
	check(t, err)
	if same.GetConclusion() != "action_required" {
		t.Errorf("read: %+v", same)
	}
	check(t, w.ClickCheckAction(run.GetID(), "approve", "octocat"))
	if err := w.ClickCheckAction(run.GetID(), "approve", "monalisa"); err == nil {
		t.Error("a reader pressed a button")
	}
	check(t, w.RerequestCheckRun(run.GetID(), "hubot"))
	check(t, w.RerequestCheckSuite(run.GetCheckSuite().GetID(), "hubot"))
	_, err = c.Checks.ReRequestCheckRun(ctx, "octocat", "shop", run.GetID())
	check(t, err)
	w.settle(t)
	var actions []string
	for _, h := range w.hooks.of("check_run") {
		e := h.parse(t).(*github.CheckRunEvent)
		actions = append(actions, e.GetAction())
		if e.GetAction() == "requested_action" && (e.RequestedAction.Identifier != "approve" || e.GetSender().GetLogin() != "octocat") {
			t.Errorf("button: %+v", e)
		}
	}
	if got := strings.Join(actions, " "); got != "created completed requested_action rerequested rerequested" {
		t.Error("check_run events:", got)
	}
	suites := w.hooks.of("check_suite")
	if e := suites[len(suites)-1].parse(t).(*github.CheckSuiteEvent); e.GetAction() != "rerequested" {
		t.Errorf("check_suite event: %+v", e)
	}
	seen, ok := w.CheckRun(run.GetID())
	if !ok || seen.Conclusion != "action_required" || len(seen.Actions) != 1 || seen.ExternalID != "run-1" || seen.Updates != 3 {
		t.Errorf("asked: %+v", seen)
	}
}

func TestCheckRunsOfACommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, ctx := w.client(t), t.Context()
	sha := w.push(t, "feature")
	for _, name := range []string{"a", "b", "a"} {
		_, _, err := c.Checks.CreateCheckRun(ctx, "octocat", "shop", github.CreateCheckRunOptions{Name: name, HeadSHA: sha})
		check(t, err)
	}
	for _, tt := range []struct {
		name string
		o    github.ListCheckRunsOptions
		want int
	}{
		{"latest", github.ListCheckRunsOptions{}, 2},
		{"all", github.ListCheckRunsOptions{Filter: github.String("all")}, 3},
		{"by name", github.ListCheckRunsOptions{CheckName: github.String("b")}, 1},
		{"by app", github.ListCheckRunsOptions{AppID: github.Int64(w.app.ID)}, 2},
		{"by another app", github.ListCheckRunsOptions{AppID: github.Int64(1)}, 0},
		{"by status", github.ListCheckRunsOptions{Status: github.String("completed")}, 0},
	} {
		list, _, err := c.Checks.ListCheckRunsForRef(ctx, "octocat", "shop", "feature", &tt.o)
		check(t, err)
		if len(list.CheckRuns) != tt.want || list.GetTotal() != tt.want {
			t.Errorf("%s: %d runs, want %d", tt.name, len(list.CheckRuns), tt.want)
		}
	}
	suites, _, err := c.Checks.ListCheckSuitesForRef(ctx, "octocat", "shop", sha, nil)
	check(t, err)
	if len(suites.CheckSuites) != 1 || suites.CheckSuites[0].GetHeadBranch() != "feature" {
		t.Fatalf("suites: %+v", suites)
	}
	id := suites.CheckSuites[0].GetID()
	suite, _, err := c.Checks.GetCheckSuite(ctx, "octocat", "shop", id)
	check(t, err)
	if suite.GetStatus() != "in_progress" {
		t.Errorf("suite: %+v", suite)
	}
	runs, _, err := c.Checks.ListCheckRunsCheckSuite(ctx, "octocat", "shop", id, nil)
	check(t, err)
	if runs.GetTotal() != 2 {
		t.Errorf("runs of the suite: %d", runs.GetTotal())
	}
	_, err = c.Checks.ReRequestCheckSuite(ctx, "octocat", "shop", id)
	check(t, err)
}

func TestCheckRunLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sha := w.push(t, "feature")
	token := must(w.Token(w.installation.ID, nil))(t)
	head := `"name":"a","head_sha":"` + sha + `"`
	output := func(s string) string { return head + `,"output":{"title":"t",` + s + `}` }
	note := `{"path":"a","start_line":1,"end_line":1,"annotation_level":"failure","message":"m"}`
	action := func(label, description, identifier string) string {
		return `{"label":"` + label + `","description":"` + description + `","identifier":"` + identifier + `"}`
	}
	fine := action("l", "d", "i")
	for _, tt := range []struct {
		name, body, want string
		status           int
	}{
		{"no name", `"head_sha":"` + sha + `"`, `"name" wasn't supplied`, 422},
		{"no head_sha", `"name":"a"`, `"head_sha" wasn't supplied`, 422},
		{"unknown head_sha", `"name":"a","head_sha":"` + strings.Repeat("1", 40) + `"`, "No commit found for SHA", 422},
		{"summary as long as may be", output(`"summary":"` + strings.Repeat("é", 65535) + `"`), "", 201},
		{"summary too long", output(`"summary":"` + strings.Repeat("é", 65536) + `"`), "Only 65535 characters are allowed; 65536 were supplied.", 422},
		{"text too long", output(`"summary":"","text":"` + strings.Repeat("x", 65536) + `"`), "Only 65535 characters", 422},
		{"no summary", output(`"text":""`), `"summary" wasn't supplied`, 422},
		{"50 annotations", output(`"summary":"","annotations":[` + strings.Repeat(note+",", 49) + note + `]`), "", 201},
		{"51 annotations", output(`"summary":"","annotations":[` + strings.Repeat(note+",", 50) + note + `]`), "Only 50 items are allowed; 51 were supplied.", 422},
		{"unknown level", output(`"summary":"","annotations":[` + strings.Replace(note, "failure", "loud", 1) + `]`), "is not a member of", 422},
		{"columns over lines", output(`"summary":"","annotations":[{"path":"a","start_line":1,"end_line":2,"start_column":1,"annotation_level":"notice","message":"m"}]`), "start_column", 422},
		{"three actions", head + `,"actions":[` + fine + "," + fine + "," + fine + `]`, "", 201},
		{"four actions", head + `,"actions":[` + fine + "," + fine + "," + fine + "," + fine + `]`, "Only 3 items", 422},
		{"label too long", head + `,"actions":[` + action(strings.Repeat("l", 21), "d", "i") + `]`, "Only 20 characters", 422},
		{"description too long", head + `,"actions":[` + action("l", strings.Repeat("d", 41), "i") + `]`, "Only 40 characters", 422},
		{"identifier too long", head + `,"actions":[` + action("l", "d", strings.Repeat("i", 21)) + `]`, "Only 20 characters", 422},
		{"completed without a conclusion", head + `,"status":"completed"`, `"conclusion" wasn't supplied`, 422},
		{"unknown status", head + `,"status":"waiting"`, "is not a member of", 422},
		{"unknown conclusion", head + `,"conclusion":"stale"`, "is not a member of", 422},
		{"wrong type", head + `,"external_id":5`, "not of the right type", 422},
		{"no JSON", head + `,`, "Problems parsing JSON", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer := w.ask(t, http.MethodPost, "repos/octocat/shop/check-runs", token, "{"+tt.body+"}")
			answer.want(t, tt.status, tt.want)
		})
	}
	answer := w.ask(t, http.MethodPost, "repos/octocat/shop/check-runs", w.octocat.Token, "{"+head+"}")
	answer.want(t, 403, "You must authenticate via a GitHub App")
	reader := must(w.Token(w.installation.ID, emulator.Permissions{"checks": "read"}))(t)
	w.ask(t, http.MethodPost, "repos/octocat/shop/check-runs", reader, "{"+head+"}").want(t, 403, "Resource not accessible by integration")
}

func TestChecksBelongToTheirApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sha := w.push(t, "feature")
	c := w.client(t)
	run, _, err := c.Checks.CreateCheckRun(t.Context(), "octocat", "shop", github.CreateCheckRunOptions{Name: "a", HeadSHA: sha})
	check(t, err)
	other := must(w.AddApp(emulator.NewApp{Slug: "other", Owner: "monalisa", Key: must(appKey())(t)}))(t)
	inst := must(w.Install(other.ID, "octocat", shop))(t)
	token := must(w.Token(inst.ID, nil))(t)
	path := "repos/octocat/shop/check-runs/" + id(run.GetID())
	w.ask(t, http.MethodPatch, path, token, `{"name":"b"}`).want(t, 403, "can only be modified by the GitHub App that created it")
}
