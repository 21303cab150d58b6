package explain

import (
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// Why explains a run. There is always at least one line.
func Why(s Situation) []Line {
	lines := s.why()
	for i := range lines { // reasons that people gave may end with a full stop of their own
		lines[i].Text = strings.TrimRight(lines[i].Text, ". ")
	}
	return lines
}

func (s Situation) why() []Line {
	switch {
	case s.Run.Status.Ended():
		return []Line{s.end()}
	case s.Run.Status == pipeline.ExecutionStopping || s.Run.Stop != nil:
		return []Line{s.stopping()}
	}
	var lines []Line
	if s.Paused != "" {
		lines = append(lines, Line{s.Paused + ": no action starts", "Whoever operates the server ends it with penstock resume."})
	}
	stage := s.Run.Current()
	switch {
	case stage == nil:
		lines = append(lines, Line{"Every stage is passed; " + name(s.Run) + " is about to end", ""})
	case stage.Status == "":
		lines = append(lines, s.before(stage))
	default:
		lines = append(lines, s.inside(stage)...)
	}
	return lines
}

// end says why a run ended, and what can be done now.
func (s Situation) end() Line {
	run := s.Run
	text := name(run) + " "
	where := ""
	if stage := run.Current(); stage != nil && stage.Status != "" {
		where = " in stage " + stage.Name
	}
	why := ""
	if run.Reason != "" {
		why = ": " + run.Reason
	}
	if stage := run.Current(); where != "" {
		why = strings.Replace(why, ": "+stage.Name+": ", ": ", 1) // the stage once
	}
	again := fmt.Sprintf("Anyone with write access: %sretry in the pull request, or penstock retry '%s'.", s.Form, full(run))
	switch run.Status {
	case pipeline.ExecutionSucceeded:
		return Line{text + "has succeeded", ""}
	case pipeline.ExecutionSuperseded:
		return Line{text + "was replaced by a newer run of its lane" + why, "Nothing moves it any more; the newer run is what counts."}
	case pipeline.ExecutionCancelled:
		return Line{text + "was cancelled" + why, "Nothing moves it any more; a new push starts another."}
	case pipeline.ExecutionStopped:
		return Line{text + "was stopped" + where + why, again}
	}
	return Line{text + "has failed" + where + why, s.mend(again)}
}

// mend is what to do after a failure.
func (s Situation) mend(again string) string {
	switch s.Run.FailureType {
	case pipeline.ConfigurationError:
		return "A run is pinned to its commit and pipeline file: mend the file, or the server's settings if they are meant, and push, or retry. " + again
	case pipeline.PermissionError:
		return "Whoever operates the server, or administers what it may not do, can allow it; then retry. " + again
	case pipeline.Rejected, pipeline.Expired:
		return "A retry asks again; old votes do not count. " + again
	case pipeline.SystemUnavailable:
		return "It was not the commit's fault: a retry may do. " + again
	}
	return "A push of a commit that mends it starts another run. To try this one again: " + again
}

// stopping says what a run that is to stop waits for.
func (s Situation) stopping() Line {
	reason := ""
	if s.Run.Stop != nil && s.Run.Stop.Reason != "" {
		reason = ": " + s.Run.Stop.Reason
	}
	var busy []string
	for i := range s.Run.Stages {
		for _, a := range running(&s.Run.Stages[i]) {
			busy = append(busy, s.Run.Stages[i].Name+"/"+a.Name)
		}
	}
	if len(busy) == 0 {
		return Line{name(s.Run) + " is stopping" + reason, ""}
	}
	l := Line{name(s.Run) + " is stopping" + reason + "; still to end: " + strings.Join(busy, ", "), ""}
	if s.Run.Stop == nil || !s.Run.Stop.Abandon {
		l.Move = fmt.Sprintf("It waits for their end. To end them too: %sstop abandon, or penstock stop --abandon '%s'.", s.Form, full(s.Run))
	}
	return l
}

// quoted is a text as one word of a shell, since the lines are made to be copied and
// git allows a quote in the name of a branch.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// before says why a run stands in front of a stage.
func (s Situation) before(stage *pipeline.StageExecution) Line {
	if door := s.Lane.ClosedTransition(stage.Name); door != nil {
		whose, lane := "of every lane", ""
		if door.Lane != (pipeline.Lane{}) {
			whose, lane = "of "+door.Lane.String(), " --lane "+quoted(door.Lane.String())
		}
		text := fmt.Sprintf("The transition into stage %s %s is disabled since %s", stage.Name, whose, when(door.At))
		if door.By.Login != "" {
			text += ", by " + door.By.Login
		}
		if door.Reason != "" {
			text += ": " + door.Reason
		}
		return Line{text, fmt.Sprintf("Anyone with write access opens it: %senable %s in a pull request, or penstock enable '%s' --repo %s --pipeline '%s'%s.", s.Form, stage.Name, stage.Name, s.Run.Repository.FullName(), s.Run.Pipeline, lane)}
	}
	if other, inside := s.ahead(stage.Name); other != nil {
		if inside {
			return Line{fmt.Sprintf("%s is in stage %s, which holds one run of a lane at a time", name(other), stage.Name), "It goes on when " + name(other) + " leaves the stage or ends; ask why about that one."}
		}
		return Line{fmt.Sprintf("%s is older and still has stage %s ahead; runs of a lane do not overtake each other", name(other), stage.Name), "It goes on when " + name(other) + " has passed the stage or ends; ask why about that one."}
	}
	if s.Run.Waits != "" {
		return Line{name(s.Run) + " stands in front of stage " + stage.Name + ": " + s.Run.Waits, ""}
	}
	return Line{name(s.Run) + " is about to enter stage " + stage.Name, ""}
}

// ahead is the run of the lane that keeps this one out of a stage, and whether it is
// in there.
func (s Situation) ahead(stage string) (other *pipeline.Execution, inside bool) {
	if s.parallel(s.Run) {
		return nil, false
	}
	for _, e := range s.Lane.Executions {
		if e.ID == s.Run.ID || e.Status.Ended() || s.parallel(e) {
			continue
		}
		passage := e.Stage(stage)
		switch {
		case passage == nil:
		case passage.Status.Active():
			return e, true
		case other == nil && e.Position < s.Run.Position && e.Stop == nil && !passage.Status.Passed():
			other = e
		}
	}
	return other, false
}

func (s Situation) parallel(e *pipeline.Execution) bool {
	d := s.Lane.Definition(e)
	return d != nil && d.ExecutionMode == pipeline.ModeParallel
}
