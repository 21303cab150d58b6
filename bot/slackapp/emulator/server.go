package emulator

import (
	"net"
	"net/http"
)

// handler serves everything: API, sockets, response URLs and pages.
func (s *Slack) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/{method}", s.injectTrouble("", http.HandlerFunc(s.serveAPI)))
	mux.HandleFunc("GET /link/{$}", s.serveSocket)
	respond := s.injectTrouble("response_url", http.HandlerFunc(s.serveResponseURL))
	mux.Handle("POST /actions/{key}", respond)
	mux.Handle("POST /commands/{key}", respond)
	s.pageRoutes(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.running.Add(1)
		defer s.running.Done()
		mux.ServeHTTP(w, r)
	})
}

// gate is the listener. While Slack is down it hangs up on everybody.
type gate struct {
	net.Listener
	s *Slack
}

// Accept waits for the next connection that may come in.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g.s.mu.Lock()
		down := g.s.down
		g.s.mu.Unlock()
		if !down {
			return c, nil
		}
		_ = c.Close()
	}
}
