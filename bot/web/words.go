package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// mark is a status as it is shown: a sign, a word, and a class for its colour.
// Sign and word say everything; the colour only repeats it.
type mark struct{ Sign, Word, Class string }

func markRunning() mark { return mark{"◐", "running", "run"} }
func markWaiting() mark { return mark{"‖", "waiting for approval", "wait"} }

// markRun says how a run stands.
func markRun(e *pipeline.Execution) mark {
	switch e.Status {
	case pipeline.ExecutionSucceeded:
		return mark{"✓", "succeeded", "good"}
	case pipeline.ExecutionFailed:
		return mark{"✗", failure(e.FailureType), "bad"}
	case pipeline.ExecutionStopping:
		return mark{"◔", "stopping", "run"}
	case pipeline.ExecutionStopped:
		return mark{"■", "stopped", "off"}
	case pipeline.ExecutionSuperseded:
		return mark{"»", "superseded", "off"}
	case pipeline.ExecutionCancelled:
		return mark{"⊘", "cancelled", "off"}
	}
	if len(e.Gates()) > 0 {
		return markWaiting()
	}
	if e.Waits != "" {
		return mark{"‖", "waiting", "wait"}
	}
	return markRunning()
}

// markStage says how a stage of a run stands.
func markStage(s *pipeline.StageExecution) mark {
	switch s.Status {
	case pipeline.StageSucceeded:
		return mark{"✓", "succeeded", "good"}
	case pipeline.StageFailed:
		return mark{"✗", failure(s.FailureType), "bad"}
	case pipeline.StageStopping:
		return mark{"◔", "stopping", "run"}
	case pipeline.StageStopped:
		return mark{"■", "stopped", "off"}
	case pipeline.StageCancelled:
		return mark{"⊘", "cancelled", "off"}
	case pipeline.StageSkipped:
		return mark{"↷", "skipped", "off"}
	case "":
		return mark{"○", "not reached", "none"}
	}
	if s.Gate != nil && s.Gate.Status == pipeline.ApprovalPending {
		return markWaiting()
	}
	if e := s.Entry; s.Environment == pipeline.EnvironmentWaiting || e != nil && !e.Inside && (e.Trouble != "" || e.Frozen != nil && e.Overridden == nil) {
		return mark{"‖", "waiting for its environment", "wait"}
	}
	if s.RollingBack {
		return mark{"◔", "rolling back", "run"}
	}
	for _, c := range []*pipeline.ConditionExecution{s.BeforeEntry, s.OnSuccess, s.OnFailure} {
		if c != nil && c.Status == pipeline.ConditionInProgress {
			return mark{"‖", "waiting for its rules", "wait"}
		}
	}
	for i := range s.Actions {
		if g := s.Actions[i].Approval; g != nil && g.Status == pipeline.ApprovalPending {
			return markWaiting()
		}
	}
	return markRunning()
}

// markAction says how an attempt of an action stands.
func markAction(a *pipeline.ActionExecution) mark {
	if a.Approval != nil {
		return markGate(a.Approval)
	}
	switch a.Status {
	case pipeline.ActionSucceeded:
		return mark{"✓", "succeeded", "good"}
	case pipeline.ActionFailed:
		return mark{"✗", failure(a.FailureType), "bad"}
	case pipeline.ActionAbandoned:
		return mark{"■", "stopped", "off"}
	case pipeline.ActionSkipped:
		return mark{"↷", "skipped", "off"}
	}
	return markRunning()
}

// markGate says how a gate stands.
func markGate(g *pipeline.Approval) mark {
	switch g.Status {
	case pipeline.ApprovalApproved:
		return mark{"✓", "approved", "good"}
	case pipeline.ApprovalRejected:
		return mark{"✗", "rejected", "bad"}
	case pipeline.ApprovalExpired:
		return mark{"✗", "expired", "bad"}
	case pipeline.ApprovalCancelled:
		return mark{"⊘", "no longer asked", "off"}
	}
	return markWaiting()
}

// markDelivery says what became of a webhook delivery.
func markDelivery(s pipeline.DeliveryStatus) mark {
	switch s {
	case pipeline.DeliveryDone:
		return mark{"✓", "done", "good"}
	case pipeline.DeliveryIgnored:
		return mark{"–", "ignored", "off"}
	case pipeline.DeliveryDead:
		return mark{"✗", "given up", "bad"}
	}
	return mark{"◐", "in work", "run"}
}

// failure says in a word or two how something failed.
func failure(f pipeline.FailureType) string {
	switch f {
	case pipeline.ConfigurationError:
		return "configuration error"
	case pipeline.PermissionError:
		return "permission missing"
	case pipeline.RevisionUnavailable:
		return "commit unavailable"
	case pipeline.SystemUnavailable:
		return "could not be carried out"
	case pipeline.TimedOut:
		return "timed out"
	case pipeline.Rejected:
		return "rejected"
	case pipeline.Expired:
		return "approval expired"
	}
	return "failed"
}

// trigger says why a run began.
func trigger(t pipeline.Trigger) string {
	switch t.Kind {
	case pipeline.TriggerPullRequest:
		if t.PullRequest > 0 {
			return "pull request #" + strconv.Itoa(t.PullRequest)
		}
		return "pull request"
	case pipeline.TriggerMergeGroup:
		return "merge queue"
	}
	return strings.ToLower(string(t.Kind))
}

// took shows a time span: "0.4s", "12s", "3m 20s", "2h 5m", "1d 3h".
func took(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 9950*time.Millisecond:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	case d < time.Minute-time.Second/2:
		return d.Round(time.Second).String()
	case d < time.Hour-time.Second/2:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm %ds", d/time.Minute, d%time.Minute/time.Second)
	case d < 24*time.Hour-time.Minute/2:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%dh %dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	d = d.Round(time.Hour)
	return fmt.Sprintf("%dd %dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}

// ago says how long ago something was.
func (h *Handler) ago(t time.Time) string { return took(h.Now().Sub(t).Round(time.Second)) + " ago" }

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
func clock(t time.Time) string  { return t.UTC().Format("15:04:05.000") }
func iso(t time.Time) string    { return t.UTC().Format(time.RFC3339Nano) }

// external returns an address that is safe to link to, or "".
func external(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}
