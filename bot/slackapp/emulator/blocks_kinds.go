package emulator

import "fmt"

// block checks one block. Kinds of block that Penstock has no use for are refused.
func (c *checker) block(at string, b object) {
	if b == nil {
		c.wrong(at, "must provide an object")
		return
	}
	c.once(at, "block_id", c.str(at, b, "block_id", false, 255), c.blockIDs)
	switch kind := b["type"]; kind {
	case "section":
		c.section(at, b)
	case "header":
		c.text(at, b, "text", "plain_text", true, 150)
	case "divider":
	case "context":
		for i, e := range c.list(at, b, "elements", 1, 10) {
			c.contextElement(fmt.Sprintf("%s/elements/%d", at, i), e)
		}
	case "actions":
		for i, e := range c.list(at, b, "elements", 1, 25) {
			c.element(fmt.Sprintf("%s/elements/%d", at, i), e, "button", "static_select")
		}
	case "image":
		c.image(at, b)
		c.text(at, b, "title", "plain_text", false, 2000)
	case "input":
		c.text(at, b, "label", "plain_text", true, 2000)
		c.text(at, b, "hint", "plain_text", false, 2000)
		if e, ok := b["element"]; ok {
			c.element(at+"/element", e, "plain_text_input", "static_select")
		} else {
			c.wrong(at, "missing required field: element")
		}
	default:
		c.wrong(at+"/type", "unsupported type: %v", kind)
	}
}

func (c *checker) section(at string, b object) {
	if b["text"] == nil && b["fields"] == nil {
		c.wrong(at, "missing required field: text")
	}
	c.text(at, b, "text", "", false, 3000)
	for i, f := range c.list(at, b, "fields", map[bool]int{true: 1}[b["fields"] != nil], 10) {
		c.textObject(fmt.Sprintf("%s/fields/%d", at, i), f, "", 2000)
	}
	if e, ok := b["accessory"]; ok {
		c.element(at+"/accessory", e, "button", "static_select", "image")
	}
}

func (c *checker) contextElement(at string, value any) {
	e, _ := value.(object)
	if e["type"] == "image" {
		c.image(at, e)
		return
	}
	c.textObject(at, value, "", 3000)
}

func (c *checker) image(at string, b object) {
	c.str(at, b, "image_url", true, 3000)
	c.str(at, b, "alt_text", true, 2000)
}
