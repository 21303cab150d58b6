package githubapp_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// With a clock that is set an hour forward and back GitHub takes every signature,
// and tokens are used as long as GitHub takes them; a jump costs one more at most.
func TestAClockThatIsOffCostsNoCall(t *testing.T) {
	t.Parallel()
	var by atomic.Int64
	g := must(emulator.New(emulator.Options{Dir: t.TempDir()}))(t)
	t.Cleanup(func() { _ = g.Close() })
	must(g.AddUser("octocat"))(t)
	r := must(g.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "shop", Files: map[string]string{"a.txt": "a\n"}}))(t)
	app := must(g.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octocat", WebhookURL: "http://127.0.0.1:1/"}))(t)
	i := must(g.Install(app.ID, "octocat"))(t)
	a := must(githubapp.New(githubapp.Options{
		AppID: app.ID, PrivateKey: app.PrivateKey, APIURL: g.APIURL(),
		Now: func() time.Time { return time.Now().Add(time.Duration(by.Load())) },
	}))(t)
	t.Cleanup(a.Close)
	repo := pipeline.Repository{Host: a.Host(), ID: r.ID, Owner: "octocat", Name: "shop", DefaultBranch: "main", Installation: i.ID, CloneURL: r.CloneURL}
	for _, ahead := range []time.Duration{time.Hour, 0, -time.Hour, time.Hour} {
		by.Store(int64(ahead))
		if _, err := a.App(t.Context()); err != nil {
			t.Errorf("%s ahead, signed by the key: %v", ahead, err)
		}
		for range 3 {
			if _, err := a.Head(t.Context(), repo, "main"); err != nil {
				t.Errorf("%s ahead, with a token: %v", ahead, err)
			}
		}
	}
	if n := g.Counts()["POST /app/installations/{installation_id}/access_tokens"]; n > 2 {
		t.Errorf("%d tokens were asked for: %v", n, g.Counts())
	}
}
