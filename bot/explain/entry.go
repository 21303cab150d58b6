package explain

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// entry says what the rules of a stage's environment have against a run that stands
// in front of it.
func (s Situation) entry(stage *pipeline.StageExecution) []Line {
	e := stage.Entry
	if e == nil || e.Inside {
		return nil
	}
	name := s.environment(stage)
	var lines []Line
	if l := s.Lane.Lockout(name); l != nil {
		text := fmt.Sprintf("Environment %s is locked since %s", name, when(l.At))
		if l.By.Login != "" {
			text += ", by " + l.By.Login
		}
		if l.Reason != "" {
			text += ": " + l.Reason
		}
		lines = append(lines, Line{text, fmt.Sprintf("Anyone with write access unlocks it: %sunlock %s in a pull request.", s.Form, name)})
	}
	if e.Trouble != "" {
		lines = append(lines, Line{fmt.Sprintf("The rules of environment %s cannot be read: %s", name, e.Trouble),
			"They stand in the pipeline files of the default branch, and are read again by themselves. Until then nothing enters and no vote counts."})
	}
	if f := e.Frozen; f != nil && e.Overridden == nil {
		text := "Environment " + name + " is frozen"
		if !f.Until.IsZero() {
			text += " until " + when(f.Until)
		}
		if f.Reason != "" {
			text += ": " + f.Reason
		}
		move := "It goes on when the freeze ends."
		if len(e.Override) > 0 {
			move += fmt.Sprintf(" In an emergency, those whom its rules name for that: %soverride %s <reason> in the pull request.", s.Form, name)
		}
		lines = append(lines, Line{text, move})
	}
	if e.Trouble == "" && e.Reads() {
		lines = append(lines, Line{fmt.Sprintf("The rules of environment %s are being read", name), "It goes on by itself."})
	}
	return lines
}
