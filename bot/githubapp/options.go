package githubapp

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
)

// DefaultAPIURL is the API of github.com.
const DefaultAPIURL = "https://api.github.com/"

// Timeout is how long one HTTP exchange with GitHub may take, getting a token
// for it included.
const Timeout = 10 * time.Second

// Options says which app this is and where its GitHub lives. AppID and
// PrivateKey are required.
type Options struct {
	AppID int64
	// PrivateKey is the app's RSA key as PEM, PKCS#1 or PKCS#8.
	PrivateKey []byte
	// APIURL is DefaultAPIURL when empty; https://HOST/api/v3/ for GitHub
	// Enterprise Server. Plain http is for loopback addresses only.
	APIURL string
	// Transport carries all requests; NewTransport when nil.
	Transport http.RoundTripper
	// Logger gets a line per call at debug level and one per limit as a warning.
	// Never a token. None when nil.
	Logger *slog.Logger
	// Now is the clock for limits and the life of tokens; time.Now when nil.
	Now func() time.Time
	// Pace is how fast the calls of an installation may follow each other;
	// DefaultPace when it has no rates.
	Pace Pace
	// UserAgent is "penstock" when empty.
	UserAgent string
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.APIURL == "" {
		o.APIURL = DefaultAPIURL
	}
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if len(o.Pace.Content) == 0 && len(o.Pace.Points) == 0 {
		o.Pace = DefaultPace()
	}
	if o.UserAgent == "" {
		o.UserAgent = "penstock"
	}
	return o
}

// NewTransport is a pool of connections as calls to GitHub need it: all that may be
// under way at once are kept for the next ones.
func NewTransport() *http.Transport { return calls.NewTransport(maxConcurrent) }

// parseAPIURL checks the API's address; the result ends in a slash.
func parseAPIURL(text string) (*url.URL, error) {
	return calls.ParseURL(text, "GitHub", "https://HOST/...")
}

// webHost is the host that pages and clones of this API's GitHub have:
// api.github.com answers for github.com, api.SUB.ghe.com for SUB.ghe.com, and an
// Enterprise Server for itself.
func webHost(api *url.URL) string {
	host := strings.ToLower(api.Host)
	if api.Path == "/" {
		host = strings.TrimPrefix(host, "api.")
	}
	return host
}
