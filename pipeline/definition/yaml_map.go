package definition

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// convertMap turns the entries of a map into fields. A key that stands twice is
// reported and keeps its first value; keys of merged maps (<<) give way to the
// map's own.
func (c *yamlConverter) convertMap(values []*ast.MappingValueNode, at position, depth int) *node {
	m := &node{kind: kindMap, at: at}
	lines := map[string]int{}
	var merged []*node
	for _, v := range values {
		keyAt := positionOf(v.Key, at)
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			from := c.convert(v.Value, keyAt, depth+1)
			if from == nil {
				return nil
			}
			merged = append(merged, c.mergeSources(m, from)...)
			continue
		}
		key, ok := yamlKey(v.Key)
		if !ok {
			c.report(fault{at: keyAt, of: m, message: "a key must be plain text"})
			continue
		}
		value := c.convert(v.Value, keyAt, depth+1)
		if value == nil {
			return nil
		}
		if first, twice := lines[key]; twice {
			c.report(fault{at: keyAt, of: m, key: key, message: fmt.Sprintf("%s stands twice in this map; the first is in line %d", quote(key), first)})
			continue
		}
		lines[key] = keyAt.line
		m.add(key, keyAt, value)
	}
	for _, from := range merged {
		for _, f := range from.fields {
			if _, own := lines[f.key]; !own {
				lines[f.key] = f.at.line
				m.add(f.key, f.at, f.value)
			}
		}
	}
	return m
}

// mergeSources returns the maps that a merge key names.
func (c *yamlConverter) mergeSources(m, from *node) []*node {
	switch from.kind {
	case kindMap:
		return []*node{from}
	case kindList:
		var maps []*node
		for _, item := range from.items {
			if item.kind == kindMap {
				maps = append(maps, item)
			} else {
				c.report(fault{at: item.at, of: m, key: "<<", message: "<< merges maps, and this is " + item.kind.String()})
			}
		}
		return maps
	default:
		c.report(fault{at: from.at, of: m, key: "<<", message: "<< merges maps, and this is " + from.kind.String()})
		return nil
	}
}

// yamlKey returns the text of a key.
func yamlKey(n ast.MapKeyNode) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

// add appends an entry and becomes its parent.
func (n *node) add(key string, at position, value *node) {
	value.parent, value.key = n, key
	n.fields = append(n.fields, field{key, at, value})
}
