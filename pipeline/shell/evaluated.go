package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// The words of a command that the shell, or another one that it starts, takes for
// shell once more. Quoting a value there keeps it one word and no more: what it
// holds would be carried out.

const (
	asShell = "where a command is evaluated again (eval, trap, sh -c); hand it over as an argument: sh -c '... \"$1\"' sh #{...}"
	asName  = "in the name of a variable, which may hold an index that is evaluated"
	asIndex = "in an index, which evaluates values"
	asInt   = "in a declaration of numbers or of other names, which evaluates values"
)

// evaluated returns the parts of a node that must hold no reference, and what to say
// of it.
func evaluated(n syntax.Node) (parts []syntax.Node, where string) {
	switch n := n.(type) {
	case *syntax.ArrayElem:
		if n.Index != nil {
			return []syntax.Node{n.Index}, asIndex
		}
	case *syntax.DeclClause:
		return declared(n)
	case *syntax.CallExpr:
		return called(n.Args)
	}
	return nil, ""
}

// declared are the parts of `declare -i n=...` and the like, and names in quotes.
func declared(n *syntax.DeclClause) (parts []syntax.Node, where string) {
	for _, a := range n.Args {
		if a.Naked && a.Value != nil {
			if option := a.Value.Lit(); strings.HasPrefix(option, "-") && strings.ContainsAny(option, "in") {
				return []syntax.Node{n}, asInt
			}
			parts = append(parts, a.Value)
		}
	}
	if n.Variant.Value == "nameref" {
		return []syntax.Node{n}, asInt
	}
	if n.Variant.Value == "export" || n.Variant.Value == "readonly" { // no index there
		return nil, ""
	}
	return parts, asName
}

// called are the parts of a simple command.
func called(args []*syntax.Word) (parts []syntax.Node, where string) {
	for len(args) > 0 && slices.Contains([]string{"command", "builtin"}, literal(args[0])) {
		args = args[1:]
	}
	if len(args) == 0 {
		return nil, ""
	}
	words := func(args []*syntax.Word) (nodes []syntax.Node) {
		for _, w := range args {
			nodes = append(nodes, w)
		}
		return nodes
	}
	switch literal(args[0]) {
	case "eval", "trap":
		return words(args[1:]), asShell
	case "let":
		return words(args[1:]), "in arithmetic, which evaluates values"
	case "unset", "read", "mapfile", "readarray", "getopts":
		return words(args[1:]), asName
	case "test", "[", "printf":
		for i := 1; i+1 < len(args); i++ {
			if option := literal(args[i]); option == "-v" || option == "-R" {
				return words(args[i+1 : i+2]), asName
			}
		}
		return nil, ""
	}
	return script(args), asShell
}

// script is the word after `sh -c`, also where another command is told to run that.
func script(args []*syntax.Word) []syntax.Node {
	for i, w := range args {
		shell := path.Base(literal(w))
		if !slices.Contains([]string{"sh", "bash", "dash", "ash", "ksh", "zsh", "su"}, shell) {
			continue
		}
		for j := i + 1; j+1 < len(args); j++ {
			option := literal(args[j])
			short := strings.HasPrefix(option, "-") && !strings.HasPrefix(option, "--")
			switch {
			case short && strings.HasSuffix(option, "c"), option == "--command":
				return []syntax.Node{args[j+1]}
			case strings.HasSuffix(option, "o") && (short || strings.HasPrefix(option, "+")):
				j++ // its name
			case option != "" && !short && !strings.HasPrefix(option, "--") && shell != "su":
				j = len(args) // a file: what follows are its arguments
			}
		}
	}
	return nil
}

// literal is a word without its quotes; empty if it has expansions.
func literal(w *syntax.Word) string {
	var b strings.Builder
	for _, part := range w.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(strings.ReplaceAll(p.Value, `\`, ""))
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					return ""
				}
				b.WriteString(lit.Value)
			}
		default:
			return ""
		}
	}
	return b.String()
}
