package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// All words in this file are plain: names and reasons in them are as somebody
// wrote them, and whoever puts them into Markdown escapes them.

// number shows a run's number, if it has one yet.
func number(e *pipeline.Execution) string {
	if e.Number == 0 {
		return ""
	}
	return "#" + strconv.FormatInt(e.Number, 10)
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
		return two(d/time.Minute, "m", d%time.Minute/time.Second, "s")
	case d < 24*time.Hour-time.Minute/2:
		d = d.Round(time.Minute)
		return two(d/time.Hour, "h", d%time.Hour/time.Minute, "m")
	}
	d = d.Round(time.Hour)
	return two(d/(24*time.Hour), "d", d%(24*time.Hour)/time.Hour, "h")
}

// limit shows a time that somebody has set: as took does, without a tenth of a second
// that nobody has written.
func limit(d time.Duration) string {
	if d%time.Second == 0 {
		return strings.Replace(took(d), ".0s", "s", 1)
	}
	return took(d)
}

func two(a time.Duration, unitA string, b time.Duration, unitB string) string {
	s := fmt.Sprintf("%d%s", a, unitA)
	if b > 0 {
		s += fmt.Sprintf(" %d%s", b, unitB)
	}
	return s
}

// moment shows a point in time.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// failure says in a word or two how something failed.
func failure(f pipeline.FailureType) string {
	switch f {
	case pipeline.ConfigurationError:
		return "has a configuration error"
	case pipeline.PermissionError:
		return "lacks a permission"
	case pipeline.RevisionUnavailable:
		return "could not get the commit"
	case pipeline.SystemUnavailable:
		return "could not be carried out"
	case pipeline.TimedOut:
		return "timed out"
	case pipeline.Rejected:
		return "was rejected"
	case pipeline.Expired:
		return "expired"
	}
	return "failed"
}

// actionWords says how an attempt of an action stands.
func actionWords(a *pipeline.ActionExecution) string {
	if a.Approval != nil {
		return gateWords(a.Approval)
	}
	switch a.Status {
	case pipeline.ActionInProgress:
		if a.Percent > 0 && a.Percent < 100 {
			return fmt.Sprintf("running, %d %%", a.Percent)
		}
		return "running"
	case pipeline.ActionSucceeded:
		return "succeeded"
	case pipeline.ActionAbandoned:
		return "stopped"
	case pipeline.ActionSkipped:
		return "skipped"
	case pipeline.ActionFailed:
		return failure(a.FailureType)
	}
	return string(a.Status)
}

// gateWords says in a word or two how a gate stands.
func gateWords(g *pipeline.Approval) string {
	switch g.Status {
	case pipeline.ApprovalPending:
		return "waiting for approval"
	case pipeline.ApprovalCancelled:
		return "no longer asked"
	}
	return strings.ToLower(string(g.Status))
}

// GateSentence says how a gate stands, and who decided it and why.
func GateSentence(g *pipeline.Approval) string {
	words := gateWords(g)
	switch {
	case g.Status == pipeline.ApprovalPending && g.Reopened > 0:
		return words + " again: its rules or its voters have changed since it was approved"
	case g.Overridden != nil && g.Status == pipeline.ApprovalApproved:
		return because("overridden by "+g.Overridden.By.Login, g.Overridden.Reason)
	}
	switch g.Status {
	case pipeline.ApprovalApproved, pipeline.ApprovalRejected:
		by := decider(g)
		if by.Facts.Voter.Login != "" {
			words += " by " + by.Facts.Voter.Login
		}
		if by.Reason != "" {
			words += ": " + by.Reason
		}
	case pipeline.ApprovalExpired:
		words += ": nobody decided within " + limit(g.Policy.Timeout)
	}
	return words
}

// decider is the vote that settled a gate.
func decider(g *pipeline.Approval) pipeline.Vote {
	return policy.Decide(g).By
}

// door says where a vote came in.
func door(d pipeline.Door) string {
	switch d {
	case pipeline.DoorComment:
		return "in a comment"
	case pipeline.DoorCheck:
		return "on the check"
	case pipeline.DoorSlack:
		return "in Slack"
	case pipeline.DoorPage:
		return "on the page"
	case pipeline.DoorCLI:
		return "on the command line"
	case pipeline.DoorAPI:
		return "through the API"
	case pipeline.DoorRollback:
		return "by asking for the rollback"
	}
	return ""
}

// gateNames lists the gates that wait.
func gateNames(gates []*pipeline.Approval) string {
	var names []string
	for _, g := range gates {
		names = append(names, g.Name)
	}
	return enumerate(names)
}

// enumerate writes "a", "a and b", "a, b and c".
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// running lists the actions of a stage that are under way, gates left out.
func running(s *pipeline.StageExecution) string {
	var names []string
	for _, a := range s.Actions {
		if a.Status == pipeline.ActionInProgress && a.Approval == nil {
			names = append(names, a.Name)
		}
	}
	return enumerate(names)
}

// waiting says what a stage waits for besides people and actions; empty if it does
// not.
func waiting(p *pipeline.Pipeline, e *pipeline.Execution, s *pipeline.StageExecution) string {
	if s == nil || e.Status != pipeline.ExecutionInProgress {
		return ""
	}
	for _, block := range pipeline.ConditionBlocks() {
		if c := s.Condition(block); c != nil && c.Status == pipeline.ConditionInProgress {
			return checking(block, c)
		}
	}
	if words := entering(p, s); words != "" {
		return words
	}
	switch {
	case s.RollingBack:
		return "rolling back"
	case s.Environment == pipeline.EnvironmentWaiting && p != nil && p.Stage(s.Name) != nil:
		return "waiting for the environment " + p.Stage(s.Name).Environment
	case e.Waits != "" && (s.Status == "" || s.Entry != nil && !s.Entry.Inside && s.Status.Active() && len(e.Gates()) == 0):
		return "waiting to enter " + s.Name + ": " + e.Waits
	}
	return ""
}

// entering says why the rules of a stage's environment do not let a run in yet; empty
// if they do, or if people have to.
func entering(p *pipeline.Pipeline, s *pipeline.StageExecution) string {
	if s.Entry == nil || s.Entry.Inside || s.Gate != nil && s.Gate.Status == pipeline.ApprovalPending {
		return ""
	}
	name := "the environment"
	if p != nil && p.Stage(s.Name) != nil {
		name = p.Stage(s.Name).Environment
	}
	switch {
	case s.Entry.Trouble != "":
		return "the rules of " + name + " cannot be read: " + s.Entry.Trouble
	case s.Entry.Frozen != nil && s.Entry.Overridden == nil:
		return frozenWords(name, s.Entry.Frozen)
	}
	return ""
}

// frozenWords says that an environment is frozen, until when and why.
func frozenWords(name string, f *pipeline.Frozen) string {
	words := name + " is frozen"
	if !f.Until.IsZero() {
		words += " until " + moment(f.Until)
	}
	return because(words, f.Reason)
}

// checking says which rules of a condition are being evaluated.
func checking(block pipeline.ConditionBlock, c *pipeline.ConditionExecution) string {
	words := "checking " + blockWords(block)
	for i := range c.Rules {
		if a := &c.Rules[i]; a.Status == pipeline.ActionInProgress && !a.Retried {
			words += ", " + because(a.Name, a.Summary)
		}
	}
	return words
}

// blockWords names a condition.
func blockWords(block pipeline.ConditionBlock) string {
	switch block {
	case pipeline.BlockWhen:
		return "whether the stage runs"
	case pipeline.BlockBeforeEntry:
		return "the entry condition"
	case pipeline.BlockOnSuccess:
		return "the condition on success"
	}
	return "the condition on failure"
}

// ruleWords says how a rule stands.
func ruleWords(a *pipeline.ActionExecution) string {
	if a.Status == pipeline.ActionFailed && a.FailureType == pipeline.JobFailed {
		return "is not so"
	}
	return actionWords(a)
}

// held reports whether an attempt was not launched yet, which only a pause keeps
// up for longer than a moment.
func held(a *pipeline.ActionExecution) bool {
	return a.Status == pipeline.ActionInProgress && a.Approval == nil && len(a.Handle) == 0
}

// heldBack reports whether a pause keeps an action of a stage from starting.
func (r Run) heldBack(s *pipeline.StageExecution) bool {
	return r.Paused != "" && s != nil && r.Execution.Status == pipeline.ExecutionInProgress &&
		slices.ContainsFunc(s.Actions, func(a pipeline.ActionExecution) bool { return held(&a) })
}

// failed returns the newest attempt in a stage that failed, or nil.
func failed(s *pipeline.StageExecution) *pipeline.ActionExecution {
	for i := len(s.Actions) - 1; i >= 0; i-- {
		if a := &s.Actions[i]; a.Status == pipeline.ActionFailed && s.Latest(a.Name) == a {
			return a
		}
	}
	return nil
}

// stopWords says what a stop request makes of a run, and why.
func stopWords(word string, e *pipeline.Execution) string {
	reason := e.Reason
	if reason == "" && e.Stop != nil {
		reason = e.Stop.Reason
	}
	switch {
	case reason == "" && e.Stop != nil && e.Stop.By.Login != "":
		return word + " by " + e.Stop.By.Login
	case reason == "":
		return word
	case strings.HasPrefix(strings.ToLower(reason), word):
		return reason
	}
	return word + ": " + reason
}
