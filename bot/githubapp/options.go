package githubapp

import (
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
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

// NewTransport is a pool of connections as calls to GitHub need it: all that may
// be under way at once are kept for the next ones, and HTTP/2 needs just one.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          maxConcurrent,
		MaxIdleConnsPerHost:   maxConcurrent,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// parseAPIURL checks the API's address; the result ends in a slash.
func parseAPIURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, pipeline.Errorf(pipeline.Invalid, "GitHub API URL is not a URL")
	}
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, pipeline.Errorf(pipeline.Invalid, "GitHub API URL must have no user, query or fragment")
	case u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, pipeline.Errorf(pipeline.Invalid, "GitHub API URL %q: want https://HOST/...", text)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, pipeline.Errorf(pipeline.Invalid,
			"GitHub API URL %q: plain http would show tokens to the network, use https", text)
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
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
