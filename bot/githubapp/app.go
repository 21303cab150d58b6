package githubapp

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxConcurrent is how many exchanges are under way at once; GitHub allows 100.
const maxConcurrent = 64

// App is our GitHub App on one GitHub. All methods may be called at once from
// many goroutines.
type App struct {
	id        int64
	api       *url.URL
	host      string
	userAgent string
	log       *slog.Logger
	now       func() time.Time
	theirs    theirClock
	pace      Pace
	base      http.RoundTripper
	slots     chan struct{} // one is held during each exchange

	signer *signer
	asApp  *github.Client // signs with the app's key instead of a token
	limits *limits        // of asApp
	files  *fileCache

	reading flight[[]File]
	naming  flight[Identity]

	mu            sync.Mutex
	installations map[int64]*installation
	reached       map[int64]int64 // repositories: the installation by which they are reached now
	identity      Identity        // zero until first asked
}

// New makes an App. It asks nothing of GitHub yet. The errors are of kind
// Invalid and never show the key.
func New(o Options) (*App, error) {
	o = o.withDefaults()
	api, err := parseAPIURL(o.APIURL)
	if err != nil {
		return nil, err
	}
	if o.AppID <= 0 {
		return nil, pipeline.Errorf(pipeline.Invalid, "GitHub App id %d: want the number shown on the app's page", o.AppID)
	}
	a := &App{
		id:            o.AppID,
		api:           api,
		host:          webHost(api),
		userAgent:     o.UserAgent,
		log:           o.Logger,
		now:           o.Now,
		theirs:        theirClock{now: o.Now},
		pace:          o.Pace,
		base:          o.Transport,
		slots:         make(chan struct{}, maxConcurrent),
		files:         newFileCache(),
		installations: map[int64]*installation{},
		reached:       map[int64]int64{},
	}
	a.limits = newLimits(o.Now, o.Pace, o.Logger.With("github_app", o.AppID))
	a.signer = &signer{app: a, next: &exchange{app: a, limits: a.limits}}
	if err := a.signer.use(o.PrivateKey); err != nil {
		return nil, err
	}
	a.asApp = a.newClient(a.signer)
	return a, nil
}

// Host is the name that this GitHub's repositories carry: "github.com", or that
// of the Enterprise Server, with its port if it has one.
func (a *App) Host() string { return a.host }

// Close closes the connections that are idle. Calls under way go on.
func (a *App) Close() {
	if pool, ok := a.base.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// newClient makes a go-github client over a transport of ours.
func (a *App) newClient(transport http.RoundTripper) *github.Client {
	c := github.NewClient(&http.Client{
		Transport:     hurried{transport},
		CheckRedirect: a.checkRedirect,
	})
	base := *a.api
	c.BaseURL = &base
	c.UserAgent = a.userAgent
	return c
}

// installation finds or makes what belongs to one installation.
func (a *App) installation(id int64) *installation {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.installations[id]
	if i == nil {
		i = newInstallation(a, id, newLimits(a.now, a.pace, a.log.With("installation", id)))
		a.installations[id] = i
	}
	return i
}

// Forget drops what is kept for an installation: its tokens and answers. Call it
// when the installation has changed or is gone. What it has used of GitHub's
// limits is not forgotten.
func (a *App) Forget(installation int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := a.installations[installation]; i != nil {
		a.installations[installation] = newInstallation(a, installation, i.limits)
	}
}

// call is one thing we do with a repository: what names it for people, needs is
// the permission that it takes.
type call struct {
	repository pipeline.Repository
	what       string
	needs      string
}

// do runs f with the client of the repository's installation. Requests made with
// f's context carry a token for that repository only.
func (a *App) do(ctx context.Context, c call, f func(ctx context.Context, client *github.Client) error) error {
	if err := checkRepository(c.repository); err != nil {
		return err
	}
	i := a.installation(a.reachedBy(c.repository))
	err := f(context.WithValue(ctx, repositoryKey{}, c.repository), i.client)
	if err == nil {
		return nil
	}
	return a.explain(fmt.Sprintf("%s: %s", c.repository.FullName(), c.what), c.needs, err)
}

// repositoryKey is the context key of the repository a request is about.
type repositoryKey struct{}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// checkRepository refuses what could not be a repository, so that no name ever
// changes the meaning of a path.
func checkRepository(r pipeline.Repository) error {
	for _, name := range []string{r.Owner, r.Name} {
		if !namePattern.MatchString(name) || name == "." || name == ".." {
			return pipeline.Errorf(pipeline.Invalid, "%q is not a repository name", r.FullName())
		}
	}
	if r.ID <= 0 || r.Installation <= 0 {
		return pipeline.Errorf(pipeline.Invalid, "repository %s: its id or its app installation is not known", r.FullName())
	}
	return nil
}

var shaPattern = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

func checkSHA(sha string) error {
	if !shaPattern.MatchString(sha) {
		return pipeline.Errorf(pipeline.Invalid, "%q is not a full commit id", sha)
	}
	return nil
}
