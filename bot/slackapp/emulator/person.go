package emulator

import (
	"encoding/json"
	"fmt"
)

// Click presses a button as somebody, waits until the app has acknowledged or three
// seconds have passed, and answers with what came of it. Buttons that open an address
// tell the app as well.
func (s *Slack) Click(who, channel, ts, actionID string) (Receipt, error) {
	p, err := s.ClickPayload(who, channel, ts, actionID)
	if err != nil {
		return Receipt{}, err
	}
	return s.Deliver(p)
}

// Submit fills in the modal somebody has open and submits it; values are by block id.
// As Slack's own client does, it refuses when a field that must be filled in is empty
// or a text has the wrong length; SubmitPayload and Deliver do not.
func (s *Slack) Submit(who, viewID string, values map[string]string) (Receipt, error) {
	p, err := s.SubmitPayload(who, viewID, values)
	if err != nil {
		return Receipt{}, err
	}
	s.mu.Lock()
	v := s.viewByID(viewID)
	if v != nil {
		err = v.incomplete()
	}
	s.mu.Unlock()
	if err != nil {
		return Receipt{}, err
	}
	return s.Deliver(p)
}

// incomplete says what Slack's client would not let through.
func (v *view) incomplete() error {
	for _, in := range v.inputs() {
		switch n := len([]rune(v.filled[in.BlockID])); {
		case n == 0 && !in.Optional:
			return fmt.Errorf("slack emulator: the modal's field %s must be filled in", in.BlockID)
		case n > 0 && n < in.MinLength, in.MaxLength > 0 && n > in.MaxLength, n > 3000:
			return fmt.Errorf("slack emulator: the modal's field %s has %d characters", in.BlockID, n)
		}
	}
	return nil
}

// CloseModal closes what somebody has open. An app that asked for it hears of it.
func (s *Slack) CloseModal(who string) error {
	s.mu.Lock()
	u := s.findUser(who)
	if u == nil || len(s.views[u.ID]) == 0 {
		s.mu.Unlock()
		return fmt.Errorf("slack emulator: %s has no modal open", who)
	}
	stack := s.views[u.ID]
	v := stack[len(stack)-1]
	s.closeView(v)
	body := s.interaction("view_closed", u)
	body["view"], body["is_cleared"] = s.viewJSON(v, nil), false
	s.mu.Unlock()
	if v.data["notify_on_close"] != true {
		return nil
	}
	_, err := s.Deliver(Payload{Kind: "interactive", Body: jsonCopy(body), user: u.ID})
	return err
}

// Slash types a command such as /penstock with text after it.
func (s *Slack) Slash(who, channel, command, text string) (Receipt, error) {
	p, err := s.SlashPayload(who, channel, command, text)
	if err != nil {
		return Receipt{}, err
	}
	return s.Deliver(p)
}

// Say writes an ordinary message as somebody; in a thread when thread is a timestamp.
func (s *Slack) Say(who, channel, thread, text string) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.personIn(who, channel)
	if err != nil {
		return Message{}, err
	}
	return s.messageView(s.addMessage(&message{channel: c, user: u.ID, thread: thread, text: text})), nil
}

// Delete takes a message away, as its author or an admin of the workspace may.
func (s *Slack) Delete(who, channel, ts string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.personIn(who, channel)
	if err != nil {
		return err
	}
	m := s.messageAt(c, ts)
	switch {
	case m == nil:
		return fmt.Errorf("slack emulator: there is no message %s in %s", ts, c.Name)
	case m.user != u.ID && m.only != u.ID && !u.Admin:
		return fmt.Errorf("slack emulator: %s may not delete this message; an admin may", u.Name)
	}
	s.dropMessage(m)
	return nil
}

// react does what the app's answer to an act asks for.
func (s *Slack) react(p Payload, r *Receipt) {
	switch {
	case p.Kind == "slash_commands":
		s.reactToCommand(p, r)
	case p.Body["type"] == "view_submission":
		s.reactToSubmission(p, r)
	}
}

// reactToCommand shows what the app answered at once.
func (s *Slack) reactToCommand(p Payload, r *Receipt) {
	var answer responseMessage
	if len(r.Answer) == 0 {
		return
	}
	if json.Unmarshal(r.Answer, &answer) != nil {
		answer = responseMessage{Text: string(r.Answer)}
	}
	if answer.Text == "" && len(answer.Blocks) == 0 {
		return
	}
	c, u := s.channelByID(p.channel), s.userByID(p.user)
	if c == nil || u == nil {
		return
	}
	if _, err := s.respond(answer, u, c, nil); err != nil {
		r.Saw = sawFailed
	}
}

// reactToSubmission closes the modal, or does what the app said instead.
func (s *Slack) reactToSubmission(p Payload, r *Receipt) {
	v := s.viewByID(p.view)
	if v == nil {
		return
	}
	v.errors = nil
	var answer struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(r.Answer) > 0 && string(r.Answer) != "null" && json.Unmarshal(r.Answer, &answer) != nil {
		r.Saw = sawFailed
		return
	}
	switch answer.Action {
	case "":
		s.closeView(v)
	case "clear":
		s.views[v.user.ID] = nil
	case "errors":
		if !v.knows(answer.Errors) {
			r.Saw = sawFailed
			return
		}
		v.errors, r.Errors = answer.Errors, answer.Errors
	case "update", "push":
		next, err := s.readView(answer.View)
		switch {
		case err != nil:
			r.Saw = sawFailed
		case answer.Action == "update":
			s.replace(v, next)
		case len(s.views[v.user.ID]) < 3:
			s.show(next, v.user)
		}
	default:
		r.Saw = sawFailed
	}
}

// knows is whether all errors are about inputs, and there are some.
func (v *view) knows(errors map[string]string) bool {
	known := map[string]bool{}
	for _, in := range v.inputs() {
		known[in.BlockID] = true
	}
	for id := range errors {
		if !known[id] {
			return false
		}
	}
	return len(errors) > 0
}
