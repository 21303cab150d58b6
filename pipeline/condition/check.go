package condition

import (
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// The operators of a VariableCheck.
const (
	OperatorEquals    = "EQ"
	OperatorNotEquals = "NE"
	OperatorContains  = "CONTAINS"
	OperatorMatches   = "MATCHES"
)

// Operators returns them all.
func Operators() []string {
	return []string{OperatorEquals, OperatorNotEquals, OperatorContains, OperatorMatches}
}

// MaxPattern is how many bytes a regular expression may have.
const MaxPattern = 1000

// Check compares a variable's value with another: EQ and NE are for equal texts,
// CONTAINS for a part, MATCHES for a regular expression (RE2's syntax, without
// backtracking) that the whole of the variable fits. The operator may be in any
// case of letters. An error is of kind Invalid: an unknown operator, or an
// expression that ParsePattern refuses.
func Check(operator, variable, value string) (bool, error) {
	switch strings.ToUpper(operator) {
	case OperatorEquals:
		return variable == value, nil
	case OperatorNotEquals:
		return variable != value, nil
	case OperatorContains:
		return strings.Contains(variable, value), nil
	case OperatorMatches:
		if _, err := ParsePattern(value); err != nil {
			return false, err
		}
		whole, err := regexp.Compile(`\A(?:` + value + `)\z`)
		if err != nil {
			return false, pipeline.Errorf(pipeline.Invalid, "%s is not a regular expression", quote(value))
		}
		return whole.MatchString(variable), nil
	}
	return false, pipeline.Errorf(pipeline.Invalid, "%s is not an operator: it is one of %s", quote(operator), strings.Join(Operators(), ", "))
}

// ParsePattern reads a regular expression of bounded size. What the engine of the
// Go language does not know, such as looking ahead, is an error of kind Invalid.
func ParsePattern(text string) (*regexp.Regexp, error) {
	if len(text) > MaxPattern {
		return nil, pipeline.Errorf(pipeline.Invalid, "a regular expression has %d bytes; the limit is %d", len(text), MaxPattern)
	}
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, pipeline.Errorf(pipeline.Invalid, "%s is not a regular expression: %s", quote(text), line(strings.TrimPrefix(err.Error(), "error parsing regexp: ")))
	}
	return pattern, nil
}
