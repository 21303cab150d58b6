package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// server asks whether one runs here, and is ready.
func (d *doctor) server(ctx context.Context) {
	ask, port, err := net.SplitHostPort(d.config.Listen)
	if err != nil {
		d.skip("server", "its address is not known")
		return
	}
	if ip := net.ParseIP(ask); ask == "" || ip != nil && ip.IsUnspecified() {
		ask = "127.0.0.1"
	}
	status, body, err := get(ctx, "http://"+net.JoinHostPort(ask, port)+"/readyz")
	switch {
	case err != nil:
		d.warn("server", "systemctl start penstock; journalctl -u penstock says why it does not", "none answers at %s: %v", d.config.Listen, err)
	case status == http.StatusOK && body == "ready":
		d.running = true
		d.ok("server", "it runs, and takes work")
	case status == http.StatusServiceUnavailable:
		d.running = true
		d.fail("server", "", "it runs, and takes no work: %s", body)
	default:
		d.fail("server", "let Penstock listen elsewhere (PENSTOCK_LISTEN), or end the other program", "something else answers at %s (%d)", d.config.Listen, status)
	}
}

// get reads the first words of a page. Nobody is followed elsewhere.
func get(ctx context.Context, address string) (status int, body string, err error) {
	client := &http.Client{Timeout: probeTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	answer, err := client.Do(r)
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address, which is said already
	}
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 500))
	return answer.StatusCode, strings.TrimSpace(string(text)), err
}
