package emulator

import (
	"fmt"
	"net/url"
	"slices"
)

// element checks something to press or to fill in.
func (c *checker) element(at string, value any, kinds ...string) {
	e, ok := value.(object)
	if !ok {
		c.wrong(at, "must provide an object")
		return
	}
	kind, _ := e["type"].(string)
	if !slices.Contains(kinds, kind) {
		c.wrong(at+"/type", "unsupported type: %v", e["type"])
		return
	}
	if kind == "image" {
		c.image(at, e)
		return
	}
	c.once(at, "action_id", c.str(at, e, "action_id", false, 255), c.actionIDs)
	switch kind {
	case "button":
		c.button(at, e)
	case "static_select":
		c.text(at, e, "placeholder", "plain_text", false, 150)
		for i, o := range c.list(at, e, "options", 1, 100) {
			c.option(fmt.Sprintf("%s/options/%d", at, i), o)
		}
	case "plain_text_input":
		c.text(at, e, "placeholder", "plain_text", false, 150)
		c.str(at, e, "initial_value", false, 3000)
		for _, name := range []string{"min_length", "max_length"} {
			if n, given := e[name].(float64); given && (n < 0 || n > 3000) {
				c.wrong(at+"/"+name, "must be less than 3001")
			}
		}
	}
	c.confirm(at, e)
}

func (c *checker) button(at string, e object) {
	c.text(at, e, "text", "plain_text", true, 75)
	c.str(at, e, "value", false, 2000)
	if link := c.str(at, e, "url", false, 3000); link != "" {
		if u, err := url.Parse(link); err != nil || u.Scheme == "" || u.Host == "" {
			c.wrong(at+"/url", "must be a valid url")
		}
	}
	if style, given := e["style"]; given && style != "primary" && style != "danger" {
		c.wrong(at+"/style", "must be one of primary, danger")
	}
	c.str(at, e, "accessibility_label", false, 75)
}

func (c *checker) option(at string, value any) {
	o, ok := value.(object)
	if !ok {
		c.wrong(at, "must provide an object")
		return
	}
	c.text(at, o, "text", "plain_text", true, 75)
	c.str(at, o, "value", true, 150)
}

// confirm checks the question before something is done.
func (c *checker) confirm(at string, e object) {
	value, given := e["confirm"]
	if !given {
		return
	}
	at += "/confirm"
	o, ok := value.(object)
	if !ok {
		c.wrong(at, "must provide an object")
		return
	}
	c.text(at, o, "title", "plain_text", true, 100)
	c.text(at, o, "text", "", true, 300)
	c.text(at, o, "confirm", "plain_text", true, 30)
	c.text(at, o, "deny", "plain_text", true, 30)
}
