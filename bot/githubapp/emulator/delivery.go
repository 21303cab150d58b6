package emulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// The states of a delivery.
const (
	DeliveryQueued    = "queued"    // waiting for its turn, or under way
	DeliveryHeld      = "held"      // kept back by HoldDeliveries
	DeliveryDropped   = "dropped"   // lost by DropDeliveries; GitHub's list shows it as failed
	DeliveryDelivered = "delivered" // answered, with whatever status
	DeliveryFailed    = "failed"    // no answer
)

// Delivery is one attempt to deliver a webhook. Attempts are never repeated by
// themselves.
type Delivery struct {
	ID             int64
	GUID           string
	AppID          int64
	InstallationID int64
	RepositoryID   int64
	Event, Action  string
	Redelivery     bool
	State          string
	// Status is GitHub's word for the outcome, OK when it worked.
	Status      string
	StatusCode  int
	DeliveredAt time.Time
	// Sent is the real time (not Options.Clock) at which the request went out,
	// for measuring.
	Sent     time.Time
	Duration time.Duration
	URL      string
	Header   http.Header
	Payload  json.RawMessage
	// ResponseHeader and Response are the receiver's answer.
	ResponseHeader http.Header
	Response       string

	lane string
}

// queueDelivery makes a delivery of an event and queues it.
func (g *GitHub) queueDelivery(a *app, e event, installationID int64, payload object) {
	if a.hookURL == "" {
		return
	}
	d := &Delivery{
		GUID: newGUID(), AppID: a.id, InstallationID: installationID, Event: e.name, Action: e.action,
		Payload: encode(payload), lane: e.lane,
	}
	if e.repo != nil {
		d.RepositoryID = e.repo.id
	}
	g.queueAttempt(d)
	if g.queue.duplicate > 0 {
		g.queue.duplicate--
		g.repeat(d, d.GUID, false)
	}
}

// queueAttempt gives an attempt its id, headers and place in the queue.
func (g *GitHub) queueAttempt(d *Delivery) {
	a := g.apps[d.AppID]
	d.ID, d.URL, d.State, d.Status = g.nextID(), a.hookURL, DeliveryQueued, ""
	d.Header = http.Header{
		"Accept":              {"*/*"},
		"Content-Type":        {"application/json"},
		"User-Agent":          {"GitHub-Hookshot/44d0e52"},
		"X-Github-Event":      {d.Event},
		"X-Github-Delivery":   {d.GUID},
		"X-Github-Hook-Id":    {strconv.FormatInt(a.hookID, 10)},
		"X-Hub-Signature":     {"sha1=" + signature160(a.hookSecret, d.Payload)},
		"X-Hub-Signature-256": {"sha256=" + sign256(a.hookSecret, d.Payload)},

		"X-Github-Hook-Installation-Target-Id":   {strconv.FormatInt(a.id, 10)},
		"X-Github-Hook-Installation-Target-Type": {"integration"},
	}
	if a.hookSecret == "" {
		d.Header.Del("X-Hub-Signature")
		d.Header.Del("X-Hub-Signature-256")
	}
	g.deliveries = append(g.deliveries, d)
	g.enqueue(d)
	g.touch()
}

// repeat queues the body of a delivery again.
func (g *GitHub) repeat(d *Delivery, guid string, redelivery bool) *Delivery {
	again := &Delivery{
		GUID: guid, AppID: d.AppID, InstallationID: d.InstallationID, RepositoryID: d.RepositoryID,
		Event: d.Event, Action: d.Action, Redelivery: redelivery, Payload: d.Payload, lane: d.lane,
	}
	g.queueAttempt(again)
	return again
}

// Deliveries lists all attempts, oldest first.
func (g *GitHub) Deliveries() []Delivery {
	return look(g, func(v *View) []Delivery { return v.Deliveries() })
}

// Deliveries is GitHub.Deliveries.
func (v *View) Deliveries() []Delivery {
	list := make([]Delivery, 0, len(v.g.deliveries))
	for _, d := range v.g.deliveries {
		list = append(list, d.view())
	}
	return list
}

// PendingDeliveries counts the attempts that are queued, held or under way.
func (v *View) PendingDeliveries() int {
	n := 0
	for _, d := range v.g.deliveries {
		if d.State == DeliveryQueued || d.State == DeliveryHeld {
			n++
		}
	}
	return n
}

func (d *Delivery) view() Delivery {
	v := *d
	v.Header, v.ResponseHeader = maps.Clone(d.Header), maps.Clone(d.ResponseHeader)
	return v
}

func (g *GitHub) delivery(id int64) *Delivery {
	for _, d := range g.deliveries {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func sign(algorithm func() hash.Hash, secret string, body []byte) string {
	mac := hmac.New(algorithm, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func sign256(secret string, body []byte) string { return sign(sha256.New, secret, body) }

// signature160 is the legacy SHA-1 form, which GitHub still sends.
func signature160(secret string, body []byte) string { return sign(sha1.New, secret, body) }

func newGUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
