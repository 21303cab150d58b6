package report

import (
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// stageView is what the template of a stage's summary is filled with. Its
// strings are as somebody wrote them.
type stageView struct {
	Title   string
	Head    head
	Rows    []actionRow
	Reasons []reasonRow
}

// head is what every summary says of its run.
type head struct {
	Pipeline, Number, RunURL string
	SHA, CommitURL, Message  string
	Author, Trigger, Starter string
	Branch                   string
	PullRequest, Attempt     int
}

type actionRow struct {
	Name, State, LogURL, Took string
	Attempt                   int
}

type reasonRow struct{ Name, Reason string }

func (r *Renderer) head(e *pipeline.Execution) head {
	return head{
		Pipeline: e.Pipeline, Number: number(e), RunURL: r.RunURL(e.ID),
		SHA: e.Revision.ShortSHA(), CommitURL: commitURL(e), Message: line(e.Revision.Message, maxWords),
		Author: e.Revision.Author, Trigger: triggerWords(e.Trigger), Starter: e.Trigger.By.Login,
		Branch: e.Revision.Branch, PullRequest: e.Trigger.PullRequest, Attempt: e.Attempt,
	}
}

// commitURL is the page of the commit, if the forge told us.
func commitURL(e *pipeline.Execution) string {
	if e.Revision.WebURL != "" {
		return e.Revision.WebURL
	}
	if e.Repository.WebURL == "" {
		return ""
	}
	return e.Repository.WebURL + "/commit/" + e.Revision.SHA
}

func triggerWords(t pipeline.Trigger) string {
	switch t.Kind {
	case pipeline.TriggerPush:
		return "a push"
	case pipeline.TriggerPullRequest:
		return "a pull request"
	case pipeline.TriggerManual:
		return "hand"
	case pipeline.TriggerComment:
		return "a comment"
	case pipeline.TriggerRetry:
		return "a retry"
	case pipeline.TriggerRollback:
		return "a rollback"
	case pipeline.TriggerSchedule:
		return "a schedule"
	case pipeline.TriggerMergeGroup:
		return "the merge queue"
	case pipeline.TriggerAPI:
		return "the API"
	}
	return string(t.Kind)
}

func (r *Renderer) stageView(run Run, s *pipeline.StageExecution) stageView {
	e := run.Execution
	v := stageView{Head: r.head(e)}
	if s.Gate != nil {
		v.Rows = append(v.Rows, actionRow{Name: "approval of " + s.Gate.Name, State: gateWords(s.Gate), Took: gateTook(s.Gate)})
	}
	v.rules(r, e, s, pipeline.BlockWhen, pipeline.BlockBeforeEntry)
	for _, name := range actionNames(run.Pipeline, s) {
		a := s.Latest(name)
		if a == nil {
			v.Rows = append(v.Rows, actionRow{Name: name, State: "not started"})
			continue
		}
		row := actionRow{Name: name, State: actionWords(a), Attempt: a.Attempt}
		if run.Paused != "" && held(a) {
			row.State = "held back"
		}
		if !a.EndedAt.IsZero() && a.Status.Ended() {
			row.Took = took(a.EndedAt.Sub(a.StartedAt))
		}
		if a.Approval == nil {
			row.LogURL = r.LogURL(e.ID, a.ID)
		}
		v.Rows = append(v.Rows, row)
		reason := a.Summary
		if a.Approval != nil {
			reason = GateSentence(a.Approval)
		}
		if a.Status.Ended() && a.Status != pipeline.ActionSucceeded && reason != "" {
			v.Reasons = append(v.Reasons, reasonRow{name, line(reason, maxWords)})
		}
	}
	v.rules(r, e, s, pipeline.BlockOnSuccess, pipeline.BlockOnFailure)
	if len(v.Reasons) == 0 && s.Reason != "" {
		v.Reasons = append(v.Reasons, reasonRow{s.Name, line(s.Reason, maxWords)})
	}
	return v
}

// rules adds a row for each rule of these conditions, as it was asked last.
func (v *stageView) rules(r *Renderer, e *pipeline.Execution, s *pipeline.StageExecution, blocks ...pipeline.ConditionBlock) {
	for _, block := range blocks {
		c := s.Condition(block)
		for i := 0; c != nil && i < len(c.Rules); i++ {
			a := &c.Rules[i]
			if a.Retried {
				continue
			}
			row := actionRow{Name: strings.TrimPrefix(blockWords(block), "the ") + ": " + a.Name, State: ruleWords(a), Attempt: a.Attempt}
			if c.Status == pipeline.ConditionOverridden {
				row.State += ", overridden by " + c.By.Login
			}
			if !a.EndedAt.IsZero() && a.Status.Ended() {
				row.Took = took(a.EndedAt.Sub(a.StartedAt))
			}
			v.Rows = append(v.Rows, row)
			if a.Summary != "" && !a.Status.Passed() {
				v.Reasons = append(v.Reasons, reasonRow{a.Name, line(a.Summary, maxWords)})
			}
		}
		if c != nil && c.Status == pipeline.ConditionOverridden && c.Reason != "" {
			v.Reasons = append(v.Reasons, reasonRow{"override", line(c.Reason, maxWords)})
		}
	}
}

func gateTook(g *pipeline.Approval) string {
	if g.DecidedAt.IsZero() {
		return ""
	}
	return took(max(g.DecidedAt.Sub(g.OpenedAt), time.Duration(0)))
}

// actionNames are the actions of a stage in the order of the declaration, and
// after them those that only the run knows.
func actionNames(p *pipeline.Pipeline, s *pipeline.StageExecution) []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	if p != nil {
		if declared := p.Stage(s.Name); declared != nil {
			for i := range declared.Actions {
				add(declared.Actions[i].Name)
			}
		}
	}
	for i := range s.Actions {
		add(s.Actions[i].Name)
	}
	return names
}
