// Package codeowners reads CODEOWNERS files as GitHub does, and tells who owns the
// paths of a change. It is pure: it asks nobody whether an owner exists or may write.
//
// A line that GitHub skips, because its pattern or its owners make no sense, is
// skipped here too and listed as a mistake: one bad line takes nothing from the
// others. Whatever a path holds, line ends included, it finds its line.
package codeowners

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// MaxLines is how many lines with a pattern a file may have.
const MaxLines = 20_000

// File is a CODEOWNERS file that was read.
type File struct {
	rules []rule
	// Mistakes are the lines that do not count, and owners that nobody can be, in words
	// and with the number of the line.
	Mistakes []string
}

// rule is one line that counts. One without owners says that nobody owns the paths.
type rule struct {
	text   string // the pattern as it is written
	match  pattern
	owners []string
}

// Parse reads a file. Kind Invalid: it has more than MaxLines lines.
func Parse(content []byte) (File, error) {
	var f File
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(content, []byte("\ufeff"))) {
		number++
		words := split(strings.TrimSpace(string(line)))
		if len(words) == 0 {
			continue
		}
		r := rule{text: words[0]}
		var mistake string
		if r.match, mistake = newPattern(words[0]); mistake != "" {
			f.mistake(number, "%s: %s", words[0], mistake)
			continue
		}
		valid := 0
		for _, owner := range words[1:] {
			if kindOf(owner) == nobody {
				f.mistake(number, "%s is no owner: write @person, @organization/team or an e-mail address", owner)
			} else {
				valid++
			}
			r.owners = append(r.owners, owner)
		}
		if len(r.owners) > 0 && valid == 0 {
			continue
		}
		if f.rules = append(f.rules, r); len(f.rules) > MaxLines {
			return File{}, pipeline.Errorf(pipeline.Invalid, "CODEOWNERS has more than %d lines", MaxLines)
		}
	}
	return f, nil
}

func (f *File) mistake(line int, format string, args ...any) {
	f.Mistakes = append(f.Mistakes, fmt.Sprintf("line %d: ", line)+fmt.Sprintf(format, args...))
}

// split cuts a line into words: the pattern and its owners. A backslash keeps the
// space after it; a word that begins with # ends the line.
func split(line string) []string {
	var words []string
	for line != "" && line[0] != '#' {
		end := 0
		for end < len(line) && line[end] != ' ' && line[end] != '\t' {
			if line[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(line))
		words, line = append(words, line[:end]), strings.TrimLeft(line[end:], " \t")
	}
	return words
}

// kind is what an owner is.
type kind int

const (
	nobody kind = iota
	person
	team
	address
)

var (
	personForm  = regexp.MustCompile(`^@[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
	teamForm    = regexp.MustCompile(`^@[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9_-]{1,255}$`)
	addressForm = regexp.MustCompile(`^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$`)
)

func kindOf(owner string) kind {
	switch {
	case personForm.MatchString(owner):
		return person
	case teamForm.MatchString(owner):
		return team
	case addressForm.MatchString(owner):
		return address
	}
	return nobody
}
