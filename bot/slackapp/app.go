package slackapp

import (
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls"
)

// App is our app in one Slack workspace. All methods may be called at once from
// many goroutines.
type App struct {
	options Options
	api     *url.URL
	log     *slog.Logger
	now     func() time.Time
	secrets secrets
	client  *slack.Client
	http    *http.Client
	limits  *limits
	open    atomic.Int64 // sockets that Slack has greeted
	links   atomic.Int64 // sockets that are open, or being opened
	shared  atomic.Bool  // Slack has more sockets of the app than we; it was said

	mu        sync.Mutex
	workspace Workspace         // zero until first asked
	directs   map[string]string // user id -> channel id
}

// New makes an App. It asks nothing of Slack yet. The errors are of kind Invalid
// and never show a secret.
func New(o Options) (*App, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	api, err := calls.ParseURL(o.APIURL, "Slack", "https://HOST/api/")
	if err != nil {
		return nil, err
	}
	a := &App{
		options: o, api: api, log: o.Logger, now: o.Now,
		secrets: secrets{o.BotToken, o.AppToken, o.SigningSecret},
		limits:  newLimits(o.Now),
		directs: map[string]string{},
	}
	a.http = &http.Client{
		Transport:     exchange{next: o.Transport, userAgent: o.UserAgent},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	a.client = slack.New(o.BotToken, slack.OptionAppLevelToken(o.AppToken), slack.OptionHTTPClient(a.http), slack.OptionAPIURL(api.String()))
	return a, nil
}

// Connected is how many sockets are open now: those that Slack has greeted.
func (a *App) Connected() int { return int(a.open.Load()) }

// Close closes the connections that are idle. Calls under way go on.
func (a *App) Close() {
	if pool, ok := a.options.Transport.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}
