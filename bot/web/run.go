package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// runPage is what the page of a run is filled with.
type runPage struct {
	runRow
	Commit, Author string
	Lane, File     string
	Attempt        int
	EndedAt        time.Time
	Reason         string
	Stop           *stopView
	Rollback       *rollbackView
	Stages         []stageView
	Why            []whyView // what it waits for, or why it ended
	Refused        *refusedVote
}

type whyView struct{ Text, Move string }

// rollbackView is the run that a rollback brings back, and why.
type rollbackView struct {
	ID, Reason string
	Number     int64
}

type stopView struct{ By, Reason string }

type stageView struct {
	Name, Environment, Reason string
	Mark                      mark
	Took                      string
	Gate                      *gateView
	Actions                   []actionView
}

type actionView struct {
	ID, Name     string
	Mark         mark
	Attempt      int
	Took         string
	Percent      int
	Summary, URL string
	Log          bool
	Older        bool // a later attempt exists
	Gate         *gateView
	StartedAt    time.Time
}

// run is the page of one run.
func (h *Handler) run(c echo.Context) error {
	e, err := h.execution(c)
	if err != nil {
		return h.trouble(c, "run", err)
	}
	return h.showRun(c, http.StatusOK, e, nil)
}

// showRun shows the page of a run, and what became of a form of it, if that is to be
// said.
func (h *Handler) showRun(c echo.Context, status int, e *pipeline.Execution, refused *refusedVote) error {
	definition, err := h.Runs.Definition(c.Request().Context(), e.Repository.ID, e.Definition)
	if err != nil { // the run can be shown without it
		h.Logger.Warn("definition not read", "execution", e.ID, "error", err)
		definition = nil
	}
	page := h.runPage(e, definition)
	page.Why, page.Refused = h.whyOf(c, e), refused
	for _, why := range page.Why {
		if strings.Contains(why.Text, page.Reason) { // said with what can be done about it
			page.Reason = ""
		}
	}
	l := layout{Nav: "runs", Inside: true, Page: page}
	l.Title = strings.TrimSpace(visible(e.Pipeline) + " " + h.row(e).Number)
	if !e.Status.Ended() && refused == nil {
		l.Refresh = 2
	}
	for _, g := range page.gates() {
		h.offer(c, g, refused)
		l.Form = l.Form || g.Form != nil
	}
	return h.render(c, status, "run", l)
}

// execution reads the run that the address names, for those who may see it. Kind
// NotFound for everybody else.
func (h *Handler) execution(c echo.Context) (*pipeline.Execution, error) {
	id := c.Param("id")
	if !isID(id) {
		return nil, pipeline.Errorf(pipeline.NotFound, "%q is no run", id)
	}
	e, err := h.Runs.Execution(c.Request().Context(), id)
	if err != nil {
		return nil, err
	}
	if err := h.may(c, e.Repository.Host, e.Repository.ID, pipeline.PermissionRead); err != nil {
		return nil, err
	}
	return e, nil
}

func (h *Handler) runPage(e *pipeline.Execution, definition *pipeline.Pipeline) runPage {
	p := runPage{
		runRow: h.row(e), Commit: commitURL(e), Author: visible(e.Revision.Author), Lane: visible(e.Lane.String()), Attempt: e.Attempt,
		EndedAt: e.EndedAt, Reason: visible(e.Reason),
	}
	if e.Waits != "" && !e.Status.Ended() {
		p.Reason = visible("waiting: " + e.Waits)
	}
	if definition != nil {
		p.File = visible(definition.File)
	}
	if e.Stop != nil {
		p.Stop = &stopView{visible(e.Stop.By.Login), visible(e.Stop.Reason)}
		if p.Reason == p.Stop.Reason {
			p.Reason = ""
		}
	}
	if r := e.Rollback; r != nil {
		p.Rollback = &rollbackView{ID: r.Target, Number: r.TargetNumber, Reason: visible(r.Reason)}
	}
	for i := range e.Stages {
		var declared *pipeline.Stage
		if definition != nil {
			declared = definition.Stage(e.Stages[i].Name)
		}
		p.Stages = append(p.Stages, h.stage(e, &e.Stages[i], declared))
	}
	return p
}

func (h *Handler) attemptView(a *pipeline.ActionExecution) actionView {
	v := actionView{
		ID: a.ID, Name: visible(a.Name), Mark: markAction(a), Attempt: a.Attempt, Percent: a.Percent,
		Took: h.span(a.StartedAt, a.EndedAt, !a.Status.Ended()), Summary: visible(a.Summary), URL: external(a.URL), StartedAt: a.StartedAt,
	}
	if strings.EqualFold(v.Summary, string(a.Status)) {
		v.Summary = "" // says no more than the mark
	}
	if a.Status.Ended() || a.Percent >= 100 {
		v.Percent = 0
	}
	return v
}

// rules adds the rules of a stage's conditions to its actions, but not an expression
// that the stage itself gives as its reason.
func (h *Handler) rules(v *stageView, s *pipeline.StageExecution, blocks ...pipeline.ConditionBlock) {
	for _, block := range blocks {
		c := s.Condition(block)
		for i := 0; c != nil && i < len(c.Rules); i++ {
			rule := h.attemptView(&c.Rules[i])
			if block == pipeline.BlockWhen && rule.Summary == v.Reason {
				continue
			}
			rule.Name, rule.Older = conditionWords(block)+rule.Name, c.Rules[i].Retried
			if c.Status == pipeline.ConditionOverridden && !rule.Older {
				rule.Summary = visible(strings.TrimSpace(rule.Summary + " overridden by " + c.By.Login + ": " + c.Reason))
			}
			v.Actions = append(v.Actions, rule)
		}
	}
}

// conditionWords come before the name of a rule.
func conditionWords(block pipeline.ConditionBlock) string {
	return map[pipeline.ConditionBlock]string{
		pipeline.BlockWhen: "", pipeline.BlockBeforeEntry: "before entry: ",
		pipeline.BlockOnSuccess: "on success: ", pipeline.BlockOnFailure: "on failure: ",
	}[block]
}

func (h *Handler) stage(e *pipeline.Execution, s *pipeline.StageExecution, declared *pipeline.Stage) stageView {
	v := stageView{Name: visible(s.Name), Reason: visible(s.Reason), Mark: markStage(s), Took: h.span(s.StartedAt, s.EndedAt, s.Status.Active())}
	if s.Gate != nil {
		v.Gate = h.gate(e, s.Gate)
	}
	h.rules(&v, s, pipeline.BlockWhen, pipeline.BlockBeforeEntry)
	for i := range s.Actions {
		a := &s.Actions[i]
		av := h.attemptView(a)
		av.Older, av.Log = s.Latest(a.Name) != a, a.Approval == nil && a.Status != pipeline.ActionSkipped
		if a.Approval != nil {
			av.Gate, av.Summary = h.gate(e, a.Approval), ""
		}
		v.Actions = append(v.Actions, av)
	}
	h.rules(&v, s, pipeline.BlockOnSuccess, pipeline.BlockOnFailure)
	if declared == nil {
		return v
	}
	v.Environment = visible(declared.Environment)
	if s.Status == pipeline.StageSkipped {
		return v
	}
	for i := range declared.Actions {
		if s.Latest(declared.Actions[i].Name) == nil {
			v.Actions = append(v.Actions, actionView{Name: visible(declared.Actions[i].Name), Mark: mark{"○", "not started", "none"}})
		}
	}
	return v
}

// span shows how long something took, or has taken so far.
func (h *Handler) span(from, to time.Time, goesOn bool) string {
	switch {
	case from.IsZero():
		return ""
	case goesOn:
		return took(h.Now().Sub(from))
	case to.IsZero():
		return ""
	}
	return took(to.Sub(from))
}

// commitURL is the forge's page of the commit, if it is known.
func commitURL(e *pipeline.Execution) string {
	if e.Revision.WebURL != "" {
		return external(e.Revision.WebURL)
	}
	if e.Repository.WebURL == "" {
		return ""
	}
	return external(e.Repository.WebURL + "/commit/" + e.Revision.SHA)
}
