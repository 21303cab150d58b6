package githubapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// SignatureHeader carries a delivery's signature.
const SignatureHeader = "X-Hub-Signature-256"

// VerifySignature checks that a delivery was signed with one of the secrets; two
// of them allow one to be replaced. header is the value of SignatureHeader, body
// the bytes as they came. Nothing passes without a secret, without a header, or
// with SHA-1. The error is of kind Forbidden. It takes the same time whichever
// secret fits, and however much of the signature is right.
func VerifySignature(secrets [][]byte, header string, body []byte) error {
	text, ok := strings.CutPrefix(header, "sha256=")
	if !ok {
		return pipeline.Errorf(pipeline.Forbidden, "the delivery has no SHA-256 signature")
	}
	signature, err := hex.DecodeString(text)
	if err != nil || len(signature) != sha256.Size {
		return pipeline.Errorf(pipeline.Forbidden, "the delivery's signature is malformed")
	}
	good := false
	for _, secret := range secrets {
		if len(secret) == 0 {
			continue
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), signature) {
			good = true
		}
	}
	if !good {
		return pipeline.Errorf(pipeline.Forbidden, "the delivery's signature fits no webhook secret")
	}
	return nil
}

// Webhook is what the headers of a delivery say. They are not covered by the
// signature: believe them no further than the body bears out.
type Webhook struct {
	Event    string // push, pull_request ...
	Delivery string // GUID; the same when it is delivered again
	HookID   string
	// Target and TargetID are what the hook belongs to: "integration" and the
	// app's id for ours. Zero when not said.
	Target   string
	TargetID string
	// EnterpriseHost is set by GitHub Enterprise Server.
	EnterpriseHost string
}

var (
	eventPattern    = regexp.MustCompile(`^[a-z_]{1,64}$`)
	deliveryPattern = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)
)

// ReadWebhook reads the headers of a delivery. An error is of kind Invalid: this
// is no delivery of GitHub's.
func ReadWebhook(h http.Header) (Webhook, error) {
	w := Webhook{
		Event:          h.Get("X-GitHub-Event"),
		Delivery:       h.Get("X-GitHub-Delivery"),
		HookID:         h.Get("X-GitHub-Hook-ID"),
		Target:         h.Get("X-GitHub-Hook-Installation-Target-Type"),
		TargetID:       h.Get("X-GitHub-Hook-Installation-Target-ID"),
		EnterpriseHost: h.Get("X-GitHub-Enterprise-Host"),
	}
	if !eventPattern.MatchString(w.Event) {
		return Webhook{}, pipeline.Errorf(pipeline.Invalid, "X-GitHub-Event is missing or malformed")
	}
	if !deliveryPattern.MatchString(w.Delivery) {
		return Webhook{}, pipeline.Errorf(pipeline.Invalid, "X-GitHub-Delivery is missing or malformed")
	}
	return w, nil
}
