package report

import (
	"fmt"
	"strings"
)

// Problem is one mistake in a pipeline file.
type Problem struct {
	File    string
	Line    int // from 1; 0: of the whole file
	Column  int // from 1; 0: unknown
	Message string
	Hint    string // what to write instead, may be empty
	Warning bool
}

// FileCheck is the check of a pipeline file with mistakes, each of them also an
// annotation on its line. With warnings only it is neutral, without any problem
// it is a success.
func (r *Renderer) FileCheck(file string, problems []Problem) CheckContent {
	c := CheckContent{
		Name: FileCheckName(file), Status: CheckCompleted, Conclusion: ConclusionSuccess,
		Title: "The file is valid", DetailsURL: r.base,
		ExternalID: External{Kind: ExternalFile, Name: file}.String(),
	}
	errors := 0
	view := fileView{File: file}
	for _, p := range problems {
		a := Annotation{Path: p.File, StartLine: max(p.Line, 1), Level: "failure", Title: "Pipeline file", Message: p.Message}
		a.EndLine = a.StartLine
		if p.Line > 0 && p.Column > 0 {
			a.StartColumn, a.EndColumn = p.Column, p.Column
		}
		if a.Path == "" {
			a.Path = file
		}
		if p.Hint != "" {
			a.Message += "\n" + p.Hint
		}
		a.Message = cutBytes(strings.ToValidUTF8(a.Message, "\ufffd"), maxMessage)
		row := fileRow{Line: a.StartLine, Message: line(p.Message, maxWords), Hint: line(p.Hint, maxWords)}
		if p.Warning {
			a.Level, row.Warning = "warning", true
		} else {
			errors++
		}
		c.Annotations = append(c.Annotations, a)
		view.Rows = append(view.Rows, row)
	}
	warnings := len(problems) - errors
	switch {
	case errors > 0:
		c.Conclusion = ConclusionFailure
		c.Title = count(errors, "mistake") + " in " + plain(file)
	case warnings > 0:
		c.Conclusion = ConclusionNeutral
		c.Title = count(warnings, "warning") + " in " + plain(file)
	}
	if errors > 0 && warnings > 0 {
		c.Title += ", " + count(warnings, "warning")
	}
	c.Title = cut(c.Title, maxTitle)
	view.Broken = errors > 0
	c.Summary = cutLines(r.execute("file.tmpl", view), maxOutput, "There are more; they are marked on their lines.")
	return c
}

type fileView struct {
	File   string
	Broken bool
	Rows   []fileRow
}

type fileRow struct {
	Line          int
	Message, Hint string
	Warning       bool
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
