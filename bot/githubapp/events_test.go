package githubapp_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	zeros      = "0000000000000000000000000000000000000000"
	repository = `"repository":{"id":77,"name":"shop","owner":{"login":"octocat","id":1},"default_branch":"main",
		"clone_url":"https://github.com/octocat/shop.git","html_url":"https://GitHub.com/octocat/shop","pushed_at":%s,
		"created_at":"2018-05-30 20:18:04","updated_at":{}}`
	common = `"installation":{"id":5},"sender":{"id":901,"login":"hubot","type":"User"},"organization":"nonsense"`
	pull   = `"pull_request":{"id":1,"number":7,"state":"open","title":"t","html_url":"https://github.com/octocat/shop/pull/7",
		"user":` + otherUser + `,"merge_commit_sha":null,"closed_at":null,"updated_at":"2026-01-02T03:04:05Z","created_at":"whenever",
		"head":{"ref":"feature","sha":"` + sha + `","repo":%s},"base":{"ref":"main","sha":"` + otherSHA + `","repo":{"id":77}}}`
)

func payload(parts ...string) string {
	all := append([]string{strings.Replace(repository, "%s", `"2026-01-02T03:04:05Z"`, 1), common}, parts...)
	return "{" + strings.Join(all, ",") + "}"
}

func origin(action string) githubapp.Origin {
	return githubapp.Origin{
		Action: action, Installation: 5,
		Repository: pipeline.Repository{
			Host: "github.com", ID: 77, Owner: "octocat", Name: "shop", DefaultBranch: "main", Installation: 5,
			CloneURL: "https://github.com/octocat/shop.git", WebURL: "https://GitHub.com/octocat/shop",
		},
		Sender: githubapp.Account{Actor: pipeline.Actor{ID: 901, Login: "hubot"}},
	}
}

func TestParseEvent(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	hubot := githubapp.Account{Actor: pipeline.Actor{ID: 901, Login: "hubot"}}
	aPull := githubapp.PullRequest{
		ID: 1, Number: 7, State: "open", Title: "t", URL: "https://github.com/octocat/shop/pull/7", Author: hubot,
		HeadSHA: sha, HeadRef: "feature", HeadRepositoryID: 77, BaseSHA: otherSHA, BaseRef: "main", BaseRepositoryID: 77, UpdatedAt: at,
	}
	gone := aPull
	gone.HeadRepositoryID = 0
	aPush := githubapp.Push{
		Origin: origin(""), Ref: "refs/heads/main", Before: otherSHA, After: sha, Forced: true, PushedAt: at,
		CompareURL: "https://github.com/x",
		Head:       githubapp.Commit{SHA: sha, Message: "fix\n\nmore", URL: "u", AuthorName: "Hubot", AuthorEmail: "h@example.com", AuthorLogin: "hubot"},
	}
	deleted := githubapp.Push{Origin: origin(""), Ref: "refs/tags/v1", Before: sha, After: zeros, Deleted: true, PushedAt: at}
	push := `"ref":"refs/heads/main","before":"` + otherSHA + `","after":"` + sha + `","created":false,"forced":true,"compare":"https://github.com/x",
		"head_commit":{"id":"` + sha + `","message":"fix\n\nmore","url":"u","timestamp":"nonsense","author":{"name":"Hubot","email":"h@example.com","username":"hubot"}}`
	seconds := strings.Replace(payload(push), `"2026-01-02T03:04:05Z"`, "1767323045", 1)
	malformed := strings.Replace(payload(push), `"2026-01-02T03:04:05Z"`, `"2018-05-30 20:18:04"`, 1)
	timeless := aPush
	timeless.PushedAt = time.Time{}

	for _, c := range []struct {
		name, event, payload string
		want                 any
	}{
		{"push", "push", payload(push), aPush},
		{"push, pushed_at in seconds", "push", seconds, aPush},
		{"push, pushed_at malformed", "push", malformed, timeless},
		{"push that deletes a tag", "push", payload(`"ref":"refs/tags/v1","before":"` + sha + `","after":"` + zeros + `","deleted":true,"head_commit":null`), deleted},
		{"pull request", "pull_request", payload(`"action":"opened"`, strings.Replace(pull, "%s", `{"id":77}`, 1)),
			githubapp.PullRequestEvent{Origin: origin("opened"), PullRequest: aPull}},
		{"pull request, fork gone", "pull_request", payload(`"action":"synchronize","before":"b","after":"a"`, strings.Replace(pull, "%s", `null`, 1)),
			githubapp.PullRequestEvent{Origin: origin("synchronize"), PullRequest: gone, Before: "b", After: "a"}},
		{"pull request, base changed", "pull_request", payload(`"action":"edited","changes":{"base":{"ref":{"from":"old"},"sha":{"from":"x"}}}`, strings.Replace(pull, "%s", `{"id":77}`, 1)),
			githubapp.PullRequestEvent{Origin: origin("edited"), PullRequest: aPull, OldBaseRef: "old"}},
		{"comment", "issue_comment", payload(`"action":"created","issue":{"number":7,"state":"open","pull_request":{"url":"u"}},
			"comment":{"id":40,"body":"/approve","html_url":"c","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z","user":` + otherUser + `}`),
			githubapp.IssueComment{Origin: origin("created"), Number: 7, PullRequest: true, Open: true,
				Comment: githubapp.Comment{ID: 40, Body: "/approve", URL: "c", CreatedAt: at, UpdatedAt: at, Author: hubot}}},
		{"comment of a ghost on an issue", "issue_comment", payload(`"action":"created","issue":{"number":7,"state":"closed"},"comment":{"id":40,"body":"x","user":null,"created_at":"nonsense"}`),
			githubapp.IssueComment{Origin: origin("created"), Number: 7, Comment: githubapp.Comment{ID: 40, Body: "x"}}},
		{"button", "check_run", payload(`"action":"requested_action","requested_action":{"identifier":"approve"},
			"check_run":{"id":31,"name":"penstock / a","head_sha":"` + sha + `","external_id":"run","status":"completed","conclusion":"action_required",
			"app":{"id":9},"check_suite":{"id":4},"pull_requests":[{"number":7}]}`),
			githubapp.CheckRunEvent{Origin: origin("requested_action"), AppID: 9, Button: "approve", Pulls: []int{7},
				CheckRun: githubapp.CheckRun{ID: 31, Name: "penstock / a", HeadSHA: sha, ExternalID: "run", Status: "completed", Conclusion: "action_required", SuiteID: 4}}},
		{"check suite", "check_suite", payload(`"action":"rerequested","check_suite":{"id":4,"head_sha":"` + sha + `","head_branch":null,"app":{"id":9},"pull_requests":[]}`),
			githubapp.CheckSuiteEvent{Origin: origin("rerequested"), ID: 4, HeadSHA: sha, AppID: 9}},
		{"installation", "installation", `{"action":"created","installation":{"id":5,"app_id":9,"html_url":"https://github.com/settings/installations/5","account":{"id":1,"login":"octocat","type":"User"}},
			"repositories":[{"id":77,"full_name":"octocat/shop"},{"id":0,"full_name":"bad"}],"sender":{"id":901,"login":"hubot","type":"User"}}`,
			githubapp.Installation{
				Origin: githubapp.Origin{Action: "created", Installation: 5, Sender: hubot}, AppID: 9,
				Account:      githubapp.Account{Actor: pipeline.Actor{ID: 1, Login: "octocat"}},
				Repositories: []pipeline.Repository{{Host: "github.com", ID: 77, Owner: "octocat", Name: "shop", Installation: 5}}}},
		{"installation repositories", "installation_repositories", `{"action":"removed","installation":{"id":5,"app_id":9,"html_url":"https://github.com/x"},
			"repositories_added":[],"repositories_removed":[{"id":77,"full_name":"octocat/shop"}]}`,
			githubapp.InstallationRepositories{Origin: githubapp.Origin{Action: "removed", Installation: 5}, AppID: 9,
				Removed: []pipeline.Repository{{Host: "github.com", ID: 77, Owner: "octocat", Name: "shop", Installation: 5}}}},
		{"ping", "ping", `{"zen":"x","hook_id":3,"hook":{"type":"App","app_id":9}}`, githubapp.Ping{HookID: 3, AppID: 9}},
		{"unknown", "star", payload(`"action":"created","ref":7,"comment":"odd","changes":[]`), githubapp.Other{Origin: origin("created"), Event: "star"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := githubapp.ParseEvent(c.event, []byte(c.payload))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParseEventRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, event, payload string }{
		{"no JSON", "push", `ref=x`},
		{"empty", "push", ``},
		{"empty, unknown event", "star", ``},
		{"null", "push", `null`},
		{"id beyond int64", "push", `{"repository":{"id":99999999999999999999}}`},
		{"id as text", "push", `{"repository":{"id":"77"}}`},
		{"push without a repository", "push", `{"ref":"refs/heads/main","before":"` + sha + `","after":"` + sha + `"}`},
		{"push without a ref", "push", payload(`"before":"` + sha + `","after":"` + sha + `"`)},
		{"push with a short commit", "push", payload(`"ref":"refs/heads/main","before":"` + sha + `","after":"abc"`)},
		{"push with a climbing ref", "push", payload(`"ref":"refs/heads/../x","before":"` + sha + `","after":"` + sha + `"`)},
		{"pull request missing", "pull_request", payload(`"action":"opened"`)},
		{"pull request elsewhere", "pull_request", payload(`"action":"opened","pull_request":{"id":1,"number":7,"head":{"ref":"f","sha":"` + sha + `"},"base":{"ref":"m","sha":"` + sha + `","repo":{"id":78}}}`)},
		{"pull request without a head", "pull_request", payload(`"action":"opened","pull_request":{"id":1,"number":7,"base":{"ref":"m","sha":"` + sha + `","repo":{"id":77}}}`)},
		{"comment missing", "issue_comment", payload(`"action":"created","issue":{"number":7}`)},
		{"issue missing", "issue_comment", payload(`"action":"created","comment":{"id":7}`)},
		{"check run missing", "check_run", payload(`"action":"rerequested"`)},
		{"check suite missing", "check_suite", payload(`"action":"rerequested"`)},
		{"installation missing", "installation", `{"action":"created"}`},
		{"installation of repositories missing", "installation_repositories", `{"action":"added"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := githubapp.ParseEvent(c.event, []byte(c.payload))
			callstest.WantKind(t, err, pipeline.Invalid, c.event)
			if got != nil {
				t.Errorf("%+v beside an error", got)
			}
		})
	}
}

func TestPushRefs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ref, branch, tag string }{
		{"refs/heads/release/1", "release/1", ""},
		{"refs/tags/v1", "", "v1"},
		{"refs/notes/x", "", ""},
	} {
		p := githubapp.Push{Ref: c.ref}
		if p.Branch() != c.branch || p.Tag() != c.tag {
			t.Errorf("%s: branch %q, tag %q", c.ref, p.Branch(), p.Tag())
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add("push", payload(`"ref":"refs/heads/main","before":"`+sha+`","after":"`+sha+`"`))
	f.Add("pull_request", payload(strings.Replace(pull, "%s", "null", 1)))
	f.Add("issue_comment", payload(`"issue":{"number":7},"comment":{"id":1}`))
	f.Add("check_run", `{"check_run":null}`)
	f.Add("installation", `{"installation":{"id":1},"repositories":[{}]}`)
	f.Fuzz(func(t *testing.T, event, body string) {
		got, err := githubapp.ParseEvent(event, []byte(body))
		if (got == nil) != (err != nil) {
			t.Errorf("%v beside %v", got, err)
		}
	})
}

func sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestVerifySignature(t *testing.T) {
	t.Parallel()
	const body = `{"zen":"Keep it logically awesome."}`
	old := hmac.New(sha1.New, []byte("new"))
	old.Write([]byte(body))
	for _, c := range []struct {
		name    string
		secrets []string
		header  string
		body    string
		good    bool
	}{
		{"the secret", []string{"new"}, sign("new", body), body, true},
		{"first of two", []string{"new", "old"}, sign("new", body), body, true},
		{"second of two", []string{"new", "old"}, sign("old", body), body, true},
		{"upper case", []string{"new"}, "sha256=" + strings.ToUpper(sign("new", body)[7:]), body, true},
		{"another secret", []string{"new", "old"}, sign("other", body), body, false},
		{"another body", []string{"new"}, sign("new", body), body + " ", false},
		{"no header", []string{"new"}, "", body, false},
		{"SHA-1", []string{"new"}, "sha1=" + hex.EncodeToString(old.Sum(nil)), body, false},
		{"SHA-1 in disguise", []string{"new"}, "sha256=" + hex.EncodeToString(old.Sum(nil)), body, false},
		{"not hex", []string{"new"}, "sha256=xyz", body, false},
		{"empty", []string{"new"}, "sha256=", body, false},
		{"no secrets", nil, sign("", body), body, false},
		{"an empty secret", []string{""}, sign("", body), body, false},
		{"an empty secret beside a good one", []string{"new", ""}, sign("", body), body, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var secrets [][]byte
			for _, s := range c.secrets {
				secrets = append(secrets, []byte(s))
			}
			err := githubapp.VerifySignature(secrets, c.header, []byte(c.body))
			if c.good {
				if err != nil {
					t.Error(err)
				}
				return
			}
			callstest.WantKind(t, err, pipeline.Forbidden)
		})
	}
}

func TestReadWebhook(t *testing.T) {
	t.Parallel()
	const id = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
	for _, c := range []struct {
		name, event, delivery string
		good                  bool
	}{
		{"good", "pull_request", id, true},
		{"no event", "", id, false},
		{"no delivery", "push", "", false},
		{"odd event", "push\n", id, false},
		{"odd delivery", "push", "../x", false},
		{"long delivery", "push", strings.Repeat("a", 65), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{"X-Github-Event": {c.event}, "X-Github-Delivery": {c.delivery}, "X-Github-Hook-Id": {"3"},
				"X-Github-Hook-Installation-Target-Type": {"integration"}, "X-Github-Hook-Installation-Target-Id": {"9"}}
			w, err := githubapp.ReadWebhook(h)
			if !c.good {
				callstest.WantKind(t, err, pipeline.Invalid)
				return
			}
			want := githubapp.Webhook{Event: c.event, Delivery: id, HookID: "3", Target: "integration", TargetID: "9"}
			if err != nil || w != want {
				t.Errorf("%+v, %v", w, err)
			}
		})
	}
}

func TestPayload(t *testing.T) {
	t.Parallel()
	const body = `{"zen":"a&b=c"}`
	for _, c := range []struct {
		name, kind, body string
		good             bool
	}{
		{"json", "application/json", body, true},
		{"json, charset", "Application/JSON; charset=utf-8", body, true},
		{"form", "application/x-www-form-urlencoded", "payload=" + url.QueryEscape(body), true},
		{"form without a payload", "application/x-www-form-urlencoded", "x=y", false},
		{"text", "text/plain", body, false},
		{"nothing", "", body, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := githubapp.Payload(c.kind, []byte(c.body))
			if !c.good {
				callstest.WantKind(t, err, pipeline.Invalid)
				return
			}
			if err != nil || string(got) != body {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
