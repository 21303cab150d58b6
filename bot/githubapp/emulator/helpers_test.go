package emulator_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

const secret = "it is a secret"

// appKey is shared: making one costs a tenth of a second.
var appKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// world is an emulator with octocat's shop, hubot who may write, monalisa who
// may look, and an app installed on everything octocat has.
type world struct {
	*emulator.GitHub
	octocat, hubot, monalisa emulator.User
	repo                     emulator.Repository
	app                      emulator.App
	installation             emulator.Installation
	hooks                    *receiver
}

const shop = "octocat/shop"

func newWorld(t *testing.T, change ...func(*emulator.Options)) *world {
	t.Helper()
	o := emulator.Options{Dir: t.TempDir(), Logger: slog.New(slog.NewTextHandler(testWriter{t}, nil))}
	for _, c := range change {
		c(&o)
	}
	if m := contractMiddleware(t); m != nil {
		o.Middleware = m
	}
	g, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	w := &world{GitHub: g, hooks: newReceiver(t)}
	w.octocat = must(g.AddUser("octocat"))(t)
	w.hubot = must(g.AddUser("hubot"))(t)
	w.monalisa = must(g.AddUser("monalisa"))(t)
	w.repo = must(g.AddRepository(emulator.NewRepository{
		Owner: "octocat", Name: "shop", Files: map[string]string{"README.md": "# shop\n", "src/a.txt": "one\ntwo\n"},
	}))(t)
	check(t, g.SetRole(shop, "hubot", emulator.RoleWrite))
	w.app = must(g.AddApp(emulator.NewApp{
		Slug: "penstock", Owner: "octocat", Key: must(appKey())(t), WebhookURL: w.hooks.URL, WebhookSecret: secret,
	}))(t)
	w.installation = must(g.Install(w.app.ID, "octocat"))(t)
	return w
}

// client is go-github as the installation.
func (w *world) client(t *testing.T) *github.Client {
	t.Helper()
	transport := must(ghinstallation.New(w.transport(), w.app.ID, w.installation.ID, w.app.PrivateKey))(t)
	transport.BaseURL = w.URL() + "/api/v3"
	return w.githubClient(t, &http.Client{Transport: transport})
}

// appClient is go-github as the app itself.
func (w *world) appClient(t *testing.T) *github.Client {
	t.Helper()
	transport := must(ghinstallation.NewAppsTransport(w.transport(), w.app.ID, w.app.PrivateKey))(t)
	return w.githubClient(t, &http.Client{Transport: transport})
}

// as is go-github with a person's token.
func (w *world) as(t *testing.T, u emulator.User) *github.Client {
	t.Helper()
	return w.githubClient(t, &http.Client{Transport: w.transport()}).WithAuthToken(u.Token)
}

func (w *world) transport() http.RoundTripper { return http.DefaultTransport }

func (w *world) githubClient(t *testing.T, c *http.Client) *github.Client {
	t.Helper()
	client := github.NewClient(c)
	client.BaseURL = must(url.Parse(w.APIURL()))(t)
	return client
}

// pull pushes a branch as hubot and opens a pull request.
func (w *world) pull(t *testing.T, branch string) emulator.PullRequest {
	t.Helper()
	w.push(t, branch)
	return must(w.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Head: branch, As: "hubot", Title: "Add " + branch}))(t)
}

func (w *world) push(t *testing.T, branch string) string {
	t.Helper()
	return must(w.Push(emulator.Change{
		Repository: shop, Branch: branch, As: "hubot", Message: "Work on " + branch,
		Files: map[string]string{branch + ".txt": time.Now().String() + "\n"},
	}))(t)
}

func (w *world) tip(t *testing.T, branch string) string {
	t.Helper()
	sha, ok := w.Ref(shop, "refs/heads/"+branch)
	if !ok {
		t.Fatalf("no branch %s", branch)
	}
	return sha
}

func (w *world) await(t *testing.T, what string, condition func(*emulator.View) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := w.Await(ctx, condition); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

// settle waits until every webhook has arrived.
func (w *world) settle(t *testing.T) {
	t.Helper()
	w.await(t, "webhooks", func(v *emulator.View) bool { return v.PendingDeliveries() == 0 })
}

// hook is one webhook received.
type hook struct {
	header http.Header
	body   []byte
}

func (h hook) event() string { return h.header.Get("X-GitHub-Event") }

func (h hook) parse(t *testing.T) any {
	t.Helper()
	return must(github.ParseWebHook(h.event(), h.body))(t)
}

// receiver keeps the webhooks it gets, after checking them.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	hooks  []hook
	answer http.HandlerFunc // instead of 202
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		if _, err := github.ValidatePayload(req, []byte(secret)); err != nil {
			t.Errorf("webhook %s: %v", req.Header.Get("X-GitHub-Event"), err)
		}
		if req.Header.Get("X-GitHub-Hook-ID") != "" { // those sent by hand may hold anything
			checkWebhookContract(t, req.Header.Get("X-GitHub-Event"), body)
		}
		r.mu.Lock()
		r.hooks = append(r.hooks, hook{req.Header.Clone(), body})
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, req)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]hook(nil), r.hooks...)
}

func (r *receiver) of(event string) []hook {
	var list []hook
	for _, h := range r.got() {
		if h.event() == event {
			list = append(list, h)
		}
	}
	return list
}

func (r *receiver) answerWith(f http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

// gitIn runs the git client as a person would.
func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := tryGit(t, dir, args...)
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return out
}

func tryGit(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=hubot", "GIT_AUTHOR_EMAIL=hubot@example.com", "GIT_COMMITTER_NAME=hubot", "GIT_COMMITTER_EMAIL=hubot@example.com",
	}
	out, err := cmd.CombinedOutput()
	return string(bytes.TrimSpace(out)), err
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
	check(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
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

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(string(bytes.TrimSpace(p)))
	return len(p), nil
}
