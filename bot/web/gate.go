package web

import (
	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// gateView is a gate on the page of its run: the same facts as on its check and in its
// comment.
type gateView struct {
	report.Gate
	ID   string
	Mark mark
	Form *voteForm // nil: no vote can be given here

	gate *pipeline.Approval
	run  string
}

// voteForm is the form by which who is logged in votes.
type voteForm struct {
	Run, Gate, CSRF string
	Key             string // the same form sent again has no second effect
	Reason          string // what was written, if the form comes back
	Hand            string // why their approval would not count
	Said            string // what they have said already
}

func (h *Handler) gate(e *pipeline.Execution, g *pipeline.Approval) *gateView {
	return &gateView{Gate: h.texts.Gate(report.Run{Execution: e}, g), ID: g.ID, Mark: markGate(g), gate: g, run: e.ID}
}

// gates are the gates that a page shows.
func (p *runPage) gates() []*gateView {
	var all []*gateView
	for i := range p.Stages {
		if g := p.Stages[i].Gate; g != nil {
			all = append(all, g)
		}
		for j := range p.Stages[i].Actions {
			if g := p.Stages[i].Actions[j].Gate; g != nil {
				all = append(all, g)
			}
		}
	}
	return all
}

// offer gives an open gate its form, for who is logged in.
func (h *Handler) offer(c echo.Context, g *gateView, refused *refusedVote) {
	v := viewerOf(c)
	if !g.Pending || !h.votes() || v == nil || v.session == nil {
		return
	}
	g.Form = &voteForm{Run: g.run, Gate: g.ID, CSRF: v.csrf, Key: pipeline.NewSecretText()}
	if refused != nil && refused.gate == g.ID {
		g.Form.Reason = refused.reason
	}
	if b, rules := g.gate.Brief, g.gate.Rules(); b != nil && rules.PreventSelfApproval && !rules.AnyOne {
		for _, person := range b.Involved {
			if person.Actor.ID == v.who.ID {
				g.Form.Hand = report.Roles(person.Roles)
			}
		}
	}
	for _, vote := range g.gate.Votes {
		if vote.Facts.Voter.ID == v.who.ID && vote.Withdrawn.IsZero() {
			g.Form.Said = map[pipeline.Verdict]string{pipeline.Approve: "approved", pipeline.Reject: "rejected"}[vote.Verdict]
		}
	}
}
