package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// HoldDeliveries keeps new webhooks back until they are released.
func (g *GitHub) HoldDeliveries() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue.holding = true
}

// ReleaseDeliveries sends what was held, in order, and holds no longer.
func (g *GitHub) ReleaseDeliveries() { g.release(func(held []*Delivery) []*Delivery { return held }) }

// ReleaseReversed sends what was held with the newest first, one after the
// other, and holds no longer.
func (g *GitHub) ReleaseReversed() {
	g.release(func(held []*Delivery) []*Delivery {
		slices.Reverse(held)
		for _, d := range held {
			d.lane = "reversed"
		}
		return held
	})
}

func (g *GitHub) release(order func([]*Delivery) []*Delivery) {
	g.mu.Lock()
	defer g.mu.Unlock()
	held := g.queue.held
	g.queue.held, g.queue.holding = nil, false
	for _, d := range order(held) {
		g.line(d)
	}
	g.touch()
}

// ReleaseDelivery sends one held webhook now and goes on holding the others.
func (g *GitHub) ReleaseDelivery(id int64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.queue.held, func(d *Delivery) bool { return d.ID == id })
	if i < 0 {
		return fmt.Errorf("delivery %d is not held", id)
	}
	d := g.queue.held[i]
	g.queue.held = slices.Delete(g.queue.held, i, i+1)
	g.line(d)
	g.touch()
	return nil
}

// DropDeliveries loses the next n webhooks. The deliveries API lists them as
// failed, with status code 0, as when the receiver was down.
func (g *GitHub) DropDeliveries(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue.drop = n
}

// DuplicateDeliveries sends each of the next n webhooks twice, with one GUID.
func (g *GitHub) DuplicateDeliveries(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue.duplicate = n
}

// DelayDeliveries makes every webhook wait before it goes out; 0 ends it.
func (g *GitHub) DelayDeliveries(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue.delay = d
}

// Redeliver sends a recorded webhook again with the same GUID, as the button on
// GitHub's page does, and answers the id of the new attempt.
func (g *GitHub) Redeliver(id int64) (int64, error) {
	return g.again(id, func(d *Delivery) *Delivery { return g.repeat(d, d.GUID, true) })
}

// RedeliverWithNewGUID sends the body of a recorded webhook under another GUID,
// which GitHub never does but an attacker can.
func (g *GitHub) RedeliverWithNewGUID(id int64) (int64, error) {
	return g.again(id, func(d *Delivery) *Delivery { return g.repeat(d, newGUID(), false) })
}

func (g *GitHub) again(id int64, repeat func(*Delivery) *Delivery) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.delivery(id)
	if d == nil {
		return 0, fmt.Errorf("no delivery %d", id)
	}
	return repeat(d).ID, nil
}

// SendWebhook sends an app any event with any body, properly signed.
func (g *GitHub) SendWebhook(appID int64, eventName string, payload []byte) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.apps[appID]
	if a == nil || a.hookURL == "" {
		return 0, fmt.Errorf("no app %d with a webhook", appID)
	}
	d := &Delivery{GUID: newGUID(), AppID: appID, Event: eventName, Payload: payload, lane: "sent by hand"}
	g.queueAttempt(d)
	return d.ID, nil
}

// SignedHeader is the header GitHub would send with a body, for requests a test
// makes itself.
func SignedHeader(eventName, guid, secret string, body []byte) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitHub-Hookshot/44d0e52")
	h.Set("X-GitHub-Event", eventName)
	h.Set("X-GitHub-Delivery", guid)
	h.Set("X-Hub-Signature-256", "sha256="+sign256(secret, body))
	return h
}
