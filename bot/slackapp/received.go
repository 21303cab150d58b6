package slackapp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/penstock-cd/penstock/pipeline"
)

// The kinds of Received.
const (
	KindClick      = "block_actions"
	KindSubmission = "view_submission"
	KindCommand    = "slash_command"
)

// MaxBody is the largest Body of a Received, in bytes.
const MaxBody = 1 << 20

// Received is something that a person did in Slack, as it is to be stored: Slack
// vouches for where it comes from, and for nothing that is in it. Body has
// capabilities that are good for half an hour (trigger, response URL), so it is not
// for logs.
type Received struct {
	// ID is the same for the same click, submission or command, however often and
	// by whatever way it arrives, 64 characters. It is no capability.
	ID   string
	Kind string // KindClick, KindSubmission or KindCommand
	// Body is a JSON object: Slack's payload, or the form of a slash command, in
	// both without Slack's old tokens.
	Body []byte
}

// Accept stores what was received, durably. Nil means that it may be acknowledged;
// with an error, or when ctx ends before, it is not. The same Received can come
// again, also at the same time.
type Accept func(ctx context.Context, r Received) error

// errUnused means that something came that we have no use for: no trouble, just to
// be acknowledged.
var errUnused = errors.New("a kind of event of Slack that is of no use")

// receivePayload makes a Received of an interaction's payload.
func receivePayload(payload []byte) (Received, error) {
	var named struct {
		Type      string `json:"type"`
		TriggerID string `json:"trigger_id"`
		View      struct {
			ID string `json:"id"`
		} `json:"view"`
	}
	if err := json.Unmarshal(payload, &named); err != nil {
		return Received{}, malformed("an interaction")
	}
	switch named.Type {
	case KindClick:
		return receive(KindClick, named.TriggerID, payload)
	case KindSubmission:
		return receive(KindSubmission, named.View.ID, payload)
	case "":
		return Received{}, malformed("an interaction")
	}
	return Received{}, errUnused
}

// receiveCommand makes a Received of a slash command as a JSON object.
func receiveCommand(payload []byte) (Received, error) {
	var named struct {
		Command   string `json:"command"`
		TriggerID string `json:"trigger_id"`
	}
	if err := json.Unmarshal(payload, &named); err != nil || named.Command == "" {
		return Received{}, malformed("a slash command")
	}
	return receive(KindCommand, named.TriggerID, payload)
}

// commandOfForm turns the form of a slash command into the JSON object that comes
// over a socket.
func commandOfForm(form url.Values) ([]byte, error) {
	fields := make(map[string]string, len(form))
	for name := range form {
		fields[name] = form.Get(name)
	}
	return json.Marshal(fields)
}

func receive(kind, unique string, payload []byte) (Received, error) {
	if unique == "" {
		return Received{}, malformed("a " + kind + " without an id")
	}
	body, err := withoutTokens(payload)
	if err != nil {
		return Received{}, err
	}
	if len(body) > MaxBody {
		return Received{}, pipeline.Errorf(pipeline.Invalid, "Slack sent a %s of more than %d bytes", kind, MaxBody)
	}
	digest := sha256.Sum256([]byte("slack " + kind + " " + unique))
	return Received{ID: hex.EncodeToString(digest[:]), Kind: kind, Body: body}, nil
}

func malformed(what string) error {
	return pipeline.Errorf(pipeline.Invalid, "Slack sent %s that cannot be read", what)
}

// withoutTokens writes a JSON object anew without the fields that hold tokens, at
// whatever depth.
func withoutTokens(payload []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil || object == nil {
		return nil, malformed("a payload")
	}
	dropTokens(object)
	return json.Marshal(object)
}

func dropTokens(value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range []string{"token", "bot_access_token", "workflow_token"} {
			delete(value, name)
		}
		for _, v := range value {
			dropTokens(v)
		}
	case []any:
		for _, v := range value {
			dropTokens(v)
		}
	}
}
