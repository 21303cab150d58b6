package emulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Payload is what Slack would tell the app about one act. Make one with ClickPayload,
// SubmitPayload or SlashPayload, and send it with Deliver.
type Payload struct {
	// Kind is interactive or slash_commands.
	Kind string
	// Body is the JSON of an interaction, or the fields of a command.
	Body map[string]any

	user    string // ids
	channel string
	view    string
}

// TriggerID is the payload's.
func (p Payload) TriggerID() string { return str(p.Body, "trigger_id") }

// ResponseURL is the payload's.
func (p Payload) ResponseURL() string { return str(p.Body, "response_url") }

// ClickPayload is what the app hears when somebody presses a button.
func (s *Slack) ClickPayload(who, channel, ts, actionID string) (Payload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.personIn(who, channel)
	if err != nil {
		return Payload{}, err
	}
	m := s.messageAt(c, ts)
	if m == nil || m.only != "" && m.only != u.ID {
		return Payload{}, fmt.Errorf("slack emulator: %s sees no message %s in %s", u.Name, ts, c.Name)
	}
	var block, element object
	eachElement(m.blocks, func(b, e object) {
		if str(e, "action_id") == actionID {
			block, element = b, e
		}
	})
	if element == nil {
		return Payload{}, fmt.Errorf("slack emulator: message %s in %s has nothing called %q", ts, c.Name, actionID)
	}
	action := object{"block_id": block["block_id"], "action_ts": fmt.Sprintf("%.6f", float64(s.clock().UnixMicro())/1e6)}
	for _, name := range []string{"type", "action_id", "text", "value", "url", "style"} {
		if v, ok := element[name]; ok {
			action[name] = v
		}
	}
	container := object{"type": "message", "message_ts": m.ts, "channel_id": c.ID, "is_ephemeral": m.only != ""}
	if m.thread != "" {
		container["thread_ts"] = m.thread
	}
	body := s.interaction("block_actions", u)
	body["container"] = container
	body["channel"] = object{"id": c.ID, "name": c.Name}
	body["message"] = s.messageJSON(m)
	body["state"] = object{"values": object{}}
	body["response_url"] = s.newResponseURL("actions", u, c, m)
	body["actions"] = []any{action}
	return Payload{Kind: "interactive", Body: jsonCopy(body), user: u.ID, channel: c.ID}, nil
}

// SubmitPayload is what the app hears when somebody submits the modal they have open.
// Values are by block id.
func (s *Slack) SubmitPayload(who, viewID string, values map[string]string) (Payload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.findUser(who)
	if u == nil {
		return Payload{}, noSuchUser(who)
	}
	v := s.viewByID(viewID)
	if v == nil || v.user != u {
		return Payload{}, fmt.Errorf("slack emulator: %s has no modal %q open", u.Name, viewID)
	}
	for id, value := range values {
		v.filled[id] = value
	}
	state := object{}
	for _, in := range v.inputs() {
		field := object{"type": "plain_text_input", "value": nil}
		if value := v.filled[in.BlockID]; value != "" {
			field["value"] = value
		}
		if in.Options != nil {
			field = object{"type": "static_select", "selected_option": nil}
			if value := v.filled[in.BlockID]; value != "" {
				field["selected_option"] = object{"value": value}
			}
		}
		state[in.BlockID] = object{in.ActionID: field}
	}
	body := s.interaction("view_submission", u)
	body["view"] = s.viewJSON(v, state)
	body["response_urls"] = []any{}
	return Payload{Kind: "interactive", Body: jsonCopy(body), user: u.ID, view: v.id}, nil
}

// SlashPayload is what the app hears when somebody types a command such as /penstock
// and text after it, in which Slack escapes & < and >.
func (s *Slack) SlashPayload(who, channel, command, text string) (Payload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.personIn(who, channel)
	if err != nil {
		return Payload{}, err
	}
	if !slices.Contains(s.app.Commands, command) {
		return Payload{}, fmt.Errorf("slack emulator: the app has no command %s", command)
	}
	return Payload{Kind: "slash_commands", user: u.ID, channel: c.ID, Body: jsonCopy(object{
		"token": "emulated", "team_id": s.team.ID, "team_domain": s.team.Domain, "channel_id": c.ID, "channel_name": c.Name,
		"user_id": u.ID, "user_name": u.Name, "command": command, "text": escape(text), "api_app_id": s.app.ID,
		"is_enterprise_install": "false", "trigger_id": s.newTrigger(u), "response_url": s.newResponseURL("commands", u, c, nil),
	})}, nil
}

// interaction is what all interactions carry.
func (s *Slack) interaction(kind string, u *user) object {
	return object{
		"type": kind, "token": "emulated", "api_app_id": s.app.ID, "trigger_id": s.newTrigger(u),
		"team":       object{"id": s.team.ID, "domain": s.team.Domain},
		"user":       object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.Team},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

// personIn finds somebody in a channel they see.
func (s *Slack) personIn(who, where string) (*user, *channel, error) {
	u := s.findUser(who)
	if u == nil {
		return nil, nil, noSuchUser(who)
	}
	c := s.findChannel(where)
	if c == nil {
		return nil, nil, noSuchChannel(where)
	}
	if c.Private && c.Members != nil && !slices.Contains(c.Members, u.ID) {
		return nil, nil, fmt.Errorf("slack emulator: %s does not see %s", u.Name, c.Name)
	}
	return u, c, nil
}

// jsonCopy makes a payload of its own, which later changes do not reach.
func jsonCopy(o object) object {
	raw, _ := json.Marshal(o)
	var c object
	_ = json.Unmarshal(raw, &c)
	return c
}

// Receipt is what became of an act.
type Receipt struct {
	// Acknowledged means that the app answered well and in time.
	Acknowledged bool
	// Status is the HTTP status; 0 over a socket, and without an answer.
	Status int
	// Answer is the body, or the payload of the acknowledgement.
	Answer []byte
	// Errors are what the app said of a modal's inputs, by block id.
	Errors map[string]string
	// Saw is the warning Slack shows, "" when all went well.
	Saw string
	// Took is real time until the acknowledgement.
	Took time.Duration

	TriggerID, ResponseURL string

	sent sent // for Replay
}

// String is the receipt in short.
func (r Receipt) String() string {
	return fmt.Sprintf("acknowledged %t, status %d, saw %q, errors %v, answer %q", r.Acknowledged, r.Status, r.Saw, r.Errors, r.Answer)
}
