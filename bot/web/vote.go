package web

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// refusedVote is a vote that was not counted, as the page of its run says it.
type refusedVote struct {
	Why          string
	gate, reason string
}

// votes reports whether people can vote on the pages: it has to be known who they are.
func (h *Handler) votes() bool { return h.Login != nil && h.Commands != nil && h.Index != nil }

// formKey is what a form of ours carries to be told from the same one sent again.
var formKey = regexp.MustCompile(`^[0-9a-f]{64}$`)

// vote brings the vote of who is logged in to a gate of a run, as it was shown: it
// goes the same way as everywhere else, and comes back to the page.
func (h *Handler) vote(c echo.Context) error {
	v := viewerOf(c)
	if v.session == nil { // a token may be for reading alone
		return h.message(c, http.StatusForbidden, "People vote here", "Programs vote through the API, with a token that may write.")
	}
	e, err := h.execution(c)
	if err != nil {
		return h.trouble(c, "run", err)
	}
	ctx := c.Request().Context()
	r, err := h.Index.Repository(ctx, e.Repository.Host, e.Repository.ID)
	if err != nil {
		return h.trouble(c, "run", err)
	}
	given := func(name string) string { return strings.TrimSpace(c.Request().PostForm.Get(name)) }
	reason, key := given("reason"), given("key")
	no := &refusedVote{gate: given("gate"), reason: reason}
	verdict := pipeline.Verdict(given("verdict"))
	gate := openGate(e, no.gate)
	wrong := text("The reason", reason, maxText)
	switch {
	case gate == nil:
		no.Why = "This gate is not open any more; the page shows how it was decided."
	case verdict != pipeline.Approve && verdict != pipeline.Reject, !formKey.MatchString(key):
		no.Why = "This is no form of this page; load it again."
	case verdict == pipeline.Reject && reason == "":
		no.Why = "A rejection must say why: write a reason, and press Reject again."
	case wrong != nil:
		no.Why = wrong.field + " " + wrong.message + "."
	}
	if no.Why != "" {
		return h.showRun(c, http.StatusUnprocessableEntity, e, no)
	}
	err = h.Commands.Vote(ctx, pipeline.Request{By: v.who, Door: pipeline.DoorPage, Key: fmt.Sprintf("page %d %s", v.who.ID, key)}, r, e,
		pipeline.Ballot{Gate: gate.Name, SHA: gate.SHA, Verdict: verdict, Reason: reason})
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/runs/"+e.ID+"#gate-"+gate.ID)
	}
	return h.refuseVote(c, e, no, err)
}

// openGate is the gate of that id, if it waits for votes.
func openGate(e *pipeline.Execution, id string) *pipeline.Approval {
	for _, g := range e.Gates() {
		if g.ID == id {
			return g
		}
	}
	return nil
}

// refuseVote says on the page of a run, as it is by now, why a vote was not counted.
func (h *Handler) refuseVote(c echo.Context, e *pipeline.Execution, no *refusedVote, err error) error {
	var known *pipeline.Error
	if !errors.As(err, &known) {
		return h.trouble(c, "vote", err)
	}
	status, sentence := refusal(known.Kind)
	switch {
	case sentence:
		no.Why = visible(known.Message) + "."
	case known.Kind == pipeline.Unavailable:
		h.Logger.Warn("vote not counted", "execution", e.ID, "error", err)
		status, no.Why = http.StatusServiceUnavailable, "GitHub could not be asked just now, so nothing was counted. Try again in a moment."
	default:
		return h.trouble(c, "vote", err)
	}
	if now, err := h.Runs.Execution(c.Request().Context(), e.ID); err == nil {
		e = now
	}
	return h.showRun(c, status, e, no)
}
