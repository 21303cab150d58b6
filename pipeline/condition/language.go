package condition

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"github.com/penstock-cd/penstock/pipeline"
)

// Language is the declared names and functions of expressions. It may be used at
// once from many goroutines.
type Language struct{ env *cel.Env }

// NewLanguage declares them. An error is a fault of this package.
func NewLanguage() (Language, error) {
	text := cel.StringType
	options := []cel.EnvOption{
		ext.NativeTypes(reflect.TypeFor[PullRequest](), ext.ParseStructTags(true)),
		cel.Variable("pullRequest", cel.ObjectType("condition.PullRequest")),
		cel.Variable("variables", cel.MapType(text, text)),
		cel.Variable("files", cel.ListType(text)),
		cel.ParserExpressionSizeLimit(MaxExpression),
		cel.ParserRecursionLimit(50),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateComprehensionNestingLimit(maxNesting), cel.ValidateHomogeneousAggregateLiterals()),
	}
	env, err := cel.NewEnv(append(options, texts()...)...)
	if err != nil {
		return Language{}, fmt.Errorf("the language of expressions: %w", err)
	}
	return Language{env}, nil
}

// Compile is as the function Compile.
func (l Language) Compile(text string) (Expression, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return Expression{}, pipeline.Errorf(pipeline.Invalid, "an expression is empty")
	case utf8.RuneCountInString(text) > MaxExpression:
		return Expression{}, pipeline.Errorf(pipeline.Invalid, "an expression has %d characters; the limit is %d", utf8.RuneCountInString(text), MaxExpression)
	}
	// Not env.Compile: it writes out every complaint with its source, and there may
	// be hundreds.
	parsed, issues := l.env.Parse(text)
	if len(issues.Errors()) > 0 {
		return Expression{}, mistake(issues)
	}
	checked, issues := l.env.Check(parsed)
	if len(issues.Errors()) > 0 {
		return Expression{}, mistake(issues)
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return Expression{}, pipeline.Errorf(pipeline.Invalid, "an expression must be true or false, and this is %s", typeName(checked.OutputType()))
	}
	e := Expression{text: text}
	if err := e.look(checked); err != nil {
		return Expression{}, err
	}
	program, err := l.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		return Expression{}, pipeline.Errorf(pipeline.Invalid, "the expression cannot be evaluated: %s", line(err.Error()))
	}
	e.program = program
	return e, nil
}

// look walks through the expression for what CEL's own checks do not know: null,
// words of event that do not exist, and whether the changed files are asked for.
func (e *Expression) look(checked *cel.Ast) error {
	var found error
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.IdentKind:
			e.usesFiles = e.usesFiles || x.AsIdent() == "files"
		case ast.LiteralKind:
			if x.AsLiteral() == types.NullValue && found == nil {
				found = pipeline.Errorf(pipeline.Invalid, "null: nothing is null here; without a pull request pullRequest.number is 0")
			}
		case ast.CallKind:
			if err := checkEvent(x.AsCall()); err != nil && found == nil {
				found = err
			}
		}
	}))
	return found
}

// checkEvent refuses a comparison of event with a word that it never is.
func checkEvent(call ast.CallExpr) error {
	args := call.Args()
	if len(args) != 2 {
		return nil
	}
	word, event := args[1], args[0]
	if word.Kind() == ast.IdentKind && word.AsIdent() == "event" {
		word, event = event, word
	}
	if event.Kind() != ast.IdentKind || event.AsIdent() != "event" {
		return nil
	}
	var words []ast.Expr
	switch name := call.FunctionName(); {
	case name == operators.Equals || name == operators.NotEquals:
		words = []ast.Expr{word}
	case name == operators.In && word.Kind() == ast.ListKind:
		words = word.AsList().Elements()
	}
	for _, w := range words {
		if w.Kind() != ast.LiteralKind {
			continue
		}
		if s, ok := w.AsLiteral().Value().(string); ok && !slices.Contains(Events(), s) {
			return pipeline.Errorf(pipeline.Invalid, "event is never %s: it is one of %s", quote(s), strings.Join(Events(), ", "))
		}
	}
	return nil
}

// mistake is the first of CEL's complaints in one sentence.
func mistake(issues *cel.Issues) error {
	first := issues.Errors()[0]
	message := line(first.Message)
	if at := first.Location; at != nil && at.Line() > 0 && at.Column() >= 0 {
		where := fmt.Sprintf("at character %d", at.Column()+1)
		if at.Line() > 1 {
			where = fmt.Sprintf("at line %d, character %d", at.Line(), at.Column()+1)
		}
		message += " (" + where + ")"
	}
	return pipeline.Errorf(pipeline.Invalid, "%s", message)
}

// typeName is a type in the words of people.
func typeName(t *cel.Type) string {
	switch t.Kind() {
	case types.StringKind:
		return "text"
	case types.IntKind, types.UintKind, types.DoubleKind:
		return "a number"
	case types.ListKind:
		return "a list"
	case types.MapKind, types.StructKind:
		return "a map"
	}
	return t.String()
}

// line makes a text of CEL's fit for one line.
func line(s string) string {
	s = strings.ReplaceAll(s, " (in container '')", "")
	s = strings.ReplaceAll(s, "condition.PullRequest", "pullRequest")
	return strings.Join(strings.Fields(s), " ")
}

// quote shows a piece of text in a sentence, cut to a bounded length.
func quote(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60]) + "…"
	}
	return strconv.QuoteToGraphic(s)
}
