package definition

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

// Version is what a Pipeline made by this package carries in V.
const Version = 1

// Catalog knows the action types of this installation.
type Catalog interface {
	ActionTypes() []pipeline.ActionTypeInfo
}

// Options say what a file is read for.
type Options struct {
	// Catalog knows the providers; nil knows none but Manual.
	Catalog Catalog
	// DefaultBranch is what a trigger without branches means. Empty leaves such
	// triggers without a filter, which means the default branch to whoever
	// matches them.
	DefaultBranch string
	// Repository is the owner and name of the repository that the file is in. It
	// says which of several git sources of a file in AWS's form is the commit.
	// Empty, the first one is taken, with a warning. It says, too, whose teams an
	// approval may name as @owner/slug; empty, they are taken for the owner's.
	Repository string
	// Local reads for a run on a person's own machine: a gate takes one vote,
	// whatever its rules are, and an environment that the file does not declare is
	// such a gate, too; AWS action types that are not in the catalog are warnings,
	// because the run skips them.
	Local bool
}

// File is a pipeline file: its path in the repository, and its content.
type File struct {
	Path    string
	Content []byte
}

// Read reads one pipeline file, YAML or JSON. It returns every mistake it finds,
// in reading order, up to a bound of some hundreds. The pipeline is nil if and
// only if one of the problems is an error. Content may be anything: reading it
// takes bounded time and memory, and does not panic.
//
// A file that does not name its pipeline gives it the file's own name without
// the extension; .penstock.yml at the root gives "pipeline".
func Read(file string, content []byte, o Options) (*pipeline.Pipeline, Problems) {
	r := newReader(file, o)
	p := r.file(content)
	declarations{}.add(r)
	if r.problems.HasErrors() {
		p = nil
	}
	return p, r.problems.sorted()
}

// ReadAll reads all pipeline files of a repository. The pipelines are those of
// the files, in the same order, nil for a file with an error. Two files that
// name the same pipeline or the same environment are an error in the later one; a
// stage whose environment none of them declares is a warning.
func ReadAll(files []File, o Options) ([]*pipeline.Pipeline, Problems) {
	var problems Problems
	pipelines, readers := make([]*pipeline.Pipeline, len(files)), make([]*reader, len(files))
	for i, f := range files {
		readers[i] = newReader(f.Path, o)
		pipelines[i] = readers[i].file(f.Content)
	}
	checkTogether(readers)
	for i, r := range readers {
		if r.problems.HasErrors() {
			pipelines[i] = nil
		}
		problems = append(problems, r.problems...)
	}
	return pipelines, problems.sorted()
}

// maxProblems is how many mistakes of one file are told.
const maxProblems = 300

// reader reads one file and collects its problems.
type reader struct {
	name        string
	o           Options
	aws         []pipeline.ActionTypeInfo
	keys        grammar // of actions
	types       []pipeline.ActionTypeInfo
	problems    Problems
	full        bool
	named       position // of the pipeline's name
	declared    []*node  // names of environments that the file declares
	entered     []*node  // those that its stages name
	held        []*node  // names of pipelines that its freezes hold
	mode        pipeline.ExecutionMode
	language    *condition.Language // made when the first expression is met
	sources     sources
	region      string  // of the pipeline, if the file says it
	regions     []*node // that actions and rules name
	memo        memo
	expressions int             // characters of those that were checked
	told        map[string]bool // notes that are told once
	makers      map[string]maker
	uses        []use
	broken      bool // variables are not known completely
	made        []artifact
	used        []artifact
	actions     int
	freezeCount int // of those that were looked at for whether they end

	pipelineName string // empty: there is no pipeline, or it has none
}

func newReader(name string, o Options) *reader {
	r := &reader{name: name, o: o, named: position{1, 1}, memo: memo{}, told: map[string]bool{}, makers: map[string]maker{}}
	r.types, r.aws, r.keys = typesOf(o.Catalog), awsActionTypes(), actionGrammar()
	return r
}

// file reads the whole. The result is of use only if there was no error.
func (r *reader) file(content []byte) *pipeline.Pipeline {
	root, faults, ok := r.parse(content)
	for _, f := range faults {
		r.add(f.at, f.path(), f.hint, "%s", f.message)
	}
	if !ok {
		return nil
	}
	p := r.pipeline(root)
	if p != nil {
		r.pipelineName = p.Name
	}
	return p
}

// parse reads the text of a file. Without a tree, one of the faults or problems says
// why; with one, the faults are of places in it.
func (r *reader) parse(content []byte) (root *node, faults []fault, ok bool) {
	if len(content) > maxBytes {
		r.add(position{1, 1}, "", "", "the file is larger than 1 MB")
		return nil, nil, false
	}
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	asJSON := path.Ext(r.name) == ".json" || json.Valid(content)
	if !r.plain(content, asJSON) {
		return nil, nil, false
	}
	report := func(f fault) { faults = append(faults, f) }
	parse := func() (*node, *fault) { return parseYAML(string(content), report) }
	if asJSON && len(bytes.TrimSpace(content)) > 0 {
		parse = func() (*node, *fault) { return parseJSON(content, report) }
	}
	root, failed := parse()
	if failed != nil {
		report(*failed)
	}
	return root, faults, failed == nil
}

// plain checks that the bytes are text without characters that have no place in
// a file, before a parser sees them.
func (r *reader) plain(content []byte, asJSON bool) bool {
	at := position{1, 1}
	for i := 0; i < len(content); {
		c, size := utf8.DecodeRune(content[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			r.add(at, "", "save the file as UTF-8", "the file is not UTF-8 text")
			return false
		case c < ' ' && c != '\n' && c != '\t', c == 0x7F:
			r.add(at, "", "remove it", "a control character (%U) has no place in this file", c)
			return false
		case at.column > maxLine && !asJSON:
			r.add(position{at.line, 1}, "", "break it into several lines", "a line with more than %d characters", maxLine)
			return false
		}
		i += size
		if at.column++; c == '\n' {
			at = position{at.line + 1, 1}
		}
	}
	return true
}

// add notes an error.
func (r *reader) add(at position, path, hint, format string, args ...any) {
	r.note(SeverityError, at, path, hint, format, args...)
}

// note notes a problem. After maxProblems it notes once that there are more.
func (r *reader) note(severity Severity, at position, path, hint, format string, args ...any) {
	p := Problem{
		File: r.name, Line: at.line, Column: at.column, Path: path,
		Message: fmt.Sprintf(format, args...), Hint: hint, Severity: severity,
	}
	switch {
	case r.full:
		return
	case len(r.problems) == maxProblems:
		r.full = true
		p = Problem{
			File: r.name, Line: at.line, Column: at.column, Severity: SeverityError,
			Message: fmt.Sprintf("more than %d mistakes; the rest is not shown", maxProblems),
		}
	}
	r.problems = append(r.problems, p)
}

// bad notes an error of a value. The message begins with the value's key.
func (r *reader) bad(n *node, hint, format string, args ...any) {
	r.add(n.at, n.path(), hint, "%s: %s", label(n), fmt.Sprintf(format, args...))
}

// warn notes a warning of a value.
func (r *reader) warn(n *node, hint, format string, args ...any) {
	r.note(SeverityWarning, n.at, n.path(), hint, "%s: %s", label(n), fmt.Sprintf(format, args...))
}

// label is the key that a value belongs to, as people would name it.
func label(n *node) string {
	for n.parent != nil && n.parent.kind == kindList {
		n = n.parent
	}
	if n.parent == nil {
		return "the file"
	}
	return clean(strings.TrimSpace(n.key), 60)
}
