package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// table prints a plan for people.
func (p plan) table(out io.Writer) error {
	var b strings.Builder
	for i, one := range p.Pipelines {
		if i > 0 {
			b.WriteByte('\n')
		}
		one.table(&b)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (p pipelinePlan) table(b *strings.Builder) {
	if !p.Starts {
		fmt.Fprintf(b, "%s (%s): does not start: %s\n", printable(p.Name), printable(p.File), printable(p.Why))
		return
	}
	fmt.Fprintf(b, "%s (%s): starts in %s, mode %s\n", printable(p.Name), printable(p.File), printable(p.Lane), p.Mode)
	for _, name := range slices.Sorted(maps.Keys(p.Variables)) {
		fmt.Fprintf(b, "  %s = %s\n", printable(name), printable(p.Variables[name]))
	}
	for i, s := range p.Stages {
		fmt.Fprintf(b, "  %d. %s%s%s\n", i+1, printable(s.Name), inBrackets("environment ", s.Environment), whether(s.Runs, s.Why))
		list(b, "gate", s.Gate)
		if s.Frozen != "" {
			list(b, "frozen", []string{s.Frozen})
		}
		list(b, "before entry", s.BeforeEntry)
		for _, a := range s.Actions {
			fmt.Fprintf(b, "     %3d %s  %s%s%s\n", a.RunOrder, printable(a.Name), printable(a.Provider), inBrackets("waits for ", a.Gate), whether(a.Runs, a.Why))
		}
		list(b, "on success", s.OnSuccess)
		list(b, "on failure", s.OnFailure)
	}
}

func inBrackets(before, word string) string {
	if word == "" {
		return ""
	}
	return "  [" + before + printable(word) + "]"
}

// whether says if something runs, where that is not a matter of course.
func whether(runs, why string) string {
	switch {
	case why == "":
		return ""
	case runs == "yes":
		return "  (runs: " + printable(why) + ")"
	case runs == "no":
		return "  (skipped: " + printable(why) + ")"
	}
	return "  (not known yet: " + printable(why) + ")"
}

func list(b *strings.Builder, what string, lines []string) {
	for _, line := range lines {
		fmt.Fprintf(b, "         %s: %s\n", what, printable(line))
	}
}
