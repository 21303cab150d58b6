package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
)

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// form is the form of the open gate, as the page of the run shows it.
func (b *browser) form(t *testing.T) url.Values {
	t.Helper()
	body := b.get("/runs/" + runID).body
	_, rest, found := strings.Cut(body, `<form class="vote"`)
	if !found {
		t.Fatalf("no form on the page:\n%s", body)
	}
	form, _, _ := strings.Cut(rest, "</form>")
	values := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(form, -1) {
		values.Set(field[1], field[2])
	}
	return values
}

func with(form url.Values, pairs ...string) url.Values {
	changed := url.Values{}
	for name, values := range form {
		changed[name] = slices.Clone(values)
	}
	for i := 0; i < len(pairs); i += 2 {
		changed.Set(pairs[i], pairs[i+1])
	}
	return changed
}

const votePath = "/runs/" + runID + "/vote"

// Who is logged in votes on the page: as who they are, on the gate and the commit
// that they were shown, and the page says so.
func TestVoteOnThePage(t *testing.T) {
	t.Parallel()
	s, done := newCommands(t)
	b := s.browser(t).login("octocat")
	form := b.form(t)
	p := b.post(votePath, with(form, "verdict", "Approve", "reason", " numbers are fine "))
	if p.status != http.StatusSeeOther || p.to() != "/runs/"+runID+"#gate-approve-1" {
		t.Fatalf("%d %q\n%s", p.status, p.to(), p.body)
	}
	p = b.post(votePath, with(b.form(t), "verdict", "Reject", "reason", "not on a Friday"))
	if p.status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", p.status, p.body)
	}
	want := []any{
		pipeline.Ballot{Gate: "Release/approve", SHA: sha, Verdict: pipeline.Approve, Reason: "numbers are fine"},
		pipeline.Ballot{Gate: "Release/approve", SHA: sha, Verdict: pipeline.Reject, Reason: "not on a Friday"},
	}
	if diff := cmp.Diff(want, done.what); diff != "" {
		t.Error(diff)
	}
	one, two := done.who[0], done.who[1]
	if one.By.Login != "octocat" || one.By.ID == 0 || one.Door != pipeline.DoorPage || one.Key == "" || one.Key == two.Key {
		t.Errorf("asked by %+v and %+v", one, two)
	}
	// The same form sent again is the same vote: it bears the same key.
	b.post(votePath, with(form, "verdict", "Approve", "reason", "numbers are fine"))
	if done.who[2].Key != one.Key {
		t.Errorf("a form that is sent again has the key %q, not %q", done.who[2].Key, one.Key)
	}
	// Another's copy of it is theirs.
	hubot := s.browser(t).login("hubot")
	hubot.post(votePath, with(form, "verdict", "Approve", "csrf", hubot.csrf()))
	if last := done.who[3]; last.By.Login != "hubot" || last.Key == one.Key {
		t.Errorf("asked by %+v", last)
	}
}

// Forms that are not from this page, in this session, do nothing.
func TestForgedVotes(t *testing.T) {
	t.Parallel()
	s, done := newCommands(t)
	b := s.browser(t).login("octocat")
	right := with(b.form(t), "verdict", "Approve")
	other := s.browser(t).login("octocat")
	logged := s.browser(t)
	token := s.token(t, "octocat", pipeline.ScopeWrite)
	for name, test := range map[string]struct {
		page   page
		status int
	}{
		"without a CSRF token":              {b.post(votePath, with(right, "csrf", "")), 403},
		"with that of another session":      {b.post(votePath, with(right, "csrf", other.csrf())), 403},
		"with everything in the address":    {b.post(votePath+"?"+right.Encode(), nil), 403},
		"from another site":                 {b.post(votePath, right, header("Origin", "https://evil.example"), header("Sec-Fetch-Site", "cross-site")), 403},
		"from another site, an old browser": {b.post(votePath, right, header("Origin", "https://evil.example"), without("Sec-Fetch-Site")), 403},
		"from a sandboxed frame":            {b.post(votePath, right, header("Origin", "null"), without("Sec-Fetch-Site")), 403},
		"from nowhere":                      {b.post(votePath, right, without("Origin", "Sec-Fetch-Site")), 403},
		"by a link":                         {b.get(votePath + "?" + right.Encode()), 405},
		"by nobody":                         {logged.post(votePath, right), 401},
		"with a token instead of a session": {logged.post(votePath, right, header("Authorization", "Bearer "+token)), 403},
		"without its key":                   {b.post(votePath, with(right, "key", "")), 422},
		"with another word for a verdict":   {b.post(votePath, with(right, "verdict", "Override")), 422},
		"without a verdict":                 {b.post(votePath, with(right, "verdict", "")), 422},
		"for another gate":                  {b.post(votePath, with(right, "gate", "compile-1")), 422},
		"for a gate of another run":         {b.post("/runs/"+endedID+"/vote", right), 422},
		"for a run that is not there":       {b.post("/runs/"+noRun+"/vote", right), 404},
		"a rejection that says nothing":     {b.post(votePath, with(right, "verdict", "Reject", "reason", "  ")), 422},
		"a reason of several lines":         {b.post(votePath, with(right, "reason", "a\nb")), 422},
		"a reason without an end":           {b.post(votePath, with(right, "reason", strings.Repeat("x", 1001))), 422},
	} {
		if test.page.status != test.status {
			t.Errorf("%s: %d, want %d\n%s", name, test.page.status, test.status, test.page.body)
		}
	}
	if len(done.what) != 0 {
		t.Errorf("counted: %+v", done.what)
	}
}

// Who may not see a run learns nothing by voting on it, and votes on nothing.
func TestVoteOfSomebodyWithoutAccess(t *testing.T) {
	t.Parallel()
	s, done := newCommands(t)
	form := with(s.browser(t).login("octocat").form(t), "verdict", "Approve")
	b := s.browser(t).login("monalisa")
	here, nowhere := b.post(votePath, with(form, "csrf", b.csrf())), b.post("/runs/"+noRun+"/vote", with(form, "csrf", b.csrf()))
	if here.status != 404 || here.body != nowhere.body || len(done.what) != 0 {
		t.Errorf("%d, %v\n%s", here.status, done.what, here.body)
	}
}

// A vote that is not counted says why on the page, where the reason that was written
// still stands.
func TestRefusedVote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		err    error
		status int
		has    string
	}{
		{"by the rules", pipeline.Errorf(pipeline.Conflict, "the vote of octocat on Release/approve is not counted: octocat is the <merger> of this change"), 409, "octocat is the &lt;merger&gt; of this change."},
		{"for want of a right", pipeline.Errorf(pipeline.Forbidden, "octocat may not"), 403, "octocat may not."},
		{"because GitHub is away", pipeline.Errorf(pipeline.Unavailable, "GitHub answers 502 to ghs_token"), 503, "nothing was counted"},
		{"by trouble", http.ErrAbortHandler, 500, "cannot be shown now"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, done := newCommands(t)
			done.err = test.err
			b := s.browser(t).login("octocat")
			p := b.post(votePath, with(b.form(t), "verdict", "Approve", "reason", `because "I" say so`))
			if p.status != test.status || !strings.Contains(p.body, test.has) || strings.Contains(p.body, "ghs_token") {
				t.Fatalf("%d\n%s", p.status, p.body)
			}
			if test.status == 500 {
				return
			}
			if !strings.Contains(p.body, `value="because &#34;I&#34; say so"`) || !strings.Contains(p.body, "Not counted.") || strings.Contains(p.body, "data-refresh") {
				t.Errorf("what was written is gone, or the sentence would be:\n%s", p.body)
			}
			checkStrict(t, p.body)
		})
	}
}

// The page shows the same facts as check and comment, and to whom they are about.
func TestGateOnThePage(t *testing.T) {
	t.Parallel()
	s, _ := newCommands(t)
	e := *s.house.runs[runID]
	e.Repository.WebURL = "https://github.com/octo-org/shop"
	b := s.browser(t).login("octocat")
	who := must(s.app.Account(t.Context(), s.shop, "octocat"))(t)
	gate := *e.Stages[1].Actions[0].Approval
	gate.Policy.PreventSelfApproval = true
	gate.Policy.Waived = []string{"1 of team dba, for changes of db/**"}
	gate.Brief = &pipeline.Brief{
		Base: sha, BaseNumber: 41, Files: 12, CompareURL: "https://github.com/octo-org/shop/compare/a...b", More: 7,
		Commits:    []pipeline.BriefCommit{{SHA: sha, Title: "Add a <cart>\u202e", Author: "octocat", PullRequest: 7, PullTitle: "A cart"}},
		Flagged:    []string{"db/007.sql"},
		Involved:   []pipeline.Involved{{Actor: pipeline.Actor{ID: who.ID, Login: "octocat"}, Roles: []pipeline.Role{pipeline.RoleAuthor}}},
		Unresolved: []string{"Mona <mona@example.com>"}, Missing: []string{pipeline.MissingDetails},
	}
	e.Stages = slices.Clone(e.Stages)
	e.Stages[1].Actions = slices.Clone(e.Stages[1].Actions)
	e.Stages[1].Actions[0].Approval = &gate
	s.house.mu.Lock()
	s.house.runs[runID] = &e
	s.house.mu.Unlock()
	body := b.get("/runs/" + runID).body
	for _, has := range []string{
		"3 approvals by people with write access", "<b>hubot-owner</b>", "2 missing", "Cannot approve, having a hand in the change: <b>octocat</b>",
		"author of the pull request", "Mona &lt;mona@example.com&gt;", "1 of team dba, for changes of db/**", "details of the change",
		`<a href="https://github.com/octo-org/shop/compare/a...b" rel="noreferrer noopener">8 commits since #41</a>, 12 files`,
		"Add a &lt;cart&gt;", `href="https://github.com/octo-org/shop/pull/7"`, "<code>db/007.sql</code>", "and 7 more",
		"You have a hand in this change (author of the pull request)",
	} {
		if !strings.Contains(body, has) {
			t.Errorf("no %q in\n%s", has, body)
		}
	}
	if strings.Contains(body, "\u202e") {
		t.Error("what turns the direction of a text round is shown")
	}
	checkStrict(t, body)
	if strings.Contains(s.browser(t).login("hubot").get("/runs/"+runID).body, "You have a hand") {
		t.Error("somebody else is told that they have a hand in it")
	}
}

// Without a login nobody is known, so nobody votes here; the page says how to answer.
func TestNoVotesWithoutALogin(t *testing.T) {
	t.Parallel()
	h := newHouse()
	base, _ := serve(t, h)
	_, _, body := get(t, base+"/runs/"+runID)
	if strings.Contains(body, "<form") || !strings.Contains(body, "To answer, write <code>/approve Release/approve 4f2c9d1</code>") {
		t.Errorf("the page says\n%s", body)
	}
	answer, err := http.PostForm(base+votePath, url.Values{"verdict": {"Approve"}, "gate": {"approve-1"}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("a vote gets %d", answer.StatusCode)
	}
}
