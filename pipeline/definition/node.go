package definition

import (
	"fmt"
	"slices"
	"strings"
)

// kind is the sort of a value in the file.
type kind int

const (
	kindNull kind = iota
	kindText
	kindNumber
	kindBool
	kindList
	kindMap
)

// String is the word for people.
func (k kind) String() string {
	return [...]string{"nothing", "text", "a number", "true or false", "a list", "a map"}[k]
}

// position is a place in the file: line and column from 1, in characters.
type position struct{ line, column int }

// node is one value of the file, the same for YAML and JSON. A value that was
// used through an alias has the position where it was written.
type node struct {
	kind   kind
	at     position
	text   string // of a text; of a number, true or false: as it was written
	items  []*node
	fields []field
	parent *node
	key    string // in the parent, if that is a map
	index  int    // in the parent, if that is a list
}

// field is one entry of a map.
type field struct {
	key   string
	at    position
	value *node
}

// scalar reports whether the value is written as one piece of text.
func (n *node) scalar() bool {
	return n.kind == kindText || n.kind == kindNumber || n.kind == kindBool
}

// has reports whether the map has the key, with whatever value.
func (n *node) has(key string) bool {
	return slices.ContainsFunc(n.fields, func(f field) bool { return f.key == key })
}

// path is where the value stands: stages[1].actions[0].provider.
func (n *node) path() string {
	if n.parent == nil {
		return ""
	}
	if n.parent.kind == kindList {
		return fmt.Sprintf("%s[%d]", n.parent.path(), n.index)
	}
	return n.parent.pathOf(n.key)
}

// pathOf is where a key of the map stands, whether it is there or not.
func (n *node) pathOf(key string) string {
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" || key == "" || len(key) > 100 {
		return n.path() + "[" + quote(key) + "]"
	}
	if p := n.path(); p != "" {
		return p + "." + key
	}
	return key
}

// get returns the value of a key, or nil; of nil and of what is no map it is nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

// textOf returns the text of a key, or "".
func (n *node) textOf(key string) string {
	if v := n.get(key); v != nil && v.scalar() {
		return v.text
	}
	return ""
}

// list returns the items of a list; of anything else none.
func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.items
}
