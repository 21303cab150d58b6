package slackapp

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/websocket"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

// openSocket asks Slack for a socket's address, which is good once, and opens it.
// It is of use when Slack has greeted.
func (a *App) openSocket(ctx context.Context) (*socket, error) {
	var opened *socket
	err := a.do(ctx, call{method: methodSocket, what: "open a socket to Slack", timeout: Timeout, waited: true}, func(ctx context.Context) error {
		_, address, err := a.client.StartSocketModeContext(ctx)
		if err != nil {
			return err
		}
		if err := a.checkSocketAddress(address); err != nil {
			return err
		}
		opened, err = a.dial(ctx, address)
		return err
	})
	return opened, err
}

// checkSocketAddress refuses addresses that would show what people do to the
// network.
func (a *App) checkSocketAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return strange()
	case u.Scheme == "wss":
		return nil
	case u.Scheme == "ws" && a.api.Scheme == "http" && calls.IsLoopback(u.Hostname()):
		return nil
	}
	return pipeline.Errorf(pipeline.Unavailable, "the socket's address is not a wss:// one: is something else than Slack answering?")
}

// dial opens a socket at an address. The address is a capability: it is in no error.
func (a *App) dial(ctx context.Context, address string) (*socket, error) {
	d := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: Timeout, NetDialContext: NewTransport().DialContext}
	if t, ok := a.options.Transport.(*http.Transport); ok {
		d.Proxy, d.TLSClientConfig = t.Proxy, t.TLSClientConfig.Clone()
		if d.TLSClientConfig != nil {
			d.TLSClientConfig.NextProtos = nil // a WebSocket is HTTP/1.1
		}
		if t.DialContext != nil {
			d.NetDialContext = t.DialContext
		}
	}
	begin := time.Now()
	conn, answer, err := d.DialContext(ctx, address, http.Header{"User-Agent": {a.options.UserAgent}})
	if err != nil {
		status := 0
		if answer != nil {
			status = answer.StatusCode
		}
		return nil, a.explainDial(ctx, status, err)
	}
	a.log.Debug("a socket to Slack was opened", "took", time.Since(begin))
	return newSocket(a, conn), nil
}

// explainDial says why a socket could not be opened.
func (a *App) explainDial(ctx context.Context, status int, err error) error {
	switch {
	case ctx.Err() == context.Canceled:
		return calls.Unavailable(0, context.Canceled, "given up")
	case calls.TimedOut(err) || ctx.Err() != nil:
		return calls.Unavailable(0, context.DeadlineExceeded, "the socket did not open in time")
	case status != 0:
		return calls.Unavailable(0, nil, "the socket's address answered %d", status)
	}
	return calls.Unavailable(0, nil, "the socket does not open: %s", a.secrets.scrub(innermost(err)))
}
