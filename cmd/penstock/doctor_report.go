package main

import (
	"fmt"
	"io"
	"strings"
)

// States of a finding.
const (
	stateOK      = "ok"
	stateWarning = "warning" // it works, and something about it is probably not meant
	stateFailed  = "failed"
	stateSkipped = "skipped" // it could not, or need not, be looked at
)

// finding is what one check has come to.
type finding struct {
	Check      string `json:"check"`
	Repository string `json:"repository,omitempty"`
	State      string `json:"state"`
	Says       string `json:"says"`
	Mend       string `json:"mend,omitempty"`
}

// doctorReport is what `penstock doctor -o json` prints.
type doctorReport struct {
	Version  string    `json:"version"`
	Failed   int       `json:"failed"`
	Warnings int       `json:"warnings"`
	Checks   []finding `json:"checks"`
}

func (d *doctor) note(f finding) { d.findings = append(d.findings, f) }

func (d *doctor) ok(check, format string, args ...any) {
	d.note(finding{Check: check, State: stateOK, Says: fmt.Sprintf(format, args...)})
}

func (d *doctor) skip(check, format string, args ...any) {
	d.note(finding{Check: check, State: stateSkipped, Says: fmt.Sprintf(format, args...)})
}

func (d *doctor) warn(check, mend, format string, args ...any) {
	d.note(finding{Check: check, State: stateWarning, Says: fmt.Sprintf(format, args...), Mend: mend})
}

func (d *doctor) fail(check, mend, format string, args ...any) {
	d.note(finding{Check: check, State: stateFailed, Says: fmt.Sprintf(format, args...), Mend: mend})
}

func (d *doctor) report() doctorReport {
	r := doctorReport{Version: version, Checks: d.findings}
	for _, f := range d.findings {
		switch f.State {
		case stateFailed:
			r.Failed++
		case stateWarning:
			r.Warnings++
		}
	}
	return r
}

// print shows the findings in their order, each with how to mend it below.
func (r doctorReport) print(out io.Writer) error {
	var text strings.Builder
	for _, f := range r.Checks {
		state := f.State
		if state == stateFailed {
			state = "FAILED"
		}
		says := f.Says
		if f.Repository != "" {
			says = f.Repository + ": " + says
		}
		fmt.Fprintf(&text, "%-8s %-14s %s\n", state, f.Check, indented(says))
		if f.Mend != "" {
			fmt.Fprintf(&text, "%-8s %-14s > %s\n", "", "", indented(f.Mend))
		}
	}
	switch {
	case r.Failed > 0:
		fmt.Fprintf(&text, "\n%d failed, %d warnings.\n", r.Failed, r.Warnings)
	default:
		fmt.Fprintf(&text, "\nNothing has failed; %d warnings.\n", r.Warnings)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// indented is a text of one or more lines, safe for a terminal, below each other.
func indented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = onScreen(line)
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", 26))
}
