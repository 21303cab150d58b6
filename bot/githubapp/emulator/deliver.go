package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/penstock-cd/penstock/bot/emulation"
)

// maxResponse is how much of a receiver's answer is kept.
const maxResponse = 64 << 10

// deliveryQueue sends in order within a lane and lanes side by side, up to a
// number at once. GitHub.mu guards it.
type deliveryQueue struct {
	lanes     map[string][]*Delivery // the first of each is under way
	waiting   []string               // lanes without a worker, in order
	workers   int
	held      []*Delivery
	holding   bool
	drop      int
	duplicate int
	delay     time.Duration
}

func newDeliveryQueue() deliveryQueue { return deliveryQueue{lanes: map[string][]*Delivery{}} }

func newDeliveryClient(workers int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			MaxIdleConnsPerHost: workers,
			IdleConnTimeout:     30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// enqueue puts a delivery where the faults switched on want it.
func (g *GitHub) enqueue(d *Delivery) {
	q := &g.queue
	switch {
	case q.drop > 0:
		q.drop--
		d.State, d.Status, d.DeliveredAt = DeliveryDropped, "timed out", g.now()
		return
	case q.holding:
		d.State = DeliveryHeld
		q.held = append(q.held, d)
		return
	}
	g.line(d)
}

// line puts a delivery in its lane and makes sure that somebody works on it.
func (g *GitHub) line(d *Delivery) {
	q := &g.queue
	d.State = DeliveryQueued
	q.lanes[d.lane] = append(q.lanes[d.lane], d)
	if len(q.lanes[d.lane]) > 1 {
		return
	}
	q.waiting = append(q.waiting, d.lane)
	if q.workers < g.options.DeliveryWorkers && g.ctx.Err() == nil {
		q.workers++
		g.running.Go(g.work)
	}
}

// work delivers until no lane waits. It takes the lock itself.
func (g *GitHub) work() {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := &g.queue
	for len(q.waiting) > 0 && g.ctx.Err() == nil {
		lane := q.waiting[0]
		q.waiting = q.waiting[1:]
		d, delay := q.lanes[lane][0], q.delay
		g.mu.Unlock()
		g.deliver(d, delay)
		g.mu.Lock()
		q.lanes[lane] = q.lanes[lane][1:]
		if len(q.lanes[lane]) > 0 {
			q.waiting = append(q.waiting, lane)
		} else {
			delete(q.lanes, lane)
		}
	}
	q.workers--
}

// deliver makes one attempt and records it. It takes the lock itself.
func (g *GitHub) deliver(d *Delivery, delay time.Duration) {
	if delay > 0 && !emulation.Hold(g.ctx, g.ctx, delay, nil) {
		return
	}
	sent := time.Now()
	response, header, code, err := g.post(d)
	took := time.Since(sent)
	g.mu.Lock()
	defer g.mu.Unlock()
	d.Sent, d.Duration, d.DeliveredAt = sent, took, g.now()
	d.ResponseHeader, d.Response, d.StatusCode = header, response, code
	d.State, d.Status = DeliveryDelivered, "OK"
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		d.State, d.Status = DeliveryFailed, "timed out"
	case err != nil:
		d.State, d.Status = DeliveryFailed, "failed to connect to host"
	case code >= 300:
		d.Status = "Invalid HTTP Response: " + http.StatusText(code)
	}
	if err != nil && g.ctx.Err() == nil {
		g.log.Info("webhook", "delivery", d.GUID, "event", d.Event, "err", err)
	}
	g.touch()
}

func (g *GitHub) post(d *Delivery) (body string, header http.Header, code int, err error) {
	ctx, cancel := context.WithTimeout(g.ctx, g.options.DeliveryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(d.Payload))
	if err != nil {
		return "", nil, 0, err
	}
	request.Header = d.Header.Clone()
	response, err := g.client.Do(request)
	if err != nil {
		return "", nil, 0, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return "", nil, 0, err
	}
	return string(data), response.Header, response.StatusCode, nil
}
