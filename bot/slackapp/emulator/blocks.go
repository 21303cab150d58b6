package emulator

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// surface is where blocks stand.
type surface struct {
	blocks int
	modal  bool
	at     string // where pointers begin
	word   string // the error's
}

var (
	surfaceMessage = surface{blocks: mostBlocks, at: "/blocks", word: "invalid_blocks"}
	surfaceModal   = surface{blocks: 100, modal: true, at: "/view/blocks", word: "invalid_arguments"}
)

// readBlocks parses blocks, holds them against Slack's limits and gives a block_id to
// those without. Everything wrong is reported at once.
func (s *Slack) readBlocks(raw json.RawMessage, on surface) ([]object, error) {
	var blocks []object
	if json.Unmarshal(raw, &blocks) != nil {
		return nil, fail(map[bool]string{true: "invalid_arguments", false: "invalid_blocks_format"}[on.modal])
	}
	c := &checker{surface: on, blockIDs: map[string]bool{}, actionIDs: map[string]bool{}}
	if len(blocks) > on.blocks {
		c.wrong(on.at, "no more than %d items allowed", on.blocks)
	}
	for i, b := range blocks {
		c.block(fmt.Sprintf("%s/%d", on.at, i), b)
	}
	if c.messages != nil {
		return nil, &apiError{word: on.word, messages: c.messages}
	}
	if !on.modal && utf8.RuneCount(raw) > mostBlocksJSON {
		return nil, fail("msg_blocks_too_long")
	}
	for _, b := range blocks {
		if id, _ := b["block_id"].(string); id == "" {
			b["block_id"] = s.nextID("b")
		}
	}
	return blocks, nil
}

// checker collects what is wrong with blocks.
type checker struct {
	surface
	messages            []string
	blockIDs, actionIDs map[string]bool
}

func (c *checker) wrong(at, format string, args ...any) {
	c.messages = append(c.messages, fmt.Sprintf("[ERROR] "+format, args...)+" [json-pointer:"+at+"]")
}

// length holds text between two numbers of characters.
func (c *checker) length(at, text string, least, most int) {
	switch n := utf8.RuneCountInString(text); {
	case n < least:
		c.wrong(at, "must be more than %d characters", least-1)
	case n > most:
		c.wrong(at, "must be less than %d characters", most+1)
	}
}

// str reads a field that is text; most 0 is no limit.
func (c *checker) str(at string, o object, name string, required bool, most int) string {
	value, given := o[name]
	if !given {
		if required {
			c.wrong(at, "missing required field: %s", name)
		}
		return ""
	}
	text, ok := value.(string)
	switch {
	case !ok:
		c.wrong(at+"/"+name, "must be a string")
	case most > 0:
		c.length(at+"/"+name, text, map[bool]int{true: 1}[required], most)
	}
	return text
}

// text checks a text object of one kind: plain_text, mrkdwn or "" for both.
func (c *checker) text(at string, o object, name, kind string, required bool, most int) {
	value, given := o[name]
	if !given {
		if required {
			c.wrong(at, "missing required field: %s", name)
		}
		return
	}
	c.textObject(at+"/"+name, value, kind, most)
}

func (c *checker) textObject(at string, value any, kind string, most int) {
	t, ok := value.(object)
	if !ok {
		c.wrong(at, "must provide an object")
		return
	}
	switch got := t["type"]; {
	case got != "plain_text" && got != "mrkdwn":
		c.wrong(at+"/type", "unsupported type: %v", got)
	case kind != "" && got != kind:
		c.wrong(at+"/type", "unsupported type: %v", got)
	}
	if t["type"] == "mrkdwn" && t["emoji"] != nil {
		c.wrong(at+"/emoji", "invalid additional property: emoji")
	}
	text, ok := t["text"].(string)
	if !ok {
		c.wrong(at, "missing required field: text")
		return
	}
	c.length(at+"/text", text, 1, most)
}

// list reads a field that is an array.
func (c *checker) list(at string, o object, name string, least, most int) []any {
	value, given := o[name]
	if !given {
		if least > 0 {
			c.wrong(at, "missing required field: %s", name)
		}
		return nil
	}
	all, ok := value.([]any)
	switch {
	case !ok:
		c.wrong(at+"/"+name, "must provide an array")
	case len(all) < least:
		c.wrong(at+"/"+name, "no fewer than %d items allowed", least)
	case len(all) > most:
		c.wrong(at+"/"+name, "no more than %d items allowed", most)
	}
	return all
}

// once holds ids to being used once.
func (c *checker) once(at, name, id string, seen map[string]bool) {
	if id == "" {
		return
	}
	if seen[id] {
		c.wrong(at+"/"+name, "`%s` %q already exists", name, id)
	}
	seen[id] = true
}
