package definition

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// parseJSON reads one JSON value. Duplicate keys are reported through report
// and reading goes on; a fault ends it.
func parseJSON(content []byte, report func(fault)) (*node, *fault) {
	c := jsonReader{content: content, decoder: json.NewDecoder(bytes.NewReader(content)), at: position{1, 1}, report: report}
	c.decoder.UseNumber()
	root, f := c.value(0)
	if f != nil {
		return nil, f
	}
	if _, _, err := c.next(); !errors.Is(err, io.EOF) {
		return nil, &fault{at: c.at, message: "something follows the end of the JSON value"}
	}
	return root, nil
}

// jsonReader walks through the tokens and keeps count of lines and columns.
type jsonReader struct {
	content []byte
	decoder *json.Decoder
	offset  int      // in content, of at
	at      position // of the token read last
	nodes   int
	report  func(fault)
}

// next returns the next token and where it begins.
func (c *jsonReader) next() (json.Token, position, error) {
	start := int(c.decoder.InputOffset())
	for start < len(c.content) && strings.IndexByte(" \t\r\n,:", c.content[start]) >= 0 {
		start++
	}
	t, err := c.decoder.Token()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		start = min(max(int(syntax.Offset)-1, c.offset), len(c.content))
	}
	c.advance(start)
	return t, c.at, err
}

func (c *jsonReader) advance(to int) {
	for c.offset < to {
		r, size := utf8.DecodeRune(c.content[c.offset:])
		c.offset += size
		if c.at.column++; r == '\n' {
			c.at = position{c.at.line + 1, 1}
		}
	}
}

func (c *jsonReader) value(depth int) (*node, *fault) {
	t, at, err := c.next()
	if err != nil {
		return nil, c.syntax(err)
	}
	return c.valueFrom(t, at, depth)
}

func (c *jsonReader) valueFrom(t json.Token, at position, depth int) (*node, *fault) {
	if c.nodes++; c.nodes > maxNodes {
		return nil, &fault{at: at, message: fmt.Sprintf("the file has more than %d values", maxNodes)}
	}
	if depth > maxDepth {
		return nil, &fault{at: at, message: fmt.Sprintf("nested more than %d levels deep", maxDepth)}
	}
	switch t := t.(type) {
	case string:
		return &node{kind: kindText, at: at, text: t}, nil
	case json.Number:
		return &node{kind: kindNumber, at: at, text: t.String()}, nil
	case bool:
		return &node{kind: kindBool, at: at, text: fmt.Sprint(t)}, nil
	case json.Delim:
		if t == '{' {
			return c.object(at, depth)
		}
		return c.array(at, depth)
	default:
		return &node{kind: kindNull, at: at}, nil
	}
}

func (c *jsonReader) object(at position, depth int) (*node, *fault) {
	m := &node{kind: kindMap, at: at}
	lines := map[string]int{}
	for {
		t, keyAt, err := c.next()
		if err != nil {
			return nil, c.syntax(err)
		}
		key, ok := t.(string)
		if !ok { // the closing brace
			return m, nil
		}
		v, f := c.value(depth + 1)
		if f != nil {
			return nil, f
		}
		if first, twice := lines[key]; twice {
			c.report(fault{at: keyAt, of: m, key: key, message: fmt.Sprintf("%s stands twice in this map; the first is in line %d", quote(key), first)})
			continue
		}
		lines[key] = keyAt.line
		m.add(key, keyAt, v)
	}
}

func (c *jsonReader) array(at position, depth int) (*node, *fault) {
	list := &node{kind: kindList, at: at}
	for {
		t, itemAt, err := c.next()
		if err != nil {
			return nil, c.syntax(err)
		}
		if t == json.Delim(']') {
			return list, nil
		}
		item, f := c.valueFrom(t, itemAt, depth+1)
		if f != nil {
			return nil, f
		}
		item.parent, item.index = list, len(list.items)
		list.items = append(list.items, item)
	}
}

func (c *jsonReader) syntax(err error) *fault {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		c.advance(len(c.content))
		return &fault{at: c.at, message: "not valid JSON: the file ends in the middle of a value"}
	}
	return &fault{at: c.at, message: "not valid JSON: " + clean(err.Error(), 200)}
}
