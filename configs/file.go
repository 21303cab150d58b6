package configs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// entry is one setting of the file: github.appId, its text and its line. The
// entries of a list are joined with commas.
type entry struct {
	key, value string
	line       int
}

// parseFile flattens the file. Its errors begin with the line and never quote
// the file, which may hold a secret where none belongs.
func parseFile(content []byte) ([]entry, error) {
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil {
			return nil, fmt.Errorf("%d: not valid YAML: %s", syntax.Token.Position.Line, syntax.Message)
		}
		return nil, errors.New("1: not valid YAML")
	}
	var entries []entry
	for i, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if i > 0 {
			return nil, fmt.Errorf("%d: a second document begins here", line(doc.Body))
		}
		if entries, err = flatten(entries, "", doc.Body); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func flatten(entries []entry, key string, n ast.Node) ([]entry, error) {
	switch n := n.(type) {
	case *ast.MappingValueNode:
		return flattenField(entries, key, n)
	case *ast.MappingNode:
		var err error
		for _, v := range n.Values {
			if entries, err = flattenField(entries, key, v); err != nil {
				return nil, err
			}
		}
		return entries, nil
	case *ast.SequenceNode:
		var words []string
		for _, v := range n.Values {
			s, ok := scalar(v)
			if !ok {
				return nil, fmt.Errorf("%d: %s: a list has words only; what has settings of its own is a name with them below it, without a dash", line(v), key)
			}
			words = append(words, s)
		}
		return append(entries, entry{key, strings.Join(words, ","), line(n)}), nil
	case *ast.NullNode:
		return append(entries, entry{key, "", line(n)}), nil
	}
	s, ok := scalar(n)
	switch {
	case key == "":
		return nil, fmt.Errorf("%d: the file must be a map of settings", line(n))
	case !ok:
		return nil, fmt.Errorf("%d: %s: must be plain text", line(n), key)
	}
	return append(entries, entry{key, s, line(n)}), nil
}

func flattenField(entries []entry, key string, n *ast.MappingValueNode) ([]entry, error) {
	name := n.Key.GetToken().Value
	if key != "" {
		name = key + "." + name
	}
	return flatten(entries, name, n.Value)
}

// scalar returns the text of a value as it was written.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}
