package slackapp

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// maxFrame is the largest message of a socket: a payload in its envelope.
	maxFrame = 2 * MaxBody
	// helloTimeout is how long Slack may take to greet.
	helloTimeout = 10 * time.Second
	// pingInterval is how often we ask whether the other side is there; Slack does
	// the same.
	pingInterval = 15 * time.Second
	// silence is how long nothing may come, not even an answer to a ping.
	silence = 40 * time.Second
	// ackTime is how long after its arrival an event can still be acknowledged.
	ackTime = 3 * time.Second
	// atOnce is how many events of a socket are stored at the same time. More wait
	// in Slack's hands.
	atOnce = 32
)

// socket is one connection over which Slack tells what people do. An event is
// acknowledged on the socket that it came by, or not at all.
type socket struct {
	app  *App
	conn *websocket.Conn
	// leaving is closed when Slack has announced the end or the socket is gone: the
	// next one is needed.
	leaving chan struct{}
	leave   func()

	greeted atomic.Bool
	storing sync.WaitGroup // added to by the reader alone
	slots   chan struct{}

	writing sync.Mutex // data frames; control frames may be written beside them
}

func newSocket(a *App, conn *websocket.Conn) *socket {
	s := &socket{app: a, conn: conn, leaving: make(chan struct{}), slots: make(chan struct{}, atOnce)}
	s.leave = sync.OnceFunc(func() { close(s.leaving) })
	return s
}

// serve reads until the socket ends, or ctx does. It returns when what it has read
// was stored and, if the connection still takes it, acknowledged.
func (s *socket) serve(ctx context.Context, accept Accept) {
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { s.watch(ctx, cancel) })
	why := s.read(ctx, accept)
	s.leave()
	s.storing.Wait()
	cancel()
	beside.Wait()
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = s.conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(time.Second)) // a courtesy
	_ = s.conn.Close()
	s.app.log.Debug("a socket to Slack has ended", "why", s.app.secrets.scrub(why.Error()))
}

// watch pings, and ends reading when ctx ends or Slack takes too long to close what
// it has announced to close.
func (s *socket) watch(ctx context.Context, cancel func()) {
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	leaving := s.leaving
	var drained <-chan time.Time
	for {
		select {
		case <-ping.C:
			_ = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)) // if it is lost, reading finds out
		case <-leaving:
			leaving, drained = nil, time.After(drainTime)
		case <-drained:
			cancel()
		case <-ctx.Done():
			_ = s.conn.SetReadDeadline(time.Now())
			return
		}
	}
}

// envelope is what comes over a socket.
type envelope struct {
	Type       string          `json:"type"`
	EnvelopeID string          `json:"envelope_id"`
	Reason     string          `json:"reason"`
	Payload    json.RawMessage `json:"payload"`
	// Connections is how many sockets of the app Slack has, with its greeting.
	Connections int `json:"num_connections"`
}

// read takes what comes, and answers why it ended.
func (s *socket) read(ctx context.Context, accept Accept) error {
	s.conn.SetReadLimit(maxFrame)
	pong := s.conn.PingHandler()
	s.conn.SetPingHandler(func(data string) error {
		s.patience(ctx)
		return pong(data)
	})
	s.conn.SetPongHandler(func(string) error {
		s.patience(ctx)
		return nil
	})
	defer func() {
		if s.greeted.Load() {
			s.app.open.Add(-1)
		}
	}()
	_ = s.conn.SetReadDeadline(time.Now().Add(helloTimeout))
	for ctx.Err() == nil {
		kind, message, err := s.conn.ReadMessage()
		if err != nil {
			return err
		}
		var e envelope
		if kind != websocket.TextMessage || json.Unmarshal(message, &e) != nil {
			s.app.log.Warn("a socket of Slack's said what cannot be read", "bytes", len(message))
			continue
		}
		switch e.Type {
		case "hello":
			if s.greeted.CompareAndSwap(false, true) {
				s.app.open.Add(1)
				s.app.greeted(e.Connections)
			}
		case "disconnect":
			s.app.log.Debug("Slack announced the end of a socket", "reason", knownCode(e.Reason))
			s.leave()
		default:
			s.take(ctx, e, accept)
		}
		s.patience(ctx)
	}
	return ctx.Err()
}

// patience gives a socket that has been greeted its time of silence anew. It never
// undoes the end of reading that comes with the end of ctx.
func (s *socket) patience(ctx context.Context) {
	if !s.greeted.Load() {
		return
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(silence))
	if ctx.Err() != nil {
		_ = s.conn.SetReadDeadline(time.Now())
	}
}
