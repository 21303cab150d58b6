package emulator_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"
)

// browse reads a page.
func (w *world) browse(t *testing.T, address string) string {
	t.Helper()
	return readPage(t, must(http.Get(address))(t), 200)
}

// submit sends a form and follows it.
func (w *world) submit(t *testing.T, path string, status int, fields ...string) string {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return readPage(t, must(http.PostForm(w.URL()+path, form))(t), status)
}

func readPage(t *testing.T, response *http.Response, status int) string {
	t.Helper()
	defer response.Body.Close()
	body := must(io.ReadAll(response.Body))(t)
	if response.StatusCode != status {
		t.Fatalf("%s: %s\n%s", response.Request.URL, response.Status, body)
	}
	return string(body)
}

func contains(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("page lacks %q", text)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.push(t, "feature")
	contains(t, w.browse(t, w.URL()), `href="/octocat/shop"`)
	contains(t, w.browse(t, w.repo.HTMLURL), "feature", "Initial commit", "Open a pull request")
	page := w.submit(t, "/octocat/shop/pulls", 200, "head", "feature", "title", "By form", "as", "hubot")
	contains(t, page, "By form", "<strong>hubot</strong> wants to merge")
	p, _ := w.PullRequest(shop, 1)

	c := w.client(t)
	run, _, err := c.Checks.CreateCheckRun(t.Context(), "octocat", "shop", github.CreateCheckRunOptions{
		Name: "gate", HeadSHA: p.HeadSHA, Conclusion: github.String("action_required"), DetailsURL: github.String("http://127.0.0.1/details"),
		Output:  &github.CheckRunOutput{Title: github.String("Waiting"), Summary: github.String("| a | b |\n|---|---|\n| 1 | <script>x</script> |")},
		Actions: []*github.CheckRunAction{{Label: "Approve", Description: "go", Identifier: "approve"}},
	})
	check(t, err)
	_, _, err = c.Repositories.CreateStatus(t.Context(), "octocat", "shop", p.HeadSHA, &github.RepoStatus{
		State: github.String("pending"), Context: github.String("penstock/release"), Description: github.String("waits"),
	})
	check(t, err)
	contains(t, w.browse(t, p.HTMLURL), "gate", "Waiting", "<td>1</td>", "&lt;script&gt;x", "Approve", "http://127.0.0.1/details", "penstock/release", "waits")
	contains(t, w.browse(t, run.GetHTMLURL()), "gate")

	page = w.submit(t, "/octocat/shop/pull/1/comment", 200, "body", "/approve <!-- not seen -->", "as", "octocat")
	contains(t, page, "<p>/approve")
	if strings.Contains(page, "not seen") {
		t.Error("an HTML comment is shown")
	}
	_, _, err = c.Reactions.CreateIssueCommentReaction(t.Context(), "octocat", "shop", w.Comments(shop, 1)[0].ID, "rocket")
	check(t, err)
	contains(t, w.browse(t, p.HTMLURL), "🚀 rocket 1")
	w.submit(t, "/octocat/shop/runs/"+id(run.GetID())+"/action", 200, "identifier", "approve", "as", "octocat")
	w.submit(t, "/octocat/shop/runs/"+id(run.GetID())+"/rerequest", 200, "as", "hubot")
	w.submit(t, "/octocat/shop/suites/"+id(w.Suites(shop, p.HeadSHA)[0])+"/rerequest", 200, "as", "hubot")
	contains(t, w.submit(t, "/octocat/shop/pull/1/merge", 422, "as", "monalisa"), "monalisa has no write access")
	w.submit(t, "/octocat/shop/pull/1/close", 200, "as", "hubot")
	w.submit(t, "/octocat/shop/pull/1/reopen", 200, "as", "hubot")
	contains(t, w.submit(t, "/octocat/shop/pull/1/merge", 200, "method", "squash", "as", "octocat"), "merged by <strong>octocat</strong>")
	contains(t, w.browse(t, w.repo.HTMLURL+"/commit/"+w.tip(t, "main")), "By form (#1)", "feature.txt")
	contains(t, w.browse(t, w.repo.HTMLURL+"/compare/main...feature"), "Work on feature")
	contains(t, w.browse(t, w.repo.HTMLURL+"/blob/main/README.md"), "# shop")
	readPage(t, must(http.Get(w.URL()+"/octocat/none"))(t), 404)
	w.settle(t)
	var actions []string
	for _, h := range w.hooks.of("check_run") {
		actions = append(actions, h.parse(t).(*github.CheckRunEvent).GetAction())
	}
	if got := strings.Join(actions, " "); got != "created completed requested_action rerequested" {
		t.Error("check_run events:", got)
	}
}

func TestWhoYouAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pull(t, "feature")
	jar := map[string]string{}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(path string, form url.Values) *http.Response {
		r := must(http.NewRequest(http.MethodPost, w.URL()+path, strings.NewReader(form.Encode())))(t)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for name, value := range jar {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		response := must(client.Do(r))(t)
		_ = response.Body.Close()
		for _, cookie := range response.Cookies() {
			jar[cookie.Name] = cookie.Value
		}
		return response
	}
	post("/octocat/shop/pull/1/comment", url.Values{"body": {"as the first"}})
	post("/-/as", url.Values{"as": {"monalisa"}})
	post("/octocat/shop/pull/1/comment", url.Values{"body": {"as chosen"}})
	got := ""
	for _, c := range w.Comments(shop, 1) {
		got += c.Author + " "
	}
	if got != "octocat monalisa " {
		t.Errorf("comments by %s", got)
	}
}

func TestProposals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	home := func() string { return w.browse(t, w.repo.HTMLURL) }
	offered := func(want ...string) {
		t.Helper()
		var got []string
		page := home()
		for _, branch := range []string{"main", "same", "one", "two"} {
			if strings.Contains(page, `name="head" value="`+branch+`"`) {
				got = append(got, branch)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("branches offered (-want +got):\n%s", d)
		}
	}
	check(t, w.SetBranch(shop, "same", "main", "hubot"))
	offered()
	w.push(t, "one")
	w.push(t, "two")
	w.push(t, "two")
	offered("one", "two")
	contains(t, home(), `name="title" value="Work on one"`, `name="title" value="two"`)
	page := w.submit(t, "/octocat/shop/pulls", 200, "head", "one", "as", "hubot")
	contains(t, page, "<h1>Work on one <span", "No checks yet")
	offered("two")
	check(t, w.ClosePullRequest(shop, 1, "hubot"))
	offered("one", "two")
	check(t, w.ReopenPullRequest(shop, 1, "hubot"))
	must(w.Merge(shop, 1, "squash", "octocat"))(t)
	offered("two")
	w.push(t, "one")
	offered("one", "two")
}

// The page's Merge box tells about the commit that counts.
func TestMergeBox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.pull(t, "feature")
	report := func(sha, state string) {
		t.Helper()
		_, _, err := w.client(t).Repositories.CreateStatus(t.Context(), "octocat", "shop", sha,
			&github.RepoStatus{State: github.String(state), Context: github.String("penstock/release")})
		check(t, err)
	}
	for _, step := range []struct{ state, want string }{
		{"pending", "Some checks are not finished yet"}, {"failure", "Some checks were not successful"}, {"success", "All checks have passed"},
	} {
		report(p.HeadSHA, step.state)
		contains(t, w.browse(t, p.HTMLURL), step.want+".")
	}
	must(w.Merge(shop, p.Number, "merge", "octocat"))(t)
	contains(t, w.browse(t, p.HTMLURL), "No checks yet on that commit.")
	report(w.tip(t, "main"), "pending")
	contains(t, w.browse(t, p.HTMLURL), "Some checks are not finished yet on that commit.")
}

// A page somewhere else cannot act through the browser of who has this one open.
func TestForeignPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pull(t, "feature")
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://elsewhere.example"} {
		r := must(http.NewRequest(http.MethodPost, w.URL()+"/octocat/shop/pull/1/comment", strings.NewReader("body=hello")))(t)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(name, value)
		readPage(t, must(http.DefaultClient.Do(r))(t), http.StatusForbidden)
	}
	if list := w.Comments(shop, 1); len(list) != 0 {
		t.Errorf("comments: %v", list)
	}
}
