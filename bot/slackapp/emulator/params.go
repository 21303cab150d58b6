package emulator

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
)

// object is a JSON object whose shape is somebody else's.
type object = map[string]any

// most is how large a request may be.
const most = 1 << 20

// params are the arguments of a method, from a form, a query or a JSON body.
type params struct {
	values map[string]string          // of forms, and JSON's plain values
	nested map[string]json.RawMessage // JSON's objects and arrays
}

// readParams reads the arguments and the token. An error is Slack's word for it.
func readParams(r *http.Request) (p params, token string, err error) {
	p = params{values: map[string]string{}, nested: map[string]json.RawMessage{}}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body, readErr := io.ReadAll(io.LimitReader(r.Body, most+1))
	if readErr != nil || len(body) > most {
		return p, "", fail("request_too_large")
	}
	switch kind {
	case "application/json":
		if len(body) > 0 {
			if err := p.readJSON(body); err != nil {
				return p, "", err
			}
		}
	case "application/x-www-form-urlencoded", "multipart/form-data", "":
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if r.ParseMultipartForm(most) != nil && r.ParseForm() != nil {
			return p, "", fail("invalid_form_data")
		}
		for name := range r.Form {
			p.values[name] = r.Form.Get(name)
		}
	default:
		return p, "", fail("invalid_post_type")
	}
	token = p.values["token"]
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	return p, token, nil
}

func (p *params) readJSON(body []byte) error {
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return fail("invalid_json")
	}
	for name, raw := range all {
		var text string
		switch {
		case json.Unmarshal(raw, &text) == nil:
			p.values[name] = text
		case raw[0] == '{' || raw[0] == '[':
			p.nested[name] = raw
		case string(raw) != "null":
			p.values[name] = string(raw)
		}
	}
	return nil
}

func (p params) get(name string) string { return p.values[name] }

// yes reads a boolean as Slack takes them.
func (p params) yes(name string) bool {
	v := p.values[name]
	return v == "1" || strings.EqualFold(v, "true")
}

// raw is a JSON argument, which forms carry as text. given is false when it is absent.
func (p params) raw(name string) (raw json.RawMessage, given bool) {
	if raw, ok := p.nested[name]; ok {
		return raw, true
	}
	text, ok := p.values[name]
	return json.RawMessage(text), ok && text != ""
}
