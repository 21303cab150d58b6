package slackapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	signatureHeader = "X-Slack-Signature"
	timestampHeader = "X-Slack-Request-Timestamp"
	// maxAge is how far a request's time may be from ours, to either side.
	maxAge = 5 * time.Minute
)

// verify checks that a request was signed by Slack, and lately. Nothing passes
// without a secret. It takes the same time however much of the signature is right.
// The error is of kind Forbidden.
func verify(secret string, now time.Time, h http.Header, body []byte) error {
	if secret == "" {
		return pipeline.Errorf(pipeline.Forbidden, "there is no signing secret, so that nothing is taken from Slack here")
	}
	text, ok := strings.CutPrefix(h.Get(signatureHeader), "v0=")
	signature, err := hex.DecodeString(text)
	if !ok || err != nil || len(signature) != sha256.Size {
		return pipeline.Errorf(pipeline.Forbidden, "the request has no signature of Slack's")
	}
	stamp := h.Get(timestampHeader)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return pipeline.Errorf(pipeline.Forbidden, "the request does not say when it was signed")
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > maxAge {
		return pipeline.Errorf(pipeline.Forbidden, "the request was not signed within the last five minutes; if Slack sent it just now, this machine's clock is off")
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	if !hmac.Equal(mac.Sum(nil), signature) {
		return pipeline.Errorf(pipeline.Forbidden, "the request's signature does not fit the signing secret")
	}
	return nil
}
