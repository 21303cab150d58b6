package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

func TestCommentsAndReactions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pull(t, "feature")
	c, ctx := w.client(t), t.Context()

	asked := must(w.Comment(shop, 1, "octocat", "/approve"))(t)
	_, first, err := c.Reactions.CreateIssueCommentReaction(ctx, "octocat", "shop", asked.ID, "eyes")
	check(t, err)
	r, again, err := c.Reactions.CreateIssueCommentReaction(ctx, "octocat", "shop", asked.ID, "eyes")
	check(t, err)
	if first.StatusCode != 201 || again.StatusCode != 200 {
		t.Errorf("reaction answered %d, then %d", first.StatusCode, again.StatusCode)
	}
	_, _, err = c.Reactions.CreateIssueCommentReaction(ctx, "octocat", "shop", asked.ID, "rocket")
	check(t, err)
	_, err = c.Reactions.DeleteIssueCommentReaction(ctx, "octocat", "shop", asked.ID, r.GetID())
	check(t, err)
	want := []emulator.Reaction{{User: "penstock[bot]", Content: "rocket"}}
	got := w.Reactions(asked.ID)
	got[0].ID = 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	list, _, err := c.Reactions.ListIssueCommentReactions(ctx, "octocat", "shop", asked.ID, nil)
	check(t, err)
	if len(list) != 1 {
		t.Errorf("reactions: %v", list)
	}

	sticky, _, err := c.Issues.CreateComment(ctx, "octocat", "shop", 1, &github.IssueComment{Body: github.String("one")})
	check(t, err)
	if sticky.GetUser().GetLogin() != "penstock[bot]" || sticky.GetUser().GetType() != "Bot" || sticky.GetID() <= asked.ID {
		t.Errorf("comment: %+v", sticky)
	}
	_, _, err = c.Issues.EditComment(ctx, "octocat", "shop", sticky.GetID(), &github.IssueComment{Body: github.String("two")})
	check(t, err)
	read, _, err := c.Issues.GetComment(ctx, "octocat", "shop", sticky.GetID())
	check(t, err)
	comments, _, err := c.Issues.ListComments(ctx, "octocat", "shop", 1, nil)
	check(t, err)
	if read.GetBody() != "two" || len(comments) != 2 || comments[0].GetAuthorAssociation() != "OWNER" {
		t.Errorf("comments: %v", comments)
	}
	issue, _, err := c.Issues.Get(ctx, "octocat", "shop", 1)
	check(t, err)
	if !issue.IsPullRequest() || issue.GetComments() != 2 {
		t.Errorf("issue: %+v", issue)
	}
	_, err = c.Issues.DeleteComment(ctx, "octocat", "shop", sticky.GetID())
	check(t, err)
	if _, response, _ := c.Issues.GetComment(ctx, "octocat", "shop", sticky.GetID()); response.StatusCode != 404 {
		t.Errorf("deleted comment: %d", response.StatusCode)
	}
	check(t, w.EditComment(asked.ID, "octocat", "/reject no"))
	if err := w.EditComment(asked.ID, "monalisa", "mine"); err == nil {
		t.Error("a reader edited another's comment")
	}
	check(t, w.DeleteComment(asked.ID, "hubot"))
	w.settle(t)
	var events []string
	for _, h := range w.hooks.of("issue_comment") {
		e := h.parse(t).(*github.IssueCommentEvent)
		events = append(events, e.GetAction()+" by "+e.GetSender().GetLogin())
		if !e.GetIssue().IsPullRequest() {
			t.Error("the comment's issue is no pull request")
		}
	}
	if diff := cmp.Diff([]string{
		"created by octocat", "created by penstock[bot]", "edited by penstock[bot]", "deleted by penstock[bot]",
		"edited by octocat", "deleted by hubot",
	}, events); diff != "" {
		t.Error(diff)
	}
}

func TestCommentLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pull(t, "feature")
	post := func(token, body string) answered {
		return w.ask(t, http.MethodPost, "repos/octocat/shop/issues/1/comments", token, `{"body":"`+body+`"}`)
	}
	post(w.monalisa.Token, strings.Repeat("é", 65536)).want(t, 201, "")
	post(w.monalisa.Token, strings.Repeat("é", 65537)).want(t, 422, "Body is too long (maximum is 65536 characters)")
	post(w.monalisa.Token, "").want(t, 422, "missing_field")
	post("", "x").want(t, 401, "Requires authentication")
	post("ghp_wrong", "x").want(t, 401, "Bad credentials")
	reader := must(w.Token(w.installation.ID, emulator.Permissions{"pull_requests": "read"}))(t)
	post(reader, "x").want(t, 403, "Resource not accessible by integration")
	comment := must(w.Comment(shop, 1, "octocat", "x"))(t)
	path := "repos/octocat/shop/issues/comments/" + id(comment.ID)
	w.ask(t, http.MethodPatch, path, w.monalisa.Token, `{"body":"y"}`).want(t, 403, "")
	w.ask(t, http.MethodPost, path+"/reactions", w.monalisa.Token, `{"content":"shrug"}`).want(t, 422, "Reaction")
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sha := w.push(t, "feature")
	c, ctx := w.client(t), t.Context()
	set := func(state, name string) {
		t.Helper()
		_, _, err := c.Repositories.CreateStatus(ctx, "octocat", "shop", sha, &github.RepoStatus{
			State: &state, Context: &name, Description: github.String(strings.Repeat("é", 140)), TargetURL: github.String("http://127.0.0.1/run"),
		})
		check(t, err)
	}
	combined := func() string {
		t.Helper()
		s, _, err := c.Repositories.GetCombinedStatus(ctx, "octocat", "shop", "feature", nil)
		check(t, err)
		return s.GetState()
	}
	if got := combined(); got != "pending" {
		t.Errorf("without any: %s", got)
	}
	set("success", "a")
	set("pending", "b")
	if got := combined(); got != "pending" {
		t.Errorf("success and pending: %s", got)
	}
	set("error", "B") // contexts ignore case
	if got := combined(); got != "failure" {
		t.Errorf("success and error: %s", got)
	}
	all, _, err := c.Repositories.ListStatuses(ctx, "octocat", "shop", sha, nil)
	check(t, err)
	if len(all) != 3 || all[0].GetState() != "error" || len(w.Statuses(shop, sha)) != 2 || len(w.AllStatuses(shop, sha)) != 3 {
		t.Errorf("statuses: %v", all)
	}
	token := must(w.Token(w.installation.ID, nil))(t)
	post := func(sha, body string) answered {
		return w.ask(t, http.MethodPost, "repos/octocat/shop/statuses/"+sha, token, body)
	}
	post(sha, `{"state":"success","description":"`+strings.Repeat("x", 141)+`"}`).want(t, 422, "description is too long (maximum is 140 characters)")
	post(sha, `{"state":"splendid"}`).want(t, 422, "state is not included in the list")
	post(strings.Repeat("1", 40), `{"state":"success"}`).want(t, 422, "No commit found for SHA")
	post(sha, `{"state":"success","target_url":"javascript:alert(1)"}`).want(t, 422, "http(s)")
	w.ask(t, http.MethodPost, "repos/octocat/shop/statuses/"+sha, w.monalisa.Token, `{"state":"success"}`).want(t, 403, "")
}

func TestStatusCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sha := w.push(t, "feature")
	token := must(w.Token(w.installation.ID, nil))(t)
	for range 1000 {
		if a := w.ask(t, http.MethodPost, "repos/octocat/shop/statuses/"+sha, token, `{"state":"pending","context":"many"}`); a.status != 201 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	w.ask(t, http.MethodPost, "repos/octocat/shop/statuses/"+sha, token, `{"state":"success","context":"MANY"}`).want(t, 422, "maximum number of statuses")
	w.ask(t, http.MethodPost, "repos/octocat/shop/statuses/"+sha, token, `{"state":"success","context":"few"}`).want(t, 201, "")
}
