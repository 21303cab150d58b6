package emulator

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/emulation"
)

// Options says how an emulator behaves. The zero value is a good one.
type Options struct {
	// Listen is the address to serve on, 127.0.0.1:0 by default.
	Listen string
	// Team is the workspace; what is empty gets a default.
	Team Team
	// Logger gets one line per failed delivery; none by default.
	Logger *slog.Logger
	// Clock dates messages and ends the life of trigger ids and response URLs; it also
	// drives the rate limits. time.Now by default. Signatures and acknowledgements are
	// on real time, because the other side is.
	Clock func() time.Time
	// AckTimeout is how long the app may take to acknowledge, 3 s by default as at Slack.
	AckTimeout time.Duration
	// PingInterval is how often a socket is pinged, 5 s by default. The first ping comes
	// with the connection.
	PingInterval time.Duration
}

// Slack is one running emulator. All methods are safe for concurrent use.
type Slack struct {
	options Options
	log     *slog.Logger
	clock   func() time.Time
	url     string
	client  *http.Client // carries requests to the app

	server   *http.Server
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	running  sync.WaitGroup // handlers, sockets and deliveries
	closing  sync.Once
	closeErr error

	mu emulation.Guard
	state
}

// New starts an emulator on loopback. Close it when done.
func New(o Options) (*Slack, error) {
	o.Listen = cmp.Or(o.Listen, "127.0.0.1:0")
	o.AckTimeout = cmp.Or(o.AckTimeout, 3*time.Second)
	o.PingInterval = cmp.Or(o.PingInterval, 5*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("slack emulator listener: %w", err)
	}
	s := &Slack{
		options: o,
		log:     o.Logger,
		clock:   o.Clock,
		url:     "http://" + listener.Addr().String(),
		client:  newDeliveryClient(),
		state:   newState(o.Team),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.server = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	s.running.Go(func() { _ = s.server.Serve(&gate{listener, s}) })
	return s, nil
}

// URL is the address of the pages, without a slash at the end.
func (s *Slack) URL() string { return s.url }

// APIURL is the address of the Web API, with a slash at the end: what goes into
// PENSTOCK_SLACK_API_URL and slack-go's OptionAPIURL.
func (s *Slack) APIURL() string { return s.url + "/api/" }

// Handler serves everything the emulator has: Web API, sockets, response URLs and
// pages. The addresses it hands out are still those of URL.
func (s *Slack) Handler() http.Handler { return s.server.Handler }

// Close stops serving, cuts the sockets, and returns when no goroutine is left.
// Safe to call twice.
func (s *Slack) Close() error {
	s.closing.Do(func() {
		s.mu.Lock()
		s.cancel() // under the lock: nothing starts after it
		s.cutSockets()
		s.mu.Unlock()
		s.closeErr = s.server.Close()
		s.running.Wait()
		s.client.CloseIdleConnections()
	})
	return s.closeErr
}
