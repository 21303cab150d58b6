package report

import (
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// StageCheck is the check of one stage of a run. tail is the end of the log of
// the action that failed, if one did; it is ignored otherwise. A stage that the
// run does not have is shown as one it never reached.
func (r *Renderer) StageCheck(run Run, stage string, tail []pipeline.LogLine) CheckContent {
	e := run.Execution
	s := e.Stage(stage)
	if s == nil {
		s = &pipeline.StageExecution{Name: stage}
	}
	c := CheckContent{
		Name:       StageCheckName(e.Pipeline, stage),
		DetailsURL: r.RunURL(e.ID),
		ExternalID: External{ExternalStage, e.ID, stage}.String(),
		StartedAt:  s.StartedAt,
	}
	var title string
	c.Status, c.Conclusion, title = judge(e, s)
	if why := waiting(run.Pipeline, e, s); why != "" && c.Status != CheckCompleted {
		title = capital(why)
	}
	if run.heldBack(s) {
		title = "Held back: " + run.Paused
	}
	c.Title = line(title, maxTitle)
	if c.Status == CheckCompleted {
		c.CompletedAt = firstSet(s.EndedAt, e.EndedAt)
	}
	view := r.stageView(run, s)
	view.Title = c.Title
	note := "The rest is on " + link("the page of the run", c.DetailsURL) + "."
	c.Summary = cutLines(r.execute("stage.tmpl", view), maxOutput, note)
	if bad := failed(s); bad != nil && bad.Approval == nil && c.Status == CheckCompleted {
		c.Text = r.logText(e, bad, tail)
	}
	return c
}

func firstSet(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// judge says how a stage stands: for the machine and in words.
func judge(e *pipeline.Execution, s *pipeline.StageExecution) (CheckStatus, Conclusion, string) {
	switch s.Status {
	case pipeline.StageSucceeded:
		return CheckCompleted, ConclusionSuccess, "Succeeded in " + took(s.EndedAt.Sub(s.StartedAt))
	case pipeline.StageSkipped:
		return CheckCompleted, ConclusionSkipped, because("Skipped", s.Reason)
	case pipeline.StageFailed:
		return judgeFailed(s)
	case pipeline.StageStopped, pipeline.StageCancelled:
		return judgeStopped(e)
	}
	switch {
	case e.Status.Ended() && e.Status != pipeline.ExecutionFailed && e.Status != pipeline.ExecutionSucceeded:
		return judgeStopped(e)
	case e.Status.Ended(): // cancelled and not skipped: a required check must not pass
		return CheckCompleted, ConclusionCancelled, "Not reached"
	case s.Gate != nil && s.Gate.Status == pipeline.ApprovalPending:
		return CheckInProgress, "", "Waiting for approval of " + s.Gate.Name
	case s.Status == "":
		return CheckQueued, "", "Waiting to enter " + s.Name
	case s.Status == pipeline.StageStopping || e.Status == pipeline.ExecutionStopping:
		return CheckInProgress, "", capital(stopWords("stopping", e))
	case running(s) != "":
		return CheckInProgress, "", running(s) + " running"
	}
	for i := range s.Actions {
		if g := s.Actions[i].Approval; g != nil && g.Status == pipeline.ApprovalPending {
			return CheckInProgress, "", "Waiting for approval of " + g.Name
		}
	}
	return CheckInProgress, "", "In progress"
}

func judgeFailed(s *pipeline.StageExecution) (CheckStatus, Conclusion, string) {
	conclusion := ConclusionFailure
	if s.FailureType == pipeline.TimedOut || s.FailureType == pipeline.Expired {
		conclusion = ConclusionTimedOut
	}
	bad := failed(s)
	switch {
	case s.Gate != nil && (s.Gate.Status == pipeline.ApprovalRejected || s.Gate.Status == pipeline.ApprovalExpired):
		return CheckCompleted, conclusion, capital(GateSentence(s.Gate))
	case bad != nil && bad.Approval != nil:
		return CheckCompleted, conclusion, capital(GateSentence(bad.Approval))
	case bad != nil:
		return CheckCompleted, conclusion, because(bad.Name+" "+failure(bad.FailureType), stageReason(s, bad))
	}
	return CheckCompleted, conclusion, because(capital(failure(s.FailureType)), s.Reason)
}

// stageReason is why an action failed, and what the stage has made of that.
func stageReason(s *pipeline.StageExecution, bad *pipeline.ActionExecution) string {
	if _, more, found := strings.Cut(s.Reason, bad.Summary+"; "); found && bad.Summary != "" {
		return bad.Summary + "; " + more
	}
	return bad.Summary
}

func judgeStopped(e *pipeline.Execution) (CheckStatus, Conclusion, string) {
	word := "stopped"
	switch {
	case e.Status == pipeline.ExecutionSuperseded || e.Stop != nil && e.Stop.As == pipeline.ExecutionSuperseded:
		word = "superseded"
	case e.Status == pipeline.ExecutionCancelled || e.Stop != nil && e.Stop.As == pipeline.ExecutionCancelled:
		word = "cancelled"
	}
	return CheckCompleted, ConclusionCancelled, capital(stopWords(word, e))
}

// because adds a reason to words, if there is one.
func because(words, reason string) string {
	if reason == "" || strings.EqualFold(reason, words) {
		return words
	}
	return words + ": " + reason
}

// capital makes a title of words that begin with one of ours.
func capital(words string) string {
	return strings.ToUpper(words[:min(1, len(words))]) + words[min(1, len(words)):]
}
