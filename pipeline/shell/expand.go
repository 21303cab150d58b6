// Package shell puts references to variables into commands so that no value ever
// becomes part of a command: each becomes a parameter expansion, quoted as its
// place asks for. It never runs anything and never sees a value.
package shell

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/penstock-cd/penstock/pipeline"
)

// Expand replaces each #{namespace.key} in a command by an expansion of the
// environment variable that variable names for it. Where a word could be split or
// a text be read as a command, the expansion is quoted; inside single quotes they
// are closed and opened again around it. An error, of kind Invalid, says that the
// command is no shell, or that a reference stands where the shell would evaluate
// its value: in arithmetic, in a name, in what eval or sh -c carry out, or in a
// here-document that expands nothing.
func Expand(command string, variable func(pipeline.Reference) string) (string, error) {
	refs := pipeline.References(command)
	if len(refs) == 0 {
		return command, nil
	}
	marks := newMarks(command, refs)
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(marks.text), "")
	if err != nil {
		return "", pipeline.Errorf(pipeline.Invalid, "a command with references cannot be read as shell: %s", reason(err))
	}
	edits := map[int]edit{}
	var wrong error
	note := func(n syntax.Node, kind edit) {
		from, to := int(n.Pos().Offset()), int(n.End().Offset())
		for i, at := range marks.at {
			if at >= from && at < to {
				if _, seen := edits[i]; !seen || kind.narrow {
					edits[i] = kind
				}
			}
		}
	}
	walk(file, note)
	var b strings.Builder
	last := 0
	for i, at := range marks.at {
		b.WriteString(marks.text[last:at])
		last = at + len(marks.mark)
		e, found := edits[i]
		switch {
		case !found: // in a comment
			b.WriteString(refs[i].String())
		case e.refuse != "":
			wrong = pipeline.Errorf(pipeline.Invalid, "%s cannot stand %s; use it in a plain command, or as an environment variable", refs[i], e.refuse)
		default:
			fmt.Fprintf(&b, "%s${%s}%s", e.before, variable(refs[i]), e.after)
		}
	}
	b.WriteString(marks.text[last:])
	return b.String(), wrong
}

// marks is a command with a word of no meaning in the place of each reference.
type marks struct {
	text, mark string
	at         []int // offsets
}

func newMarks(command string, refs []pipeline.Reference) marks {
	m := marks{mark: "PENSTOCKREF"}
	for strings.Contains(command, m.mark) {
		m.mark += "X"
	}
	m.text = pipeline.ReplaceReferences(command, func(pipeline.Reference) string { return m.mark })
	for from := 0; len(m.at) < len(refs); {
		i := strings.Index(m.text[from:], m.mark)
		m.at = append(m.at, from+i)
		from += i + len(m.mark)
	}
	return m
}

// edit is what goes around an expansion.
type edit struct {
	before, after string
	refuse        string // it cannot stand there; where that is
	narrow        bool   // it counts more than that of an outer node
}

// walk tells of every node that holds text how an expansion is written in it, the
// outer ones first.
func walk(file *syntax.File, note func(syntax.Node, edit)) {
	var stack []syntax.Node
	refused := map[syntax.Node]bool{}
	isRefused := func(n syntax.Node) bool { return refused[n] || evaluates(n) }
	syntax.Walk(file, func(n syntax.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		parts, where := evaluated(n)
		for _, part := range parts {
			refused[part] = true
			note(part, edit{refuse: where, narrow: true})
		}
		switch n := n.(type) {
		case *syntax.Redirect:
			if n.Hdoc != nil {
				kind := edit{narrow: true}
				if quoted(n.Word) {
					kind.refuse = "in a here-document whose end word is quoted"
				}
				note(n.Hdoc, kind)
			}
		case *syntax.ArithmExp, *syntax.ArithmCmd, *syntax.LetClause, *syntax.CStyleLoop:
			note(n, edit{refuse: "in arithmetic, which evaluates values", narrow: true})
		case *syntax.BinaryTest, *syntax.UnaryTest:
			if isArithmeticTest(n) {
				note(n, edit{refuse: "in a comparison of numbers or a test of a name inside of [[ ]], which evaluates values", narrow: true})
			}
		case *syntax.Assign:
			if n.Name != nil {
				note(n.Name, edit{refuse: "in the name of a variable", narrow: true})
			}
			if n.Index != nil {
				note(n.Index, edit{refuse: "in an index, which evaluates values", narrow: true})
			}
		case *syntax.FuncDecl:
			note(n.Name, edit{refuse: "in the name of a function", narrow: true})
		case *syntax.ParamExp:
			note(n, edit{refuse: "inside of ${ }", narrow: true})
		case *syntax.SglQuoted:
			if inside(stack, isRefused) {
				break
			}
			if n.Dollar {
				note(n, edit{before: `'"`, after: `"$'`, narrow: true})
			} else {
				note(n, edit{before: `'"`, after: `"'`, narrow: true})
			}
		case *syntax.DblQuoted:
			if !inside(stack, isRefused) {
				note(n, edit{narrow: true})
			}
		case *syntax.CmdSubst, *syntax.ProcSubst:
			if !inside(stack, isRefused) {
				note(n, edit{before: `"`, after: `"`, narrow: true})
			}
		case *syntax.Word:
			note(n, edit{before: `"`, after: `"`}) // unless an outer node has refused it
		}
		return true
	})
}

// evaluates reports whether a node evaluates whatever stands in it.
func evaluates(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.BinaryTest, *syntax.UnaryTest:
		return isArithmeticTest(n)
	case *syntax.ArithmExp, *syntax.ArithmCmd, *syntax.LetClause, *syntax.CStyleLoop, *syntax.ParamExp:
		return true
	}
	return false
}

// isArithmeticTest reports whether a test inside of [[ ]] evaluates its operands:
// an index in one of them may hold a command.
func isArithmeticTest(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.BinaryTest:
		switch n.Op {
		case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
			return true
		}
	case *syntax.UnaryTest:
		return n.Op == syntax.TsVarSet || n.Op == syntax.TsRefVar
	}
	return false
}

// inside reports whether a node above is one that decides for all below it.
func inside(stack []syntax.Node, decides func(syntax.Node) bool) bool {
	return slices.ContainsFunc(stack[:len(stack)-1], decides)
}

// quoted reports whether a here-document's end word is quoted, so that its text is
// taken as it is.
func quoted(word *syntax.Word) bool {
	return word != nil && slices.ContainsFunc(word.Parts, func(p syntax.WordPart) bool {
		switch p := p.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			return true
		case *syntax.Lit:
			return strings.Contains(p.Value, `\`)
		}
		return false
	})
}

// reason is a syntax error without the mark's position in a text that nobody has
// written.
func reason(err error) string {
	text := err.Error()
	if _, after, found := strings.Cut(text, ": "); found {
		return after
	}
	return text
}
