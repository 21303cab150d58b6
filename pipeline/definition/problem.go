package definition

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// Severity says whether a problem keeps a file from being used.
type Severity string

const (
	// SeverityError means that the file is not valid: nothing runs.
	SeverityError Severity = "error"
	// SeverityWarning means that the file is valid and probably not what was meant.
	SeverityWarning Severity = "warning"
	// SeverityNote means that the file is valid and that something in it has no
	// effect, or another one than on AWS.
	SeverityNote Severity = "note"
)

// Problem is one mistake in a pipeline file. Message and Hint are sentences for
// people on one line, without control characters, whatever the file held; text
// quoted from the file in them is cut to a bounded length.
type Problem struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`           // from 1
	Column   int      `json:"column"`         // from 1, in characters
	Path     string   `json:"path"`           // stages[1].actions[0].provider; empty: the file
	Message  string   `json:"message"`        // what is wrong
	Hint     string   `json:"hint,omitempty"` // what to write instead, if there is something
	Severity Severity `json:"severity"`
}

// String is the problem as compilers print it: file:line:column: message.
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	if p.Severity != SeverityError {
		s = fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Severity, p.Message)
	}
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Problems are all mistakes that were found, sorted by file and position.
type Problems []Problem

// HasErrors reports whether one of the problems is more than a warning.
func (ps Problems) HasErrors() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity == SeverityError })
}

// Of returns the problems of one file.
func (ps Problems) Of(file string) Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.File != file })
}

// sorted returns the problems in reading order, each once.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path),
		)
	})
	// What is written once and used twice through an alias is one mistake.
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
}

// err is the first of the errors, for whoever cannot show them all; nil: there is
// none.
func (ps Problems) err() error {
	ps = slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Severity != SeverityError }).sorted()
	if len(ps) == 0 {
		return nil
	}
	p := ps[0]
	sentence := fmt.Sprintf("%s:%d: %s", clean(p.File, 200), p.Line, p.Message)
	if p.Hint != "" {
		sentence += " (" + p.Hint + ")"
	}
	if more := len(ps) - 1; more > 0 {
		sentence += fmt.Sprintf("; and %d more in this file", more)
	}
	return pipeline.Errorf(pipeline.Invalid, "%s", sentence)
}
