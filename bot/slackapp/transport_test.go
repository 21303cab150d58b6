package slackapp_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// proxy is one as companies have: all traffic goes through it, and it sees only
// where to.
type proxy struct {
	mu sync.Mutex
	to []string
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.to = append(p.to, r.Method+" "+r.Host)
	p.mu.Unlock()
	there, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(502)
		return
	}
	defer there.Close()
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(there, here); there.Close() }()
	_, _ = io.Copy(here, there)
}

// As in a company: Slack over TLS with HTTP/2, behind a proxy. Both the calls and the
// sockets go through it, encrypted.
func TestCallsAndSocketsGoThroughTheProxy(t *testing.T) {
	t.Parallel()
	s := newStub()
	var server *httptest.Server
	s.handle("/api/apps.connections.open", func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("the call came by %s", r.Proto)
		}
		callstest.Reply(w, 200, fmt.Sprintf(`{"ok":true,"url":"wss%s/link?ticket=secret-1"}`, strings.TrimPrefix(server.URL, "https")))
	})
	acked := make(chan string, 1)
	s.handle("/link", func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"interactive","envelope_id":"e","payload":`+strings.ReplaceAll(clickPayload, "\n", "")+`}`))
		_, message, _ := conn.ReadMessage()
		acked <- string(message)
		_, _, _ = conn.ReadMessage()
	})
	server = httptest.NewUnstartedServer(s)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	p := &proxy{}
	proxyServer := httptest.NewServer(p)
	t.Cleanup(proxyServer.Close)
	through, err := url.Parse(proxyServer.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := slackapp.NewTransport()
	transport.Proxy = http.ProxyURL(through)
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	shelf := &shelf{}
	a := newApp(t, func(o *slackapp.Options) { o.APIURL, o.Transport, o.Connections = server.URL+"/api/", transport, 1 })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Listen(ctx, shelf.accept) }()
	select {
	case got := <-acked:
		if strings.TrimSpace(got) != `{"envelope_id":"e"}` {
			t.Errorf("acknowledged %s", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no event came through")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	want := "CONNECT " + strings.TrimPrefix(server.URL, "https://")
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.to) != 2 || p.to[0] != want || p.to[1] != want {
		t.Errorf("went to %v, want twice %s", p.to, want)
	}
}

// Without settings the proxy is that of the environment.
func TestTheTransportUsesTheProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	if slackapp.NewTransport().Proxy == nil {
		t.Error("there is no proxy")
	}
}

// A socket's address has a ticket: no log line shows it, whatever goes wrong.
func TestSocketsShowNoSecrets(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]func(w http.ResponseWriter, r *http.Request){
		"no socket": func(w http.ResponseWriter, r *http.Request) { callstest.Reply(w, 403, r.URL.String()) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://x.example.com/?ticket=secret-1", http.StatusFound)
		},
		"rubbish": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, appToken+" "+r.URL.String()+"\r\n\r\n")
				conn.Close()
			}
		},
		"a goodbye with secrets": func(w http.ResponseWriter, r *http.Request) {
			upgrader := websocket.Upgrader{}
			if conn, err := upgrader.Upgrade(w, r, nil); err == nil {
				_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"disconnect","reason":"`+appToken+`"}`))
				_ = conn.WriteMessage(websocket.TextMessage, []byte(appToken))
				_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4001, appToken+" wss://x/?ticket=secret-1"), time.Now().Add(time.Second))
				conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			s.answer("/api/apps.connections.open", 200, fmt.Sprintf(`{"ok":true,"url":"ws%s/link?ticket=secret-1"}`, strings.TrimPrefix(server.URL, "http")))
			s.handle("/link", link)
			log := &watched{told: make(chan struct{}, 100)}
			a := newApp(t, logTo(log), func(o *slackapp.Options) { o.APIURL, o.Connections, o.Transport = server.URL+"/api/", 1, nil })
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- a.Listen(ctx, (&shelf{}).accept) }()
			for !strings.Contains(log.text(), "no socket to Slack") && !strings.Contains(log.text(), "has ended") {
				select {
				case <-log.told:
				case <-time.After(20 * time.Second):
					t.Fatalf("nothing in the log:\n%s", log.text())
				}
			}
			cancel()
			<-ended
			if shown := secretsShown(log.text()); len(shown) > 0 {
				t.Errorf("the log shows %q:\n%s", shown, log.text())
			}
		})
	}
}

// watched is a log that tells of its lines.
type watched struct {
	told chan struct{}
	mu   sync.Mutex
	all  strings.Builder
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.told <- struct{}{}:
	default:
	}
	return w.all.Write(p)
}

func (w *watched) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}

// What the operator got wrong is said without showing it.
func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*slackapp.Options){
		"no bot token":             func(o *slackapp.Options) { o.BotToken = "" },
		"the app's as the bot's":   func(o *slackapp.Options) { o.BotToken = appToken },
		"a user's as the bot's":    func(o *slackapp.Options) { o.BotToken = "xoxp-1-SecretOfThe" },
		"a bot token with its end": func(o *slackapp.Options) { o.BotToken += "\n" },
		"the bot's as the app's":   func(o *slackapp.Options) { o.AppToken = botToken },
		"an app token in quotes":   func(o *slackapp.Options) { o.AppToken = `xapp-"SecretOfThe"` },
		"a secret with its end":    func(o *slackapp.Options) { o.SigningSecret += "\r\n" },
		"sockets without end":      func(o *slackapp.Options) { o.Connections = 11 },
		"negative sockets":         func(o *slackapp.Options) { o.Connections = -1 },
		"plain http":               func(o *slackapp.Options) { o.APIURL = "http://slack.example.com/api/" },
		"no URL":                   func(o *slackapp.Options) { o.APIURL = "slack.com/api" },
		"a URL with a password":    func(o *slackapp.Options) { o.APIURL = "https://u:SecretOfThe@slack.com/api/" },
	} {
		o := slackapp.Options{BotToken: botToken, AppToken: appToken, SigningSecret: signingSecret, Logger: slog.New(slog.DiscardHandler)}
		change(&o)
		_, err := slackapp.New(o)
		callstest.WantKind(t, err, pipeline.Invalid)
		if shown := secretsShown(err.Error()); len(shown) > 0 {
			t.Errorf("%s: %q shows %q", name, err, shown)
		}
	}
}
