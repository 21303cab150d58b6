package githubapp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// intake takes webhooks the way a server would.
type intake struct {
	t *testing.T

	mu     sync.Mutex
	events []any
}

func (i *intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	hook, err := githubapp.ReadWebhook(r.Header)
	if err != nil {
		i.t.Error(err)
	}
	if err := githubapp.VerifySignature([][]byte{[]byte("new"), []byte("old")}, r.Header.Get(githubapp.SignatureHeader), body); err != nil {
		i.t.Error(err)
	}
	payload, err := githubapp.Payload(r.Header.Get("Content-Type"), body)
	if err != nil {
		i.t.Error(err)
	}
	event, err := githubapp.ParseEvent(hook.Event, payload)
	if err != nil {
		i.t.Error(err)
	}
	i.mu.Lock()
	i.events = append(i.events, event)
	i.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// told writes down in short what came in, and checks what all events have.
func (i *intake) told(w *world) []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var list []string
	for _, event := range i.events {
		var o githubapp.Origin
		text := ""
		switch e := event.(type) {
		case githubapp.Push:
			o, text = e.Origin, fmt.Sprintf("push %s created=%v head=%v by %s", e.Branch(), e.Created, e.Head.SHA == e.After, e.Head.AuthorLogin)
			if e.PushedAt.IsZero() {
				i.t.Error("a push without a time")
			}
		case githubapp.PullRequestEvent:
			o, text = e.Origin, fmt.Sprintf("pull request %d of %s fork=%v merged=%v", e.PullRequest.Number, e.PullRequest.Author.Login, e.PullRequest.Fork(), e.PullRequest.Merged)
		case githubapp.IssueComment:
			o, text = e.Origin, fmt.Sprintf("comment on %d pull=%v %q", e.Number, e.PullRequest, e.Comment.Body)
			if e.Comment.CreatedAt.IsZero() || e.Comment.Author.ID != e.Sender.ID {
				i.t.Errorf("comment %+v", e.Comment)
			}
		case githubapp.CheckRunEvent:
			o, text = e.Origin, fmt.Sprintf("check %q %s button=%q pulls=%v", e.CheckRun.Name, e.CheckRun.ExternalID, e.Button, e.Pulls)
		case githubapp.CheckSuiteEvent:
			o, text = e.Origin, "check suite"
		case githubapp.Installation:
			o, text = e.Origin, fmt.Sprintf("installation of %s with %d", e.Account.Login, len(e.Repositories))
		default:
			i.t.Errorf("%T: %+v", event, event)
			continue
		}
		if o.Installation == 0 || o.Sender.ID == 0 {
			i.t.Errorf("%s: installation %d, sender %d", text, o.Installation, o.Sender.ID)
		}
		if r := o.Repository; r.ID != 0 && (r.ID != w.repo.ID || r.Host != w.app.Host() || r.FullName() != "octocat/shop" ||
			r.CloneURL != w.repo.CloneURL || r.Installation != w.repo.Installation || r.DefaultBranch != "main") {
			i.t.Errorf("%s: repository %+v", text, r)
		}
		if o.Action == "completed" || o.Action == "requested" {
			continue // echoes
		}
		list = append(list, text+" "+o.Action)
	}
	slices.Sort(list)
	return list
}

func TestWebhooksOfTheEmulator(t *testing.T) {
	t.Parallel()
	in := &intake{t: t}
	server := httptest.NewServer(in)
	t.Cleanup(server.Close)
	w := newWorld(t, nil)
	ctx := t.Context()
	us := must(w.app.App(ctx))(t)
	ok(t, w.SetWebhook(us.ID, server.URL, "old"))

	head := must(w.Push(emulator.Change{Repository: "octocat/shop", Branch: "feature", As: "hubot", Message: "work",
		Files: map[string]string{"README.md": "x"}}))(t)
	pull := must(w.OpenPullRequest(emulator.NewPullRequest{Repository: "octocat/shop", Head: "feature", As: "hubot", Title: "t"}))(t)
	must(w.Comment("octocat/shop", pull.Number, "octocat", "/approve"))(t)
	id := must(w.app.CreateCheck(ctx, w.repo, head, githubapp.Check{
		Name: "penstock / release / approve production", ExternalID: "gate-1", Status: "completed", Conclusion: "action_required",
		Title: "waiting", Summary: "s", Actions: []githubapp.CheckAction{{Label: "Approve", Description: "d", Identifier: "approve"}},
	}))(t)
	ok(t, w.ClickCheckAction(id, "approve", "octocat"))
	ok(t, w.RerequestCheckRun(id, "hubot"))
	must(w.Merge("octocat/shop", pull.Number, emulator.MergeCommit, "octocat"))(t)
	ok(t, w.Uninstall(w.repo.Installation))
	ok(t, w.Await(ctx, func(v *emulator.View) bool { return v.PendingDeliveries() == 0 }))

	want := []string{
		`check "penstock / release / approve production" gate-1 button="" pulls=[1] created`,
		`check "penstock / release / approve production" gate-1 button="" pulls=[1] rerequested`,
		`check "penstock / release / approve production" gate-1 button="approve" pulls=[1] requested_action`,
		`comment on 1 pull=true "/approve" created`,
		`installation of octocat with 1 deleted`,
		`pull request 1 of hubot fork=false merged=false opened`,
		`pull request 1 of hubot fork=false merged=true closed`,
		`push feature created=true head=true by hubot `,
		`push main created=false head=true by octocat `,
	}
	if d := cmp.Diff(want, in.told(w)); d != "" {
		t.Error(d)
	}
}
