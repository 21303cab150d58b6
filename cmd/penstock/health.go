package main

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/storage"
)

const (
	// diskEvery is how long an answer about the disk is believed.
	diskEvery = time.Second
	// readyTime is the most that finding out may take.
	readyTime = 3 * time.Second
)

// health answers whether the server is there and whether it can take work.
type health struct {
	db   *storage.DB
	data string
	now  func() time.Time

	mu     sync.Mutex
	looked time.Time
	full   error

	writing   sync.Mutex
	wrote     time.Time
	unwritten error
}

// takes says why no work can be taken now, or nil. It is cheap enough to be asked
// for each delivery.
func (h *health) takes() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.now(); now.Sub(h.looked) >= diskEvery || now.Before(h.looked) {
		disk, err := storage.DiskOf(filepath.Clean(h.data))
		if err == nil {
			err = disk.Full()
		}
		h.looked, h.full = now, err
	}
	return h.full
}

// ready is /readyz: 200, or 503 with what is wrong.
func (h *health) ready(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTime)
	defer cancel()
	err := h.takes()
	if err == nil {
		err = h.writes(ctx)
	}
	if err != nil {
		return c.String(http.StatusServiceUnavailable, err.Error()+"\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// writes says why nothing can be written durably, or nil: found out by doing it,
// at most once a second, whoever asks.
func (h *health) writes(ctx context.Context) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	if now := h.now(); now.Sub(h.wrote) >= diskEvery || now.Before(h.wrote) || h.unwritten != nil {
		h.unwritten, h.wrote = h.db.SetBookmark(ctx, "ready", now), now
	}
	return h.unwritten
}

// loopbackOnly lets only this machine ask, and no proxy on it: who asks a proxy
// is not known.
func loopbackOnly(next http.Handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		address, parsed := netip.ParseAddr(host)
		proxied := r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("X-Real-Ip") != ""
		if err != nil || parsed != nil || !address.Unmap().IsLoopback() || proxied {
			return c.String(http.StatusNotFound, "not found\n")
		}
		next.ServeHTTP(c.Response(), r)
		return nil
	}
}
