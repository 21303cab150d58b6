package bot_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// The door takes only what GitHub has signed, and stores nothing else.
func TestDoor(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	stranger := []byte(`{"action":"created","repository":{"id":7,"name":"x","owner":{"login":"evil-org"}},"sender":{"id":1,"login":"x","type":"User"}}`)
	for _, test := range []struct {
		name, event string
		body        []byte
		sign        func(http.Header, []byte)
		code        int
		stored      pipeline.DeliveryStatus
	}{
		{"no signature", "push", stranger, func(http.Header, []byte) {}, 401, ""},
		{"wrong secret", "push", stranger, signed("another"), 401, ""},
		{"empty secret", "push", stranger, signed(""), 401, ""},
		{"SHA-1 only", "push", stranger, func(header http.Header, body []byte) {
			mac := hmac.New(sha1.New, []byte(secret))
			mac.Write(body)
			header.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(mac.Sum(nil)))
		}, 401, ""},
		{"signature of another body", "push", stranger, func(header http.Header, _ []byte) { signed(secret)(header, []byte("{}")) }, 401, ""},
		{"over 25 MB", "push", bytes.Repeat([]byte(" "), 25<<20+1), signed(secret), 413, ""},
		{"no event", "", stranger, signed(secret), 400, ""},
		{"unknown event", "sponsorship", stranger, signed(secret), 202, pipeline.DeliveryIgnored},
		{"not allowed", "issue_comment", stranger, signed(secret), 202, pipeline.DeliveryIgnored},
		{"not JSON", "push", []byte("<push/>"), signed(secret), 202, pipeline.DeliveryIgnored},
	} {
		t.Run(test.name, func(t *testing.T) {
			guid := "guid-" + hex.EncodeToString([]byte(test.name))
			code, text := h.post(test.event, guid, test.body, test.sign)
			if code != test.code {
				t.Errorf("answered %d %q, want %d", code, text, test.code)
			}
			stored, err := h.db.Delivery(t.Context(), guid)
			if test.stored == "" && pipeline.KindOf(err) != pipeline.NotFound || test.stored != "" && (err != nil || stored.Status != test.stored || stored.Note == "") {
				t.Errorf("stored %q %q (%v), want %q", stored.Status, stored.Note, err, test.stored)
			}
		})
	}
	if n := h.provider.started(); n != 0 {
		t.Errorf("%d actions were started", n)
	}
}
