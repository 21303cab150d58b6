package explain

import (
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// inside says what a run waits for in a stage.
func (s Situation) inside(stage *pipeline.StageExecution) []Line {
	var lines []Line
	if g := stage.Gate; g != nil && g.Status == pipeline.ApprovalPending {
		lines = append(lines, s.gate(g))
	}
	lines = append(lines, s.entry(stage)...)
	if stage.Environment == pipeline.EnvironmentWaiting {
		lines = append(lines, s.lock(stage))
	}
	if stage.RollingBack {
		lines = append(lines, Line{"Stage " + stage.Name + " has failed and is being rolled back", "It goes on by itself."})
	}
	for _, block := range pipeline.ConditionBlocks() {
		if c := stage.Condition(block); c != nil && (c.Status == pipeline.ConditionInProgress || c.Status == pipeline.ConditionFailed && stage.Status.Active()) {
			lines = append(lines, s.condition(stage, block, c))
		}
	}
	for _, a := range running(stage) {
		if a.Approval != nil {
			lines = append(lines, s.gate(a.Approval))
		} else {
			lines = append(lines, s.action(stage, a))
		}
	}
	if len(lines) == 0 {
		lines = append(lines, Line{fmt.Sprintf("Stage %s is about to go on", stage.Name), ""})
	}
	return lines
}

// running are the actions of a stage that have not ended.
func running(stage *pipeline.StageExecution) []*pipeline.ActionExecution {
	var list []*pipeline.ActionExecution
	for i := range stage.Actions {
		if !stage.Actions[i].Status.Ended() {
			list = append(list, &stage.Actions[i])
		}
	}
	return list
}

// gate says what a gate waits for.
func (s Situation) gate(g *pipeline.Approval) Line {
	text := fmt.Sprintf("%s waits for approval of commit %s: ", g.Name, pipeline.ShortSHA(g.SHA))
	for i, required := range policy.Progress(g) {
		if i > 0 {
			text += "; "
		}
		text += required.Words
		var who []string
		for _, v := range required.By {
			who = append(who, v.Facts.Voter.Login)
		}
		switch {
		case required.Missing == 0:
			text += ", met (" + strings.Join(who, ", ") + ")"
		case len(who) > 0:
			text += fmt.Sprintf(", %d missing (%s)", required.Missing, strings.Join(who, ", "))
		}
	}
	if !g.ExpiresAt.IsZero() {
		text += "; it expires " + when(g.ExpiresAt)
	}
	return Line{text, fmt.Sprintf("Whoever is asked: %sapprove %s in the pull request, the button of its check, the page of the run, or penstock approve '%s' '%s'.",
		s.Form, g.Name, full(s.Run), g.Name)}
}

// lock says who holds the environment that a stage waits for.
func (s Situation) lock(stage *pipeline.StageExecution) Line {
	text := fmt.Sprintf("Stage %s waits for environment %s, which holds one run at a time", stage.Name, s.environment(stage))
	if s.Holder == nil {
		return Line{text, "It goes on when the run that holds it leaves, first come first served."}
	}
	return Line{text + "; " + full(s.Holder) + " holds it", "It goes on when that run leaves its stage or ends, first come first served: ask why about that one."}
}

// condition says how far a condition is.
func (s Situation) condition(stage *pipeline.StageExecution, block pipeline.ConditionBlock, c *pipeline.ConditionExecution) Line {
	words := map[pipeline.ConditionBlock]string{
		pipeline.BlockWhen: "whether it runs", pipeline.BlockBeforeEntry: "its condition before entry",
		pipeline.BlockOnSuccess: "its condition on success", pipeline.BlockOnFailure: "its condition on failure",
	}
	text := fmt.Sprintf("Stage %s evaluates %s", stage.Name, words[block])
	if c.Status == pipeline.ConditionFailed {
		text = fmt.Sprintf("Stage %s: %s has failed", stage.Name, words[block])
	}
	var open []string
	for i := range c.Rules {
		r := &c.Rules[i]
		if r.Status != pipeline.ActionSucceeded {
			rule := r.Name
			if r.Summary != "" {
				rule += " (" + r.Summary + ")"
			}
			open = append(open, rule)
		}
	}
	if len(open) > 0 {
		text += "; not succeeded: " + strings.Join(open, ", ")
	}
	move := "Its rules decide by themselves."
	flag, can := map[pipeline.ConditionBlock]string{pipeline.BlockBeforeEntry: "", pipeline.BlockOnSuccess: " --on-success"}[block]
	if can {
		move += fmt.Sprintf(" Anyone with write access can override it: penstock override '%s' '%s'%s --reason '...'.", full(s.Run), stage.Name, flag)
	}
	return Line{text, move}
}

// action says how far an action is.
func (s Situation) action(stage *pipeline.StageExecution, a *pipeline.ActionExecution) Line {
	text := fmt.Sprintf("Action %s/%s runs since %s", stage.Name, a.Name, when(a.StartedAt))
	if len(a.Handle) == 0 {
		text = fmt.Sprintf("Action %s/%s is about to start", stage.Name, a.Name)
	}
	if a.Attempt > 1 {
		text += fmt.Sprintf(", attempt %d", a.Attempt)
	}
	if a.Percent > 0 {
		text += fmt.Sprintf(", %d %%", a.Percent)
	}
	if a.Summary != "" && a.Summary != "running" { // that says no more
		text += ": " + a.Summary
	}
	move := "It goes on by itself"
	if !a.Deadline.IsZero() {
		move += ", and is ended at " + when(a.Deadline)
	}
	return Line{text, fmt.Sprintf("%s. Its log: penstock logs -f '%s' '%s/%s'.", move, full(s.Run), stage.Name, a.Name)}
}
