package emulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

// responseURL lets the app answer an act without a token.
type responseURL struct {
	user    *user
	channel *channel
	source  *message // what was clicked on, nil for commands
	until   time.Time
	left    int
}

// responseMessage is what the app sends there, or answers to a command.
type responseMessage struct {
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	ResponseType    string          `json:"response_type"`
	ReplaceOriginal bool            `json:"replace_original"`
	DeleteOriginal  bool            `json:"delete_original"`
	ThreadTS        string          `json:"thread_ts"`
}

func (s *Slack) newResponseURL(kind string, u *user, c *channel, source *message) string {
	key := random(24)
	s.responses[key] = &responseURL{user: u, channel: c, source: source, until: s.clock().Add(responseLife), left: responseUses}
	return s.url + "/" + kind + "/" + key
}

// serveResponseURL takes an answer.
func (s *Slack) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, most))
	if err == nil {
		err = s.useResponseURL(r.PathValue("key"), body)
	}
	if err == nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok")
		return
	}
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{word: "invalid_payload"}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if e.status != 0 {
		w.WriteHeader(e.status)
	}
	_ = json.NewEncoder(w).Encode(e.json())
}

func (s *Slack) useResponseURL(key string, body []byte) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := Call{Method: "response_url"}
	defer func() {
		entry.At = time.Now()
		if err != nil {
			entry.Error = err.Error()
		}
		s.calls = append(s.calls, entry)
		s.touch()
	}()
	u := s.responses[key]
	switch {
	case u == nil:
		return &apiError{word: "invalid_url", status: http.StatusNotFound}
	case s.clock().After(u.until):
		return &apiError{word: "expired_url", status: http.StatusNotFound}
	case u.left == 0:
		return &apiError{word: "used_url", status: http.StatusNotFound}
	}
	entry.Channel = u.channel.ID
	var answer responseMessage
	if json.Unmarshal(body, &answer) != nil {
		return fail("invalid_payload")
	}
	m, err := s.respond(answer, u.user, u.channel, u.source)
	if err != nil {
		return err
	}
	u.left--
	entry.TS = m.ts
	return nil
}

// respond does what an answer says: a new message, or the old one changed or gone.
func (s *Slack) respond(answer responseMessage, u *user, c *channel, source *message) (*message, error) {
	replace := (answer.ReplaceOriginal || answer.DeleteOriginal) && source != nil
	if replace && s.messageAt(c, source.ts) == nil {
		return nil, &apiError{word: "message_not_found", status: http.StatusNotFound}
	}
	if answer.DeleteOriginal && replace {
		s.dropMessage(source)
		return source, nil
	}
	var blocks []object
	if len(answer.Blocks) > 0 && string(answer.Blocks) != "null" {
		var err error
		if blocks, err = s.readBlocks(answer.Blocks, surfaceMessage); err != nil {
			return nil, err
		}
	}
	if answer.Text == "" && len(blocks) == 0 {
		return nil, fail("no_text")
	}
	text := cut(answer.Text, mostText)
	if replace {
		source.text, source.blocks = text, blocks
		source.edits++
		s.touch()
		return source, nil
	}
	m := &message{channel: c, text: text, blocks: blocks, thread: answer.ThreadTS}
	if answer.ResponseType != "in_channel" {
		m.only = u.ID
	}
	return s.addMessage(m), nil
}
