package githubapp

import (
	"time"

	"github.com/google/go-github/v60/github"
)

// output is the part of a check run that people read; nil when there is none.
// Text is sent also when it is empty, so that an old one goes.
func (c Check) output(annotations []Annotation) *github.CheckRunOutput {
	if c.Title == "" && c.Summary == "" {
		return nil
	}
	o := &github.CheckRunOutput{
		Title:   github.String(clipRunes(c.Title, maxTitle)),
		Summary: github.String(clip(c.Summary, maxOutput)),
		Text:    github.String(clip(c.Text, maxOutput)),
	}
	for _, a := range annotations {
		o.Annotations = append(o.Annotations, a.wire())
	}
	return o
}

func (a Annotation) wire() *github.CheckRunAnnotation {
	start := max(1, a.StartLine)
	end := max(start, a.EndLine)
	w := &github.CheckRunAnnotation{
		Path:            github.String(a.Path),
		StartLine:       github.Int(start),
		EndLine:         github.Int(end),
		AnnotationLevel: github.String(a.Level),
		Message:         github.String(clip(a.Message, maxAnnotation)),
		Title:           optional(clipRunes(a.Title, maxTitle)),
	}
	if start == end && a.StartColumn > 0 {
		w.StartColumn = github.Int(a.StartColumn)
		w.EndColumn = github.Int(max(a.StartColumn, a.EndColumn))
	}
	return w
}

// buttons is never nil.
func (c Check) buttons() []*github.CheckRunAction {
	list := make([]*github.CheckRunAction, 0, len(c.Actions))
	for _, a := range c.Actions {
		list = append(list, &github.CheckRunAction{Label: a.Label, Description: a.Description, Identifier: a.Identifier})
	}
	return list
}

// pageAnnotations splits a list into what goes with the check and what follows.
func pageAnnotations(list []Annotation) (first []Annotation, rest [][]Annotation) {
	n := min(len(list), maxAnnotationsPerRequest)
	first, list = list[:n], list[n:]
	for len(list) > 0 {
		n := min(len(list), maxAnnotationsPerRequest)
		rest, list = append(rest, list[:n]), list[n:]
	}
	return first, rest
}

// optional is nil for an empty text, which is then not sent.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timestamp(t time.Time) *github.Timestamp {
	if t.IsZero() {
		return nil
	}
	return &github.Timestamp{Time: t.UTC().Truncate(time.Second)}
}
