package emulator

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// What Slack shows when the app did not answer.
const (
	sawTimeout = "operation_timeout"
	sawFailed  = "dispatch_failed"
)

// sent is a request as it went out.
type sent struct {
	payload Payload
	socket  bool
	header  http.Header
	body    []byte
}

// pending is an envelope without its acknowledgement.
type pending struct {
	socket   *socket
	answered chan json.RawMessage
}

func newDeliveryClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Deliver tells the app about an act, over a socket or to its request URL, and waits
// for the acknowledgement. Tricks make it an attack. An error is about the emulator;
// what the app did is in the receipt.
func (s *Slack) Deliver(p Payload, tricks ...Trick) (Receipt, error) {
	s.mu.Lock()
	down, to, secret := s.down, s.app.RequestURL, s.app.SigningSecret
	s.mu.Unlock()
	if down {
		return Receipt{}, errors.New("slack emulator: Slack is down")
	}
	f := forgery{body: p.Body, at: time.Now(), secret: secret}
	for _, trick := range tricks {
		trick(&f)
	}
	out := sent{payload: p, socket: to == ""}
	out.payload.Body = f.body
	if !out.socket {
		out.body = encode(p.Kind, f.body)
		out.header = sign(f.secret, f.at, out.body)
		if f.replaced != nil {
			out.body = encode(p.Kind, f.replaced)
		}
		if f.unsigned {
			out.header.Del("X-Slack-Signature")
		}
	} else if f.replaced != nil || f.unsigned || f.secret != secret {
		return Receipt{}, errors.New("slack emulator: a socket has no signatures to forge")
	}
	return s.send(out), nil
}

// Replay sends an earlier request again, byte for byte and with its old signature.
func (s *Slack) Replay(r Receipt) (Receipt, error) {
	if r.sent.payload.Kind == "" {
		return Receipt{}, errors.New("slack emulator: nothing was sent that could be sent again")
	}
	return s.send(r.sent), nil
}

func (s *Slack) send(out sent) Receipt {
	start := time.Now()
	ctx, cancel := context.WithTimeout(s.ctx, s.options.AckTimeout)
	defer cancel()
	var r Receipt
	if out.socket {
		r = s.sendSocket(ctx, out.payload)
	} else {
		r = s.post(ctx, out)
	}
	r.Took, r.sent = time.Since(start), out
	r.TriggerID, r.ResponseURL = out.payload.TriggerID(), out.payload.ResponseURL()
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Acknowledged {
		s.react(out.payload, &r)
	}
	delete(s.seen, out.payload.user)
	if r.Saw != "" {
		s.seen[out.payload.user] = r.Saw
		s.log.Info("slack emulator: not acknowledged", "kind", out.payload.Kind, "saw", r.Saw, "status", r.Status)
	}
	s.touch()
	return r
}

// encode is the body of a request: a form in both cases.
func encode(kind string, body object) []byte {
	form := url.Values{}
	if kind == "interactive" {
		raw, _ := json.Marshal(body)
		form.Set("payload", string(raw))
	} else {
		for name, value := range body {
			form.Set(name, fmt.Sprint(value))
		}
	}
	return []byte(form.Encode())
}

// sign makes the headers of a request.
func sign(secret string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return http.Header{
		"Content-Type":              {"application/x-www-form-urlencoded"},
		"User-Agent":                {"Slackbot 1.0 (+https://api.slack.com/robots)"},
		"Accept":                    {"application/json,*/*"},
		"X-Slack-Request-Timestamp": {stamp},
		"X-Slack-Signature":         {"v0=" + hex.EncodeToString(mac.Sum(nil))},
	}
}

func (s *Slack) post(ctx context.Context, out sent) Receipt {
	to := s.App().RequestURL
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(out.body))
	if err != nil {
		return Receipt{Saw: sawFailed}
	}
	r.Header = out.header.Clone()
	answer, err := s.client.Do(r)
	if err != nil {
		return Receipt{Saw: failure(ctx)}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, most))
	receipt := Receipt{Status: answer.StatusCode, Answer: body, Acknowledged: answer.StatusCode == http.StatusOK && err == nil}
	if !receipt.Acknowledged {
		receipt.Saw = failure(ctx)
	}
	return receipt
}

func failure(ctx context.Context) string {
	if ctx.Err() != nil {
		return sawTimeout
	}
	return sawFailed
}

// sendSocket gives an envelope to the connection whose turn it is. A connection that
// ends before it answered has failed; no other one hears of the act.
func (s *Slack) sendSocket(ctx context.Context, p Payload) Receipt {
	s.mu.Lock()
	c := s.nextSocket()
	if c == nil {
		s.mu.Unlock()
		return Receipt{Saw: sawFailed}
	}
	id := newEnvelopeID()
	wait := &pending{socket: c, answered: make(chan json.RawMessage, 1)}
	s.pending[id] = wait
	cutAfter := c.cutAfter
	if cutAfter { // it alone
		c.leaving = true
		for _, other := range s.sockets {
			other.cutAfter = false
		}
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.pending, id)
	}()
	answers := p.Kind == "slash_commands" || p.Body["type"] == "view_submission"
	err := c.write(object{"envelope_id": id, "type": p.Kind, "payload": p.Body, "accepts_response_payload": answers})
	if err != nil {
		return Receipt{Saw: sawFailed}
	}
	select {
	case answer := <-wait.answered:
		if cutAfter { // on its way the answer was lost
			c.cut()
			return Receipt{Saw: sawFailed}
		}
		if !answers {
			answer = nil
		}
		return Receipt{Acknowledged: true, Answer: answer}
	case <-c.gone:
		return Receipt{Saw: sawFailed}
	case <-ctx.Done():
		return Receipt{Saw: sawTimeout}
	}
}

// nextSocket takes the connections in turn.
func (s *Slack) nextSocket() *socket {
	for range s.sockets {
		s.turn++
		if c := s.sockets[s.turn%len(s.sockets)]; !c.leaving {
			return c
		}
	}
	return nil
}
