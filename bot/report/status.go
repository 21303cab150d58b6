package report

import (
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// Status is the commit status of a run, from its first moment to its end.
func (r *Renderer) Status(run Run) StatusContent {
	state, _ := summarize(run)
	return StatusContent{
		Context:     StatusContext(run.Execution.Pipeline),
		State:       state,
		Description: cut(strings.TrimSpace(number(run.Execution)+" "+plain(r.stands(run))), maxDescription),
		TargetURL:   r.RunURL(run.Execution.ID),
	}
}

// NotNeeded is the status of a commit for which a filter of the pipeline starts
// nothing, so that a required status never hangs. why is a sentence.
func (r *Renderer) NotNeeded(pipelineName, why string) StatusContent {
	return StatusContent{
		Context:     StatusContext(pipelineName),
		State:       StateSuccess,
		Description: cut("not needed: "+plain(why), maxDescription),
		TargetURL:   r.base,
	}
}

// rollbackWords tells a rollback from a run of its own.
func rollbackWords(e *pipeline.Execution) string {
	if e.Rollback == nil {
		return ""
	}
	return fmt.Sprintf("rollback to #%d: ", e.Rollback.TargetNumber)
}

// summarize says in one line how a run stands.
func summarize(run Run) (State, string) {
	e := run.Execution
	switch e.Status {
	case pipeline.ExecutionSucceeded:
		return StateSuccess, "succeeded in " + took(e.EndedAt.Sub(e.CreatedAt))
	case pipeline.ExecutionFailed:
		return failureState(e.FailureType), failureWords(e)
	case pipeline.ExecutionStopped:
		return StateError, stopWords("stopped", e)
	case pipeline.ExecutionSuperseded:
		return StateError, stopWords("superseded", e)
	case pipeline.ExecutionCancelled:
		return StateError, stopWords("cancelled", e)
	case pipeline.ExecutionStopping:
		return StatePending, stopWords("stopping", e)
	}
	if gates := e.Gates(); len(gates) > 0 {
		return StatePending, "waiting for approval of " + gateNames(gates)
	}
	s := e.Current()
	switch {
	case s == nil:
		return StatePending, "finishing"
	case waiting(run.Pipeline, e, s) != "":
		return StatePending, waiting(run.Pipeline, e, s)
	case s.Status == "":
		return StatePending, "waiting to enter " + s.Name
	case running(s) != "":
		return StatePending, s.Name + ": " + running(s) + " running"
	}
	return StatePending, "in " + s.Name
}

// failureState tells a change that failed from a run that could not judge it.
func failureState(f pipeline.FailureType) State {
	switch f {
	case pipeline.ConfigurationError, pipeline.PermissionError, pipeline.RevisionUnavailable, pipeline.SystemUnavailable:
		return StateError
	}
	return StateFailure
}

// failureWords says where and why a run failed.
func failureWords(e *pipeline.Execution) string {
	where, why := "", e.Reason
	if s := e.Current(); s != nil {
		where = s.Name
		if s.Gate != nil && (s.Gate.Status == pipeline.ApprovalRejected || s.Gate.Status == pipeline.ApprovalExpired) {
			return s.Gate.Name + " " + GateSentence(s.Gate)
		}
		if a := failed(s); a != nil {
			if a.Approval != nil {
				return a.Approval.Name + " " + GateSentence(a.Approval)
			}
			where += "/" + a.Name
			why = stageReason(s, a)
		} else if s.Reason != "" {
			why = s.Reason
		}
	}
	words := failure(e.FailureType)
	if where != "" {
		words = where + " " + words
	}
	if why != "" && why != "failed" {
		words += ": " + why
	}
	return words
}
