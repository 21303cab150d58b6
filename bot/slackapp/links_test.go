package slackapp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
)

// memory is a network within the process, so that fake time works.
type memory struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
}

func newMemory() *memory {
	m := &memory{conns: make(chan net.Conn), done: make(chan struct{})}
	m.close = sync.OnceFunc(func() { close(m.done) })
	return m
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error   { m.close(); return nil }
func (m *memory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case m.conns <- theirs:
		return ours, nil
	case <-m.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// socketSlack is as much of Slack as sockets need. It is used with fake time.
type socketSlack struct {
	t    *testing.T
	net  *memory
	stub *stub

	mu      sync.Mutex
	tickets int
	links   []*link // all that were opened
	hello   bool    // whether it greets
	refuse  func(w http.ResponseWriter) bool
}

// link is Slack's end of a socket.
type link struct {
	conn *websocket.Conn
	deaf atomic.Bool // answers no pings

	writing chan struct{} // a lock that fake time sees

	mu    sync.Mutex
	acks  []map[string]any
	ended error
}

func newSocketSlack(t *testing.T) *socketSlack {
	s := &socketSlack{t: t, net: newMemory(), stub: newStub(), hello: true}
	s.stub.handle("POST /api/apps.connections.open", s.open)
	s.stub.handle("GET /link", s.link)
	server := &http.Server{Handler: s.stub}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(s.net)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		for _, l := range s.opened() {
			_ = l.conn.Close()
		}
		<-served
	})
	return s
}

// options make an App talk to this Slack.
func (s *socketSlack) options(o *slackapp.Options) {
	o.APIURL = "http://127.0.0.1/api/"
	o.Transport = &http.Transport{DialContext: s.net.dial}
}

func (s *socketSlack) open(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil && s.refuse(w) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+appToken {
		callstest.Reply(w, 200, `{"ok":false,"error":"invalid_auth"}`)
		return
	}
	s.tickets++
	callstest.Reply(w, 200, fmt.Sprintf(`{"ok":true,"url":"ws://127.0.0.1/link?ticket=secret-%d"}`, s.tickets))
}

func (s *socketSlack) link(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.t.Error(err)
		return
	}
	l := &link{conn: conn, writing: make(chan struct{}, 1)}
	pong := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		if l.deaf.Load() {
			return nil
		}
		return pong(data)
	})
	s.mu.Lock()
	s.links = append(s.links, l)
	hello := s.hello
	s.mu.Unlock()
	if !hello {
		return
	}
	l.say(`{"type":"hello","num_connections":1}`)
	go l.listen()
}

func (l *link) listen() {
	for {
		_, message, err := l.conn.ReadMessage()
		l.mu.Lock()
		if err != nil {
			l.ended = err
			l.mu.Unlock()
			return
		}
		var ack map[string]any
		_ = json.Unmarshal(message, &ack)
		l.acks = append(l.acks, ack)
		l.mu.Unlock()
	}
}

func (l *link) say(text string) {
	l.writing <- struct{}{}
	defer func() { <-l.writing }()
	_ = l.conn.WriteMessage(websocket.TextMessage, []byte(text))
}

// event sends an event in an envelope.
func (l *link) event(kind, envelope, payload string) {
	l.say(fmt.Sprintf(`{"type":%q,"envelope_id":%q,"accepts_response_payload":true,"payload":%s}`, kind, envelope, payload))
}

// acked lists the envelopes that were acknowledged here, in order.
func (l *link) acked() (list []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.acks {
		list = append(list, fmt.Sprint(a["envelope_id"]))
	}
	return list
}

func (l *link) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended != nil
}

func (s *socketSlack) opened() []*link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*link{}, s.links...)
}

// set changes how the Slack behaves.
func (s *socketSlack) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// listening runs a test in fake time with an App that listens to a Slack; stop ends
// listening, and so does the end of the test.
func listening(t *testing.T, accept slackapp.Accept, test func(t *testing.T, s *socketSlack, a *slackapp.App, stop func()), change ...func(*slackapp.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSocketSlack(t)
		a := newApp(t, append([]func(*slackapp.Options){s.options}, change...)...)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.Listen(ctx, accept) }()
		stop := sync.OnceFunc(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Listen: %v", err)
			}
		})
		synctest.Wait()
		test(t, s, a, stop)
		stop()
		synctest.Wait()
	})
}
