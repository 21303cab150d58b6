package emulator

import "html/template"

// blockBox is a block, ready to be shown.
type blockBox struct {
	Kind     string
	Text     template.HTML
	Fields   []template.HTML
	Elements []elementBox
	Image    string
	Alt      string
}

// elementBox is something to press or to see in a block.
type elementBox struct {
	Kind, Label, Style, URL, Image, Alt string
	// Press names the message and the action, for the form.
	Press string
	// Question is asked before, "" for none.
	Question string
	Text     template.HTML
}

// boxes shows the blocks of a message, or of a modal when ts is empty.
func (s *Slack) boxes(blocks []object, ts string) []blockBox {
	var list []blockBox
	for _, b := range blocks {
		box := blockBox{Kind: str(b, "type"), Image: str(b, "image_url"), Alt: str(b, "alt_text")}
		if t, ok := b["text"].(object); ok {
			box.Text = s.textHTML(t)
		}
		for _, f := range objects(b["fields"]) {
			box.Fields = append(box.Fields, s.textHTML(f))
		}
		for _, e := range objects(b["elements"]) {
			box.Elements = append(box.Elements, s.elementBox(e, ts))
		}
		if e, ok := b["accessory"].(object); ok {
			box.Elements = append(box.Elements, s.elementBox(e, ts))
		}
		list = append(list, box)
	}
	return list
}

func (s *Slack) elementBox(e object, ts string) elementBox {
	box := elementBox{
		Kind: str(e, "type"), Label: emojis(inner(e, "text")), Style: str(e, "style"), Press: ts + " " + str(e, "action_id"),
		URL: str(e, "url"), Image: str(e, "image_url"), Alt: str(e, "alt_text"),
	}
	if box.Kind == "mrkdwn" || box.Kind == "plain_text" {
		box.Text = s.textHTML(e)
	}
	if c, ok := e["confirm"].(object); ok {
		box.Question = inner(c, "title") + "\n" + inner(c, "text")
	}
	return box
}

// textHTML shows a text object.
func (s *Slack) textHTML(t object) template.HTML {
	if t["type"] == "mrkdwn" {
		return s.mrkdwn(str(t, "text"))
	}
	return lines(template.HTMLEscapeString(emojis(str(t, "text"))))
}
