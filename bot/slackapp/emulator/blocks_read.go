package emulator

import "strings"

// objects are the objects in an array of a block.
func objects(list any) []object {
	all, _ := list.([]any)
	var found []object
	for _, e := range all {
		if o, ok := e.(object); ok {
			found = append(found, o)
		}
	}
	return found
}

func str(o object, name string) string {
	text, _ := o[name].(string)
	return text
}

// inner is the text of a text object below a name.
func inner(o object, name string) string {
	t, _ := o[name].(object)
	return str(t, "text")
}

// eachText calls with every text object of the blocks, in reading order.
func eachText(blocks []object, f func(object)) {
	give := func(value any) {
		if o, ok := value.(object); ok {
			f(o)
		}
	}
	for _, b := range blocks {
		switch b["type"] {
		case "section":
			give(b["text"])
			for _, field := range objects(b["fields"]) {
				f(field)
			}
			if e, ok := b["accessory"].(object); ok {
				give(e["text"])
			}
		case "header":
			give(b["text"])
		case "context":
			for _, e := range objects(b["elements"]) {
				if e["type"] != "image" {
					f(e)
				}
			}
		case "actions":
			for _, e := range objects(b["elements"]) {
				give(e["text"])
			}
		case "input":
			give(b["label"])
			give(b["hint"])
		}
	}
}

// eachElement calls with everything that can be pressed, and the block it is in.
func eachElement(blocks []object, f func(block, element object)) {
	for _, b := range blocks {
		for _, e := range objects(b["elements"]) {
			if b["type"] == "actions" {
				f(b, e)
			}
		}
		if e, ok := b["accessory"].(object); ok {
			f(b, e)
		}
	}
}

func buttonsOf(blocks []object) []Button {
	var list []Button
	eachElement(blocks, func(b, e object) {
		if e["type"] == "button" {
			list = append(list, Button{
				ActionID: str(e, "action_id"), BlockID: str(b, "block_id"), Text: inner(e, "text"),
				Value: str(e, "value"), URL: str(e, "url"), Style: str(e, "style"),
			})
		}
	})
	return list
}

// plainMessage is a message as text: one line per piece, buttons in brackets.
func plainMessage(s *Slack, m *message) string {
	if len(m.blocks) == 0 {
		return s.plain(m.text)
	}
	return plainBlocks(s, m.blocks)
}

func plainBlocks(s *Slack, blocks []object) string {
	var lines []string
	for _, b := range blocks {
		if b["type"] == "actions" {
			var names []string
			for _, e := range objects(b["elements"]) {
				names = append(names, "["+inner(e, "text")+"]")
			}
			lines = append(lines, strings.Join(names, " "))
			continue
		}
		eachText([]object{b}, func(t object) {
			if t["type"] == "mrkdwn" {
				lines = append(lines, s.plain(str(t, "text")))
				return
			}
			lines = append(lines, str(t, "text"))
		})
	}
	return strings.Join(lines, "\n")
}
