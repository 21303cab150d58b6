package definition

import (
	"fmt"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// RulesInWords says what an environment asks of a run, a line for each rule: its
// refs, its gate or that it has none, its freezes. An unknown default branch is
// called that.
func RulesInWords(e pipeline.Environment, defaultBranch string) []string {
	lines := []string{"for " + Refs(e, defaultBranch)}
	if e.Approval == nil {
		lines = append(lines, "no approval")
	} else {
		lines = append(lines, PolicyInWords(*e.Approval)...)
	}
	for _, f := range e.Freezes {
		lines = append(lines, freezeInWords(f))
	}
	return lines
}

// PolicyInWords says what a gate asks for, a line for each requirement, and then who
// cannot approve, when it expires, and who may help.
func PolicyInWords(p pipeline.Policy) []string {
	var lines []string
	for _, r := range p.Requirements() {
		line := r.String()
		if r.When != nil {
			line += ", " + whenInWords(*r.When)
		}
		lines = append(lines, line)
	}
	if p.PreventSelfApproval {
		lines = append(lines, "not by whoever has a hand in the change")
	}
	line := "expires after " + inWords(p.Timeout)
	if p.RemindAfter > 0 {
		line += ", reminds after " + inWords(p.RemindAfter)
	}
	if e := p.Escalate; e != nil {
		line += ", after " + inWords(e.After) + " also by " + pipeline.SelectorsInWords(e.To)
	}
	lines = append(lines, line)
	if len(p.Override) > 0 {
		lines = append(lines, "may be overridden by "+pipeline.SelectorsInWords(p.Override))
	}
	return lines
}

func whenInWords(when pipeline.AppliesTo) string {
	var words []string
	if when.Branches != nil {
		words = append(words, fmt.Sprintf("for branches %s", when.Branches))
	}
	if when.Paths != nil {
		words = append(words, fmt.Sprintf("where paths change that fit %s", when.Paths))
	}
	if when.Labels != nil {
		words = append(words, fmt.Sprintf("with labels %s", when.Labels))
	}
	return strings.Join(words, ", ")
}

func freezeInWords(f pipeline.Freeze) string {
	line := "frozen (" + f.Reason + ") "
	if f.Cron != "" {
		zone := f.TimeZone
		if zone == "" {
			zone = "UTC"
		}
		line += fmt.Sprintf("for %s from %s, %s", inWords(f.For), f.Cron, zone)
	} else {
		line += "from " + momentInWords(f.From) + " to " + momentInWords(f.To)
	}
	if len(f.Pipelines) > 0 {
		line += ": pipelines " + joined(f.Pipelines, "and")
	}
	return line
}

func momentInWords(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
