package calls

import (
	"net"
	"net/http"
	"time"
)

// NewTransport is a pool of connections to one service that goes through the proxy of the
// environment, and keeps so many for the next calls; HTTP/2 needs just one.
func NewTransport(kept int) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          kept,
		MaxIdleConnsPerHost:   kept,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}
