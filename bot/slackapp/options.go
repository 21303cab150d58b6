package slackapp

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

// DefaultAPIURL is where Slack's methods are.
const DefaultAPIURL = slack.APIURL

const (
	// Timeout is how long one call may take.
	Timeout = 10 * time.Second
	// ModalTimeout is how long OpenModal may take: Slack takes the trigger for
	// three seconds.
	ModalTimeout = 2500 * time.Millisecond
	// DefaultConnections is how many sockets Listen keeps when not said: while
	// Slack replaces one, the other takes what comes.
	DefaultConnections = 2
	// MaxConnections is how many Slack allows an app.
	MaxConnections = 10
)

// Options says which app this is. BotToken is required, AppToken for Listen,
// SigningSecret for Register.
type Options struct {
	BotToken      string // xoxb-...
	AppToken      string // xapp-..., with connections:write
	SigningSecret string
	// APIURL is DefaultAPIURL when empty. Plain http is for loopback addresses only.
	APIURL string
	// Connections is how many sockets Listen keeps; DefaultConnections when 0.
	Connections int
	// Transport carries all requests; NewTransport when nil. Of an *http.Transport
	// the sockets use the proxy, the dialer and the TLS settings too.
	Transport http.RoundTripper
	// Logger gets a line per call at debug level, and limits and lost sockets as
	// warnings. Never a token. None when nil.
	Logger *slog.Logger
	// Now is the clock for limits and signatures; time.Now when nil.
	Now func() time.Time
	// UserAgent is "penstock" when empty.
	UserAgent string
	// CheckSubmission, if set, is asked about every submitted modal before it is
	// stored. What it answers, by block id, is shown to the person in the modal,
	// which stays open, and nothing is stored. It must not wait for anything.
	CheckSubmission func(Submission) map[string]string
	// OnCall, if set, is told of every call: Slack's name of the method
	// ("response_url" for those), how it went, and how long it took. The result is
	// "ok", "held" (not sent), "limited", "timeout", "network", "5xx", "strange", or
	// the code with which Slack refused; there are few of them. It must return at
	// once, and is called from many goroutines.
	OnCall func(method, result string, took time.Duration)
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.APIURL == "" {
		o.APIURL = DefaultAPIURL
	}
	if o.Connections == 0 {
		o.Connections = DefaultConnections
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
	if o.UserAgent == "" {
		o.UserAgent = "penstock"
	}
	if o.CheckSubmission == nil {
		o.CheckSubmission = func(Submission) map[string]string { return nil }
	}
	if o.OnCall == nil {
		o.OnCall = func(string, string, time.Duration) {}
	}
	return o
}

// NewTransport is a pool of connections to Slack that goes through the proxy of
// the environment.
func NewTransport() *http.Transport { return calls.NewTransport(8) }

// check refuses what cannot work. The errors never show a secret.
func (o Options) check() error {
	switch {
	case o.BotToken == "":
		return pipeline.Errorf(pipeline.Invalid, "Slack's bot token is missing: it is on the app's page under OAuth & Permissions, and starts with xoxb-")
	case strings.HasPrefix(o.BotToken, "xapp-"):
		return pipeline.Errorf(pipeline.Invalid, "the bot token is an app-level token (xapp-): want the one that starts with xoxb-")
	case !strings.HasPrefix(o.BotToken, "xoxb-") || !isToken(o.BotToken):
		return pipeline.Errorf(pipeline.Invalid, "the bot token is not one of Slack's: want xoxb-... and nothing else")
	case o.AppToken != "" && (!strings.HasPrefix(o.AppToken, "xapp-") || !isToken(o.AppToken)):
		return pipeline.Errorf(pipeline.Invalid, "the app-level token is not one of Slack's: want xapp-... and nothing else")
	case o.SigningSecret != "" && !isToken(o.SigningSecret):
		return pipeline.Errorf(pipeline.Invalid, "Slack's signing secret has characters that are in no signing secret")
	case o.Connections < 1 || o.Connections > MaxConnections:
		return pipeline.Errorf(pipeline.Invalid, "%d connections to Slack: want 1 to %d", o.Connections, MaxConnections)
	}
	return nil
}

// isToken reports whether a secret has only what can be in one, so that a stray
// line end or quote is found at the start and not by Slack.
func isToken(secret string) bool {
	for _, c := range secret {
		if c <= ' ' || c > '~' || c == '"' || c == '\'' {
			return false
		}
	}
	return true
}
