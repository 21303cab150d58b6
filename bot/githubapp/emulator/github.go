package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/emulation"
)

// Options says where an emulator lives. Only Dir is required.
type Options struct {
	// Dir holds the bare git repositories; it is created when missing.
	Dir string
	// Listen is the address to serve on, 127.0.0.1:0 by default.
	Listen string
	// Logger gets one line per failed git command or webhook; none by default.
	Logger *slog.Logger
	// FrameAncestors are the origins whose pages may show the site in a frame; none by
	// default, as on github.com.
	FrameAncestors []string
	// Clock dates everything the emulator creates; time.Now by default.
	Clock func() time.Time
	// Middleware wraps the REST API. It sees paths without /api/v3, as in
	// GitHub's OpenAPI description.
	Middleware func(http.Handler) http.Handler
	// DeliveryWorkers is how many webhooks may be under way at once, 32 by default.
	DeliveryWorkers int
	// DeliveryTimeout is how long a receiver may take, 10 s by default as on github.com.
	DeliveryTimeout time.Duration
}

// GitHub is one running emulator. All methods are safe for concurrent use.
type GitHub struct {
	options Options
	log     *slog.Logger
	clock   func() time.Time
	url     string
	git     gitTool
	client  *http.Client // carries webhooks

	server   *http.Server
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	running  sync.WaitGroup // handlers and deliveries
	closing  sync.Once
	closeErr error

	mu emulation.Guard
	state
}

// New starts an emulator. Close it when done.
func New(o Options) (*GitHub, error) {
	if o.Dir == "" {
		return nil, errors.New("emulator: Options.Dir is empty")
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.DeliveryWorkers <= 0 {
		o.DeliveryWorkers = 32
	}
	if o.DeliveryTimeout <= 0 {
		o.DeliveryTimeout = 10 * time.Second
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("emulator folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("emulator folder: %w", err)
	}
	o.Dir = dir
	git, err := findGit(dir)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("emulator listener: %w", err)
	}
	g := &GitHub{
		options: o,
		log:     o.Logger,
		clock:   o.Clock,
		url:     "http://" + listener.Addr().String(),
		git:     git,
		client:  newDeliveryClient(o.DeliveryWorkers),
		state:   newState(),
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.server = &http.Server{
		Handler:           g.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	g.running.Go(func() { _ = g.server.Serve(listener) })
	return g, nil
}

// URL is the address of the pages, without a slash at the end.
func (g *GitHub) URL() string { return g.url }

// APIURL is the address of the REST API, with a slash at the end: what goes into
// PENSTOCK_GITHUB_API_URL and go-github's Client.BaseURL.
func (g *GitHub) APIURL() string { return g.url + apiPrefix + "/" }

// Close stops serving, cuts what hangs, and returns when no goroutine or child
// process is left. The folder is not removed. Safe to call twice.
func (g *GitHub) Close() error {
	g.closing.Do(func() {
		g.mu.Lock()
		g.cancel() // under the lock: no delivery starts after it
		g.mu.Unlock()
		g.closeErr = g.server.Close()
		g.running.Wait()
		g.client.CloseIdleConnections()
		g.mu.Lock()
		defer g.mu.Unlock()
		for _, r := range g.repositories {
			r.objects.close()
		}
	})
	return g.closeErr
}

// now is the time for records: UTC in whole seconds, like GitHub's.
func (g *GitHub) now() time.Time { return g.clock().UTC().Truncate(time.Second) }

// api is an address in the REST API; the arguments are as in fmt.Sprintf.
func (g *GitHub) api(format string, args ...any) string {
	return g.url + apiPrefix + "/" + sprintf(format, args...)
}

// page is an address of a page.
func (g *GitHub) page(format string, args ...any) string {
	return g.url + "/" + sprintf(format, args...)
}

func sprintf(format string, args ...any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// sameName compares logins and repository names, which ignore case.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }
