package emulator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

func TestWebhookHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.push(t, "feature")
	w.settle(t)
	h := w.hooks.of("push")[0].header
	for _, name := range []string{
		"X-GitHub-Event", "X-GitHub-Delivery", "X-GitHub-Hook-ID", "X-GitHub-Hook-Installation-Target-ID", "X-Hub-Signature", "X-Hub-Signature-256",
	} {
		if h.Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	if h.Get("X-GitHub-Hook-Installation-Target-Type") != "integration" || !strings.HasPrefix(h.Get("User-Agent"), "GitHub-Hookshot/") || h.Get("Content-Type") != "application/json" {
		t.Errorf("header: %v", h)
	}
	var push struct {
		Repository struct {
			PushedAt json.Number `json:"pushed_at"`
		} `json:"repository"`
	}
	check(t, json.Unmarshal(w.hooks.of("push")[0].body, &push))
	if _, err := push.Repository.PushedAt.Int64(); err != nil {
		t.Errorf("pushed_at is no number: %v", err)
	}
}

func TestPushEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.tip(t, "main")
	first := w.push(t, "feature")
	w.push(t, "feature")
	check(t, w.SetBranch(shop, "feature", first, "hubot"))                                                                          // forced back
	must(w.Push(emulator.Change{Repository: shop, Branch: "feature", From: "main", Files: map[string]string{"new.txt": "n\n"}}))(t) // rewritten
	check(t, w.DeleteBranch(shop, "feature", "hubot"))
	check(t, w.SetBranch(shop, "copy", root, "octocat"))
	w.settle(t)
	var got []string
	for _, h := range w.hooks.of("push") {
		e := h.parse(t).(*github.PushEvent)
		text := strings.TrimPrefix(e.GetRef(), "refs/heads/")
		for name, set := range map[string]bool{" created": e.GetCreated(), " deleted": e.GetDeleted(), " forced": e.GetForced(), " headless": e.HeadCommit == nil} {
			if set {
				text += name
			}
		}
		got = append(got, sortWords(text)+" "+strings.Repeat("*", len(e.Commits)))
		if e.GetRef() == "refs/heads/copy" && e.GetBaseRef() != "refs/heads/main" {
			t.Errorf("base_ref %q", e.GetBaseRef())
		}
	}
	slices.Sort(got)
	want := []string{"copy created ", "created feature *", "deleted feature headless ", "feature *", "feature forced ", "feature forced *"}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func sortWords(s string) string {
	words := strings.Fields(s)
	slices.Sort(words)
	return strings.Join(words, " ")
}

func TestTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	gitIn(t, dir, "clone", "-q", w.hubot.GitURL(w.repo), ".")
	gitIn(t, dir, "tag", "v1")
	gitIn(t, dir, "tag", "-a", "-m", "two", "v2")
	gitIn(t, dir, "push", "-q", "--tags")
	w.settle(t)
	refs := map[string]bool{}
	for _, h := range w.hooks.of("push") {
		refs[h.parse(t).(*github.PushEvent).GetRef()] = true
	}
	if !refs["refs/tags/v1"] || !refs["refs/tags/v2"] || len(refs) != 2 {
		t.Errorf("pushes: %v", refs)
	}
	tag, _, err := w.client(t).Git.GetRef(t.Context(), "octocat", "shop", "tags/v2")
	check(t, err)
	if tag.GetObject().GetType() != "tag" {
		t.Errorf("an annotated tag: %+v", tag)
	}
	for _, name := range []string{"a", "b", "c", "d"} {
		gitIn(t, dir, "tag", name)
	}
	gitIn(t, dir, "push", "-q", "--tags")
	w.settle(t)
	if n := len(w.hooks.of("push")); n != 2 {
		t.Errorf("%d pushes: four tags at once send none", n)
	}
}

func TestDeliveriesAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settle(t)
	codes := []int{500, 202}
	var n atomic.Int64
	w.hooks.answerWith(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Answer", "here")
		rw.WriteHeader(codes[min(int(n.Add(1))-1, 1)])
		_, _ = rw.Write([]byte("said so"))
	})
	w.push(t, "feature") // push fails, check_suite arrives
	w.settle(t)
	w.DropDeliveries(1)
	w.push(t, "second")
	w.settle(t)
	c, ctx := w.appClient(t), t.Context()
	all, _, err := c.Apps.ListHookDeliveries(ctx, nil)
	check(t, err)
	if len(all) != 5 || all[4].GetEvent() != "installation" {
		t.Fatalf("deliveries: %v", all)
	}
	page, response, err := c.Apps.ListHookDeliveries(ctx, &github.ListCursorOptions{PerPage: 2})
	check(t, err)
	rest, _, err := c.Apps.ListHookDeliveries(ctx, &github.ListCursorOptions{PerPage: 3, Cursor: response.Cursor})
	check(t, err)
	if len(page) != 2 || len(rest) != 3 || rest[0].GetID() >= page[1].GetID() {
		t.Errorf("pages of %d and %d, cursor %q", len(page), len(rest), response.Cursor)
	}
	token := w.jwt(t, nil)
	w.ask(t, http.MethodGet, "app/hook/deliveries?status=failure", token, "").want(t, 200, `"status_code":500`)
	if dropped := all[1]; dropped.GetStatusCode() != 0 || dropped.GetStatus() == "OK" || dropped.GetEvent() != "push" {
		t.Errorf("dropped: %+v", dropped)
	}
	failed := all[3]
	one, _, err := c.Apps.GetHookDelivery(ctx, failed.GetID())
	check(t, err)
	if one.GetStatusCode() != 500 || one.Request.Headers["X-Github-Event"] != "push" || one.Response.Headers["X-Answer"] != "here" || string(*one.Response.RawPayload) != `"said so"` {
		t.Errorf("delivery: %+v", one)
	}
	if _, err := one.ParseRequestPayload(); err != nil {
		t.Error(err)
	}
	_, _, err = c.Apps.RedeliverHookDelivery(ctx, failed.GetID())
	if _, accepted := err.(*github.AcceptedError); !accepted {
		t.Errorf("redelivery: %v", err)
	}
	w.settle(t)
	list := w.Deliveries()
	last := list[len(list)-1]
	if last.GUID != failed.GetGUID() || !last.Redelivery || last.StatusCode != 202 || last.Status != "OK" {
		t.Errorf("again: %+v", last)
	}
}

func TestDeliveryTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pull(t, "feature")
	w.settle(t)
	start := len(w.hooks.got())
	bodies := func() string {
		var got []string
		for _, h := range w.hooks.got()[start:] {
			got = append(got, h.parse(t).(*github.IssueCommentEvent).GetComment().GetBody())
		}
		return strings.Join(got, " ")
	}
	say := func(texts ...string) {
		for _, text := range texts {
			must(w.Comment(shop, 1, "octocat", text))(t)
		}
	}
	w.HoldDeliveries()
	say("a", "b", "c")
	if got := bodies(); got != "" {
		t.Errorf("held: %s", got)
	}
	w.ReleaseReversed()
	w.settle(t)
	if got := bodies(); got != "c b a" {
		t.Errorf("reversed: %s", got)
	}
	w.DropDeliveries(1)
	say("lost", "kept")
	w.settle(t)
	w.DuplicateDeliveries(1)
	say("twice", "once")
	w.settle(t)
	if got := bodies(); got != "c b a kept twice twice once" {
		t.Errorf("dropped and doubled: %s", got)
	}
	list := w.Deliveries()
	n := len(list)
	if list[n-3].GUID != list[n-2].GUID || list[n-5].State != emulator.DeliveryDropped {
		t.Errorf("deliveries: %s %s, %s", list[n-3].GUID, list[n-2].GUID, list[n-5].State)
	}
	again := must(w.Redeliver(list[n-1].ID))(t)
	other := must(w.RedeliverWithNewGUID(list[n-1].ID))(t)
	w.settle(t)
	guids := map[int64]string{}
	for _, d := range w.Deliveries() {
		guids[d.ID] = d.GUID
	}
	if guids[again] != list[n-1].GUID || guids[other] == list[n-1].GUID {
		t.Error("GUIDs of redeliveries")
	}
	w.HoldDeliveries()
	say("first", "second")
	w.Look(func(v *emulator.View) {
		if v.PendingDeliveries() != 2 {
			t.Errorf("%d pending", v.PendingDeliveries())
		}
	})
	list = w.Deliveries()
	check(t, w.ReleaseDelivery(list[len(list)-1].ID))
	w.await(t, "the second", func(v *emulator.View) bool { return v.PendingDeliveries() == 1 })
	w.ReleaseDeliveries()
	w.settle(t)
	if got := bodies(); !strings.HasSuffix(got, "second first") {
		t.Errorf("one released: %s", got)
	}
	must(w.SendWebhook(w.app.ID, "ping", []byte(`{"zen":"z","hook_id":1}`)))(t)
	w.settle(t)
}

// A burst arrives side by side, as GitHub sends it, and each branch in order.
func TestBurst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settle(t)
	gate := make(chan struct{})
	var inside, most atomic.Int64
	w.hooks.answerWith(func(rw http.ResponseWriter, _ *http.Request) {
		n := inside.Add(1)
		defer inside.Add(-1)
		for {
			old := most.Load()
			if n <= old || most.CompareAndSwap(old, n) {
				break
			}
		}
		if n == 16 {
			close(gate)
		}
		<-gate
		rw.WriteHeader(http.StatusAccepted)
	})
	for i := range 20 {
		w.push(t, "branch-"+id(int64(i)))
	}
	w.settle(t)
	if most.Load() < 16 {
		t.Errorf("%d webhooks at once", most.Load())
	}
	if n := len(w.hooks.of("push")); n != 20 {
		t.Errorf("%d pushes", n)
	}
}

func TestReceiverDownOrSlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *emulator.Options) { o.DeliveryTimeout = 50 * time.Millisecond })
	w.settle(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	w.hooks.answerWith(func(http.ResponseWriter, *http.Request) { <-release })
	w.push(t, "feature")
	w.settle(t)
	list := w.Deliveries()
	if d := list[len(list)-1]; d.State != emulator.DeliveryFailed || d.Status != "timed out" || d.StatusCode != 0 {
		t.Errorf("slow: %s %s %d", d.State, d.Status, d.StatusCode)
	}
	check(t, w.SetWebhook(w.app.ID, "http://127.0.0.1:1/", secret))
	w.push(t, "second")
	w.settle(t)
	list = w.Deliveries()
	if d := list[len(list)-1]; d.State != emulator.DeliveryFailed || d.Status != "failed to connect to host" {
		t.Errorf("down: %s %s", d.State, d.Status)
	}
}

func TestAwait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pull(t, "feature")
	done := make(chan error, 1)
	go func() {
		done <- w.Await(t.Context(), func(v *emulator.View) bool { return len(v.Comments(shop, 1)) == 1 })
	}()
	must(w.Comment(shop, 1, "octocat", "hello"))(t)
	check(t, <-done)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Await(ctx, func(*emulator.View) bool { return false }); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	go func() { done <- w.Await(t.Context(), func(*emulator.View) bool { return false }) }()
	check(t, w.Close())
	if err := <-done; err == nil {
		t.Error("closed, and still it was met")
	}
}
