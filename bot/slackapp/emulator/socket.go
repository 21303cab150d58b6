package emulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	mostSockets  = 10
	mostResponse = 20_000 // bytes; what is larger is dropped without a word
	lingering    = 10 * time.Second
)

// socket is one connection of the app in Socket Mode.
type socket struct {
	conn    *websocket.Conn
	writing sync.Mutex
	gone    chan struct{}
	once    sync.Once
	// Guarded by Slack.mu:
	leaving  bool // was told to disconnect: gets no more events
	cutAfter bool // ends with the answer to the next envelope
	silent   bool // gets no more pings
}

// cut ends a connection without a word.
func (c *socket) cut() {
	c.once.Do(func() { close(c.gone) })
	_ = c.conn.Close()
}

func (c *socket) write(v any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(lingering))
	return c.conn.WriteJSON(v)
}

// openConnection hands out an address that is good once.
func (s *Slack) openConnection(*call) (object, error) {
	ticket := random(16)
	s.tickets[ticket] = true
	return object{"url": "ws" + strings.TrimPrefix(s.url, "http") + "/link/?ticket=" + ticket + "&app_id=" + s.app.ID}, nil
}

// serveSocket carries one connection until it ends.
func (s *Slack) serveSocket(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	known := s.tickets[ticket]
	delete(s.tickets, ticket)
	down := s.down
	s.mu.Unlock()
	if down {
		panic(http.ErrAbortHandler)
	}
	if !known {
		http.Error(w, "the ticket is unknown or used up", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // clients are no browsers
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &socket{conn: conn, gone: make(chan struct{})}
	defer s.leave(c)
	n, fits := s.enter(c)
	if !fits {
		_ = c.write(disconnectMessage("too_many_websockets"))
		return
	}
	hello := object{
		"type": "hello", "num_connections": n, "connection_info": object{"app_id": s.App().ID},
		"debug_info": object{"host": "applink-emulated", "build_number": 1, "approximate_connection_time": 18060},
	}
	if c.write(hello) != nil {
		return
	}
	s.ready(c)
	s.running.Go(func() { s.ping(c) })
	s.read(c)
}

// enter counts a connection in; fits is false when there are too many.
func (s *Slack) enter(c *socket) (n int, fits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sockets) >= mostSockets {
		return 0, false
	}
	c.leaving = true // until it has had its hello
	s.sockets = append(s.sockets, c)
	if s.ctx.Err() != nil || s.down {
		c.cut()
	}
	return len(s.sockets), true
}

// ready says that a connection may get events.
func (s *Slack) ready(c *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.leaving = false
	s.touch()
}

func (s *Slack) leave(c *socket) {
	c.cut()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == c })
	s.touch()
}

// ping keeps a connection alive, beginning at once.
func (s *Slack) ping(c *socket) {
	ticker := time.NewTicker(s.options.PingInterval)
	defer ticker.Stop()
	for {
		s.mu.Lock()
		silent := c.silent
		s.mu.Unlock()
		if !silent && c.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink-emulated"), time.Now().Add(time.Second)) != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-c.gone:
			return
		}
	}
}

// read takes acknowledgements.
func (s *Slack) read(c *socket) {
	for {
		_, data, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if len(data) >= mostResponse || json.Unmarshal(data, &ack) != nil {
			continue
		}
		s.mu.Lock()
		if p := s.pending[ack.EnvelopeID]; p != nil && p.socket == c {
			delete(s.pending, ack.EnvelopeID)
			p.answered <- ack.Payload
		}
		s.mu.Unlock()
	}
}

func disconnectMessage(reason string) object {
	return object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-emulated"}}
}
