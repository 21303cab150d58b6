package condition

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/penstock-cd/penstock/pipeline"
)

// The bounds of expressions.
const (
	// MaxExpression is how many characters an expression may have.
	MaxExpression = 1000
	// maxCost bounds the work of one evaluation, in CEL's units: about one for
	// each operation and for each ten characters that are looked at.
	maxCost = 1_000_000
	// maxNesting is how deep exists, all, map and filter may stand in each other.
	maxNesting = 2
)

// Expression is an expression that was checked. It may be evaluated at once from
// many goroutines. The zero value is of no use: its Eval is an error.
type Expression struct {
	text      string
	program   cel.Program
	usesFiles bool
}

// Compile checks the text of an expression and makes it ready to be evaluated.
// An error is of kind Invalid and says in one sentence what is wrong and, if it
// is known, at which character.
//
// A Language does the same for many expressions at less cost.
func Compile(text string) (Expression, error) {
	language, err := NewLanguage()
	if err != nil {
		return Expression{}, err
	}
	return language.Compile(text)
}

// UsesFiles reports whether the expression asks for the changed files, so that
// they need to be looked up.
func (e Expression) UsesFiles() bool { return e.usesFiles }

// Eval answers the expression for a run. An error means that there is no answer:
// of kind Unavailable if it asks for files that are not known, else of kind
// Invalid: a key that is not in a map, an overflow, or more work than is allowed.
// An error is never to be taken for a yes.
func (e Expression) Eval(f Facts) (bool, error) {
	if e.program == nil {
		return false, pipeline.Errorf(pipeline.Internal, "an expression that was not compiled")
	}
	if e.usesFiles && f.Files == nil {
		return false, pipeline.Errorf(pipeline.Unavailable, "the expression %s asks for the changed files, and they are not known", quote(e.text))
	}
	value, _, err := e.program.Eval(f.activation())
	if err != nil {
		return false, pipeline.Errorf(pipeline.Invalid, "the expression %s has no answer: %s", quote(e.text), reason(err))
	}
	answer, ok := value.Value().(bool)
	if !ok {
		return false, pipeline.Errorf(pipeline.Invalid, "the expression %s is neither true nor false", quote(e.text))
	}
	return answer, nil
}

func (f Facts) activation() map[string]any {
	variables := f.Variables
	if variables == nil {
		variables = map[string]string{}
	}
	pull := f.PullRequest
	pull.Labels = slices.Clone(pull.Labels)
	return map[string]any{
		"event": f.Event, "branch": f.Branch, "tag": f.Tag, "ref": f.Ref, "sha": f.SHA, "message": f.Message,
		"author": f.Author, "actor": f.Actor, "pipeline": f.Pipeline, "stage": f.Stage,
		"pullRequest": &pull, "variables": variables, "files": f.Files,
	}
}

// reason is CEL's sentence, with its word for what took too long replaced by ours.
func reason(err error) string {
	s := err.Error()
	if strings.Contains(s, "cost limit exceeded") {
		return "it is more work than is allowed"
	}
	return line(s)
}
