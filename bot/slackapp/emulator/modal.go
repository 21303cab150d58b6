package emulator

import (
	"encoding/json"
	"maps"
	"slices"
)

// mostMetadata is how long private_metadata may be.
const mostMetadata = 3000

// Modal is what somebody has open.
type Modal struct {
	ID, Hash, CallbackID, ExternalID, PrivateMetadata string
	Title, Submit, Close                              string
	Blocks                                            json.RawMessage
	// Plain is its text, one line per piece.
	Plain  string
	Inputs []Input
	// Errors are the app's words about inputs, by block id.
	Errors map[string]string
}

// Input is a field of a modal.
type Input struct {
	BlockID, ActionID, Label, Hint, Placeholder string
	// Value is what stands in the field.
	Value                string
	Optional, Multiline  bool
	MinLength, MaxLength int
	// Options are the values to choose from, of a select.
	Options []string
}

// view is an open modal.
type view struct {
	id, hash, root, previous string
	user                     *user
	data                     object // as the app sent it, block ids added
	blocks                   []object
	errors                   map[string]string
	filled                   map[string]string // by block id
}

// readView parses and checks a view.
func (s *Slack) readView(raw json.RawMessage) (*view, error) {
	var data object
	if json.Unmarshal(raw, &data) != nil {
		return nil, fail("invalid_arguments")
	}
	c := &checker{surface: surfaceModal}
	if data["type"] != "modal" {
		c.wrong("/view/type", "unsupported type: %v", data["type"])
	}
	c.text("/view", data, "title", "plain_text", true, 24)
	c.text("/view", data, "submit", "plain_text", false, 24)
	c.text("/view", data, "close", "plain_text", false, 24)
	c.str("/view", data, "private_metadata", false, mostMetadata)
	c.str("/view", data, "callback_id", false, 255)
	c.str("/view", data, "external_id", false, 255)
	list, _ := json.Marshal(data["blocks"])
	if data["blocks"] == nil {
		c.wrong("/view", "missing required field: blocks")
		list = []byte("[]")
	}
	blocks, err := s.readBlocks(list, surfaceModal)
	if e, ok := err.(*apiError); ok {
		if len(e.messages) == 0 {
			return nil, err
		}
		c.messages = append(c.messages, e.messages...)
	}
	v := &view{data: data, blocks: blocks, filled: map[string]string{}}
	if len(v.inputs()) > 0 && data["submit"] == nil {
		c.wrong("/view", "missing required field: submit")
	}
	if c.messages != nil {
		return nil, &apiError{word: "invalid_arguments", messages: c.messages}
	}
	for _, in := range v.inputs() {
		v.filled[in.BlockID] = in.Value
	}
	return v, nil
}

// show puts a view before somebody's eyes, on top of what they have open.
func (s *Slack) show(v *view, u *user) {
	v.id, v.hash, v.user = s.nextID("V"), s.newHash(), u
	v.root = v.id
	if below := s.views[u.ID]; len(below) > 0 {
		v.root, v.previous = below[0].id, below[len(below)-1].id
	}
	s.views[u.ID] = append(s.views[u.ID], v)
	s.touch()
}

func (s *Slack) newHash() string { return s.nextTS()[:10] + "." + random(4) }

func (s *Slack) viewByID(id string) *view {
	for _, stack := range s.views {
		for _, v := range stack {
			if v.id == id || id != "" && str(v.data, "external_id") == id {
				return v
			}
		}
	}
	return nil
}

// closeView takes a view and what lies upon it away.
func (s *Slack) closeView(v *view) {
	stack := s.views[v.user.ID]
	if i := slices.Index(stack, v); i >= 0 {
		s.views[v.user.ID] = stack[:i]
		s.touch()
	}
}

// replace shows something else in the place of a view.
func (s *Slack) replace(v, next *view) {
	v.data, v.blocks, v.filled, v.errors = next.data, next.blocks, next.filled, nil
	v.hash = s.newHash()
	s.touch()
}

func (s *Slack) openView(c *call) (object, error) {
	raw, _ := c.raw("view")
	v, err := s.readView(raw)
	if err != nil {
		return nil, err
	}
	u, err := s.exchange(c.get("trigger_id"))
	if err != nil {
		return nil, err
	}
	s.views[u.ID] = nil
	s.show(v, u)
	delete(s.seen, u.ID)
	return object{"view": s.viewJSON(v, nil)}, nil
}

func (s *Slack) updateView(c *call) (object, error) {
	v := s.viewByID(or(c.get("view_id"), c.get("external_id")))
	if v == nil {
		return nil, fail("not_found")
	}
	if hash := c.get("hash"); hash != "" && hash != v.hash {
		return nil, fail("hash_conflict")
	}
	raw, _ := c.raw("view")
	next, err := s.readView(raw)
	if err != nil {
		return nil, err
	}
	s.replace(v, next)
	return object{"view": s.viewJSON(v, nil)}, nil
}

// viewJSON is the view object of the Web API and of payloads.
func (s *Slack) viewJSON(v *view, values object) object {
	all := maps.Clone(v.data)
	if values == nil {
		values = object{}
	}
	for name, value := range map[string]any{
		"id": v.id, "team_id": s.team.ID, "hash": v.hash, "blocks": v.blocks, "state": object{"values": values},
		"root_view_id": v.root, "previous_view_id": nil, "app_id": s.app.ID, "bot_id": s.app.botID, "app_installed_team_id": s.team.ID,
	} {
		all[name] = value
	}
	if v.previous != "" {
		all["previous_view_id"] = v.previous
	}
	for _, name := range []string{"private_metadata", "callback_id", "external_id"} {
		all[name] = str(all, name)
	}
	for _, name := range []string{"clear_on_close", "notify_on_close"} {
		all[name] = all[name] == true
	}
	return all
}

// inputs are the fields of a view.
func (v *view) inputs() []Input {
	var list []Input
	for _, b := range v.blocks {
		if b["type"] != "input" {
			continue
		}
		e, _ := b["element"].(object)
		in := Input{
			BlockID: str(b, "block_id"), ActionID: str(e, "action_id"), Label: inner(b, "label"), Hint: inner(b, "hint"),
			Placeholder: inner(e, "placeholder"), Value: str(e, "initial_value"),
			Optional: b["optional"] == true, Multiline: e["multiline"] == true,
		}
		if n, ok := e["min_length"].(float64); ok {
			in.MinLength = int(n)
		}
		if n, ok := e["max_length"].(float64); ok {
			in.MaxLength = int(n)
		}
		for _, o := range objects(e["options"]) {
			in.Options = append(in.Options, str(o, "value"))
		}
		list = append(list, in)
	}
	return list
}

// view is a copy for questions.
func (s *Slack) modalView(v *view) Modal {
	m := Modal{
		ID: v.id, Hash: v.hash, CallbackID: str(v.data, "callback_id"), ExternalID: str(v.data, "external_id"),
		PrivateMetadata: str(v.data, "private_metadata"),
		Title:           inner(v.data, "title"), Submit: inner(v.data, "submit"), Close: or(inner(v.data, "close"), "Cancel"),
		Plain: plainBlocks(s, v.blocks), Inputs: v.inputs(), Errors: maps.Clone(v.errors),
	}
	for i := range m.Inputs {
		m.Inputs[i].Value = v.filled[m.Inputs[i].BlockID]
	}
	m.Blocks, _ = json.Marshal(v.blocks)
	return m
}
