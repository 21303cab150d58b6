package storagetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

func delivery(id string, status pipeline.DeliveryStatus) pipeline.Delivery {
	return pipeline.Delivery{
		ID: id, Event: "push", Action: "created", Host: host, RepositoryID: 7, Headers: map[string]string{"X-Event": "push"},
		Body: []byte("{\"id\":\"" + id + "\"}\x00\xff"), ReceivedAt: epoch(), Status: status, Note: "",
	}
}

func add(t *testing.T, db DB, d pipeline.Delivery, status pipeline.DeliveryStatus, isNew bool) {
	t.Helper()
	gotStatus, gotNew, err := db.AddDelivery(t.Context(), d)
	ok(t, err)
	if gotStatus != status || gotNew != isNew {
		t.Fatalf("delivery %s: got %s, new %t; want %s, new %t", d.ID, gotStatus, gotNew, status, isNew)
	}
}

// nextDelivery takes an order, which must be for that delivery.
func nextDelivery(t *testing.T, db DB, id string) pipeline.Order {
	t.Helper()
	o := next(t, db)
	var payload pipeline.DeliveryOrder
	ok(t, json.Unmarshal(o.Payload, &payload))
	if o.Kind != pipeline.HandleDelivery || payload.Delivery != id || payload.V != 1 || o.RepositoryID != 7 {
		t.Fatalf("got order %s %s, want one to handle delivery %s", o.Kind, o.Payload, id)
	}
	return o
}

// What comes from Slack says nothing of when the forge was last heard.
func testLastDelivery(t *testing.T, b Backend) {
	db := open(t, b, t.TempDir())
	forge, slack := delivery("d1", pipeline.DeliveryDone), delivery("s1", pipeline.DeliveryDone)
	slack.Event, slack.ReceivedAt = "slack.block_actions", forge.ReceivedAt.Add(time.Hour)
	add(t, db, forge, pipeline.DeliveryDone, true)
	add(t, db, slack, pipeline.DeliveryDone, true)
	last, err := db.LastDeliveryAt(t.Context())
	ok(t, err)
	same(t, last, forge.ReceivedAt)
}

func testDeliveries(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	last, err := db.LastDeliveryAt(ctx)
	ok(t, err)
	same(t, last, time.Time{})
	d := delivery("d1", pipeline.DeliveryReceived)
	add(t, db, d, pipeline.DeliveryReceived, true)
	stored, err := db.Delivery(ctx, "d1")
	ok(t, err)
	same(t, stored, d)
	last, err = db.LastDeliveryAt(ctx)
	ok(t, err)
	same(t, last, d.ReceivedAt)
	known, err := db.KnownDeliveries(ctx, []string{"d0", "d1", `d"2`})
	ok(t, err)
	same(t, known, map[string]bool{"d1": true})

	// Repeated while its order is open: nothing new to do.
	add(t, db, d, pipeline.DeliveryReceived, false)
	o := nextDelivery(t, db, "d1")
	add(t, db, d, pipeline.DeliveryReceived, false)
	nothingDue(t, db)
	// Repeated while its order waits: at once.
	ok(t, db.RetryOrder(ctx, o.ID, time.Now().Add(time.Hour), errors.New("away")))
	nothingDue(t, db)
	add(t, db, d, pipeline.DeliveryReceived, false)
	same(t, nextDelivery(t, db, "d1").ID, o.ID)
	// Given up, then repeated: a new order instead of the dead one.
	ok(t, db.BuryOrder(ctx, o.ID, errors.New("out of tries")))
	stored, err = db.Delivery(ctx, "d1")
	ok(t, err)
	same(t, stored.Status, pipeline.DeliveryDead)
	same(t, stored.Note, "out of tries")
	dead, err := db.DeadOrders(ctx, 10)
	ok(t, err)
	same(t, len(dead), 1)
	same(t, dead[0].LastError, "out of tries")
	add(t, db, d, pipeline.DeliveryReceived, false)
	o = nextDelivery(t, db, "d1")
	dead, err = db.DeadOrders(ctx, 10)
	ok(t, err)
	same(t, len(dead), 0)
	// Done is done.
	for range 2 {
		ok(t, db.FinishDelivery(ctx, "d1", pipeline.DeliveryDone, "started #1", o.ID))
	}
	add(t, db, d, pipeline.DeliveryDone, false)
	nothingDue(t, db)
	stored, err = db.Delivery(ctx, "d1")
	ok(t, err)
	same(t, stored.Note, "started #1")

	ignored := delivery("d2", pipeline.DeliveryIgnored)
	ignored.Note, ignored.RepositoryID = "not for us", 8
	add(t, db, ignored, pipeline.DeliveryIgnored, true)
	add(t, db, delivery("d2", pipeline.DeliveryReceived), pipeline.DeliveryIgnored, false)
	nothingDue(t, db)
	_, err = db.Delivery(ctx, "nobody")
	wantErr(t, err, pipeline.NotFound, nil)
	_, _, err = db.AddDelivery(ctx, pipeline.Delivery{ID: "d3"})
	wantErr(t, err, pipeline.Invalid, nil)
	// Its row may be gone, its order must not stay.
	enqueue(t, db, order("o9", time.Time{}))
	same(t, next(t, db).ID, "o9")
	ok(t, db.FinishDelivery(ctx, "nobody", pipeline.DeliveryDone, "", "o9"))
	wantErr(t, db.RetryOrder(ctx, "o9", time.Time{}, nil), pipeline.NotFound, nil)

	testDeliveryList(t, db)
	testDeliveryBurst(t, db)
}

func testDeliveryList(t *testing.T, db DB) {
	add(t, db, delivery("d4", pipeline.DeliveryReceived), pipeline.DeliveryReceived, true)
	nextDelivery(t, db, "d4")
	for _, c := range []struct {
		name   string
		filter storage.DeliveryFilter
		want   string
	}{
		{"all", storage.DeliveryFilter{}, "[d4 d2 d1]"},
		{"limit", storage.DeliveryFilter{Limit: 2}, "[d4 d2]"},
		{"next page", storage.DeliveryFilter{Before: "d2"}, "[d1]"},
		{"before unknown", storage.DeliveryFilter{Before: "nobody"}, "[]"},
		{"repository", storage.DeliveryFilter{RepositoryID: 7}, "[d4 d1]"},
		{"status", storage.DeliveryFilter{Status: pipeline.DeliveryDone}, "[d1]"},
		{"both", storage.DeliveryFilter{RepositoryID: 7, Status: pipeline.DeliveryReceived}, "[d4]"},
	} {
		list, err := db.Deliveries(t.Context(), c.filter)
		ok(t, err)
		got := []string{}
		for _, d := range list {
			got = append(got, d.ID)
			if len(d.Body) > 0 {
				t.Errorf("%s: the list carries bodies", c.name)
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

// Deliveries that arrive together are all stored and all handed out, those that
// are refused do not spoil the others.
func testDeliveryBurst(t *testing.T, db DB) {
	const callers = 64
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			for _, suffix := range []string{"", "", "/again"} {
				d := delivery(fmt.Sprint("b", i, suffix), pipeline.DeliveryReceived)
				if _, _, err := db.AddDelivery(t.Context(), d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for range 2 * callers {
		o := next(t, db)
		seen[string(o.Payload)] = true
	}
	same(t, len(seen), 2*callers)
	nothingDue(t, db)
}

func testPrune(t *testing.T, b Backend) {
	db, ctx := open(t, b, t.TempDir()), t.Context()
	now := time.Now()
	at := func(id string, age time.Duration, status pipeline.DeliveryStatus) {
		d := delivery(id, status)
		d.ReceivedAt = now.Add(-age)
		add(t, db, d, status, true)
	}
	const day = 24 * time.Hour
	at("young", 13*day, pipeline.DeliveryIgnored)
	at("old", 15*day, pipeline.DeliveryIgnored)
	at("open", 400*day, pipeline.DeliveryReceived)
	at("ancient", 400*day, pipeline.DeliveryIgnored)
	var group sync.WaitGroup
	for caller := range 60 { // together more than one step
		group.Go(func() {
			for i := range 10 {
				d := delivery(fmt.Sprint("many", caller*10+i), pipeline.DeliveryIgnored)
				d.ReceivedAt = now.Add(-400 * day)
				if _, _, err := db.AddDelivery(ctx, d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	key := mainLane(7)
	turn := turnOf(key, 0)
	turn.InputKey = "k"
	save(t, db, turn)
	ok(t, db.Prune(ctx, now))
	for id, want := range map[string]string{"young": "body", "old": "row", "open": "body", "ancient": "gone", "many7": "gone"} {
		d, err := db.Delivery(ctx, id)
		got := "gone"
		switch {
		case err == nil && len(d.Body) > 0 && len(d.Headers) > 0:
			got = "body"
		case err == nil:
			got = "row"
		case pipeline.KindOf(err) != pipeline.NotFound:
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("delivery %s: %s is left, want %s", id, got, want)
		}
	}
	turn.Version = 1
	wantErr(t, db.SaveTurn(ctx, turn), pipeline.Conflict, pipeline.ErrDuplicate)
	ok(t, db.Prune(ctx, now.Add(366*day)))
	ok(t, db.SaveTurn(ctx, turn))
}
