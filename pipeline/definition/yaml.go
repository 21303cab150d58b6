package definition

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// fault is a mistake that was met while parsing, before there are paths. of is
// the value that it belongs to, if there is one, and key a key of that.
type fault struct {
	at            position
	message, hint string
	of            *node
	key           string
}

// path is where the mistake stands, once the tree is complete.
func (f fault) path() string {
	switch {
	case f.of == nil:
		return ""
	case f.key != "":
		return f.of.pathOf(f.key)
	}
	return f.of.path()
}

// parseYAML reads one YAML document. Duplicate keys and undefined aliases are
// reported through report and reading goes on; a fault ends it.
func parseYAML(content string, report func(fault)) (root *node, failed *fault) {
	defer func() { // a parser's bug must not end the process
		if p := recover(); p != nil {
			root, failed = nil, &fault{at: position{1, 1}, message: "the file cannot be read as YAML"}
		}
	}()
	tokens := lexer.Tokenize(content)
	if f := checkShape(tokens); f != nil {
		return nil, f
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxFault(err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch doc.Body.(type) {
		case nil, *ast.DirectiveNode, *ast.CommentGroupNode:
			continue
		}
		if body != nil {
			return nil, &fault{
				at:      positionOf(doc.Body, position{1, 1}),
				message: "a second document begins here: a pipeline file holds one",
				hint:    "put each pipeline in a file of its own in .penstock/",
			}
		}
		body = doc.Body
	}
	if body == nil {
		return nil, &fault{at: position{1, 1}, message: "the file is empty", hint: "a pipeline needs at least `stages`"}
	}
	c := yamlConverter{anchors: map[string]ast.Node{}, report: report}
	root = c.convert(body, position{1, 1}, 0)
	if c.failed != nil {
		return nil, c.failed
	}
	return root, nil
}

// syntaxFault tells a syntax error in one sentence, with help for the traps
// that people who write shell in YAML fall into.
func syntaxFault(err error) *fault {
	f := &fault{at: position{1, 1}, message: "not valid YAML: " + clean(err.Error(), 200)}
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) {
		return f
	}
	f.message = "not valid YAML: " + clean(syntax.Message, 200)
	if syntax.Token != nil && syntax.Token.Position != nil {
		f.at = positionFrom(syntax.Token.Position)
	}
	switch m := syntax.Message; {
	case strings.Contains(m, "\t"):
		f.message = "not valid YAML: a tab cannot be used here"
		f.hint = "indent with spaces"
	case strings.Contains(m, "reserved character"):
		f.hint = "put the text in quotes"
	case strings.Contains(m, "mapping value is not allowed"), strings.Contains(m, "mapping key"):
		f.hint = "check the indentation; text with `: ` in it must be in quotes"
	case strings.Contains(m, "value is not allowed"), strings.Contains(m, "unexpected"):
		f.hint = "check the indentation; text that begins with a bracket, brace or quote must be in quotes as a whole"
	}
	return f
}

// yamlConverter turns the parser's tree into ours: aliases are followed, merge
// keys applied, and the whole is bounded.
type yamlConverter struct {
	anchors map[string]ast.Node
	report  func(fault)
	nodes   int
	failed  *fault
}

// convert returns nil only after c.failed was set. near is used where the tree
// knows no position.
func (c *yamlConverter) convert(n ast.Node, near position, depth int) *node {
	at := positionOf(n, near)
	if c.nodes++; c.nodes > maxNodes && c.failed == nil {
		c.failed = &fault{at: at, message: fmt.Sprintf("the file has more than %d values once its aliases are followed", maxNodes)}
	}
	if depth > maxDepth && c.failed == nil {
		c.failed = &fault{at: at, message: fmt.Sprintf("nested more than %d levels deep", maxDepth)}
	}
	if c.failed != nil {
		return nil
	}
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return &node{kind: kindNull, at: at}
	case *ast.StringNode:
		return &node{kind: kindText, at: at, text: n.Value}
	case *ast.LiteralNode:
		return &node{kind: kindText, at: at, text: n.Value.Value}
	case *ast.BoolNode:
		return &node{kind: kindBool, at: at, text: n.Token.Value}
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return &node{kind: kindNumber, at: at, text: n.GetToken().Value}
	case *ast.MappingNode:
		return c.convertMap(n.Values, at, depth)
	case *ast.MappingValueNode:
		return c.convertMap([]*ast.MappingValueNode{n}, at, depth)
	case *ast.SequenceNode:
		list := &node{kind: kindList, at: at}
		for i, v := range n.Values {
			item := c.convert(v, at, depth+1)
			if item == nil {
				return nil
			}
			item.parent, item.index = list, i
			list.items = append(list.items, item)
		}
		return list
	case *ast.AnchorNode:
		v := c.convert(n.Value, at, depth)
		c.anchors[n.Name.GetToken().Value] = n.Value
		return v
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		target, ok := c.anchors[name]
		if !ok {
			text := &node{kind: kindText, at: at, text: "*" + name}
			c.report(fault{at: at, of: text, message: "the alias *" + clean(name, 60) + " is not defined before this line", hint: "if it is text, put it in quotes"})
			return text
		}
		return c.convert(target, at, depth+1)
	case *ast.TagNode:
		return c.convertTag(n, at, depth)
	default:
		null := &node{kind: kindNull, at: at}
		c.report(fault{at: at, of: null, message: "this kind of YAML is not used in pipeline files"})
		return null
	}
}

func (c *yamlConverter) convertTag(n *ast.TagNode, at position, depth int) *node {
	v := c.convert(n.Value, at, depth+1)
	if v == nil {
		return nil
	}
	switch tag := n.Start.Value; tag {
	case "!!str":
		if v.scalar() || v.kind == kindNull {
			v.kind = kindText
		}
	case "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq":
	default:
		c.report(fault{at: at, of: v, message: "the tag " + clean(tag, 60) + " is not used in pipeline files", hint: "if it is text, put it in quotes"})
	}
	return v
}

func positionOf(n ast.Node, near position) position {
	switch n := n.(type) {
	case nil:
		return near
	case *ast.NullNode:
		if n.Token.Type == token.ImplicitNullType {
			return near
		}
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return positionOf(n.Values[0].Key, near)
		}
	case *ast.MappingValueNode:
		return positionOf(n.Key, near)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return positionFrom(t.Position)
	}
	return near
}

func positionFrom(p *token.Position) position {
	return position{max(p.Line, 1), max(p.Column, 1)}
}
