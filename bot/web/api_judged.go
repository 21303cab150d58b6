package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// judgedPage is how many judgements are looked at at once, and judgedPages how often
// at most for one answer.
const judgedPage, judgedPages = 50, 10

// listJudgements says how changes of a repository were judged.
func (h *Handler) listJudgements(c echo.Context) error {
	limit, wrong := number(c, "limit", 1, api.MaxPage, api.DefaultPage)
	sha, before := c.QueryParam("sha"), c.QueryParam("before")
	switch {
	case wrong != nil:
	case !shaPrefix.MatchString(sha):
		wrong = &fieldError{"sha", strconv.Quote(sha) + " is not a commit id or its beginning of at least 7 digits", nil}
	case before != "" && !isID(before):
		wrong = &fieldError{"before", strconv.Quote(before) + " is not what a list has answered as next", nil}
	}
	if wrong != nil {
		return h.wrong(c, wrong)
	}
	r, err := h.readable(c, c.Param("owner"), c.Param("repository"))
	if err != nil {
		return h.apiMissing(c, "repository", err)
	}
	answer := api.Judgements{Judgements: []api.Judgement{}}
	for range judgedPages {
		page, last, err := h.Index.Judged(c.Request().Context(), r, before, judgedPage)
		if err != nil {
			return h.apiTrouble(c, err)
		}
		for _, j := range page {
			if !fits(j, sha) {
				continue
			}
			answer.Judgements = append(answer.Judgements, judgementOf(j))
			if len(answer.Judgements) == limit {
				answer.Next = j.Delivery.ID
				return c.JSON(http.StatusOK, answer)
			}
		}
		if before = last; before == "" {
			return c.JSON(http.StatusOK, answer)
		}
	}
	answer.Next = before
	return c.JSON(http.StatusOK, answer)
}

// fits reports whether a judgement is about a commit, if one is named.
func fits(j pipeline.Judgement, sha string) bool {
	return sha == "" || strings.HasPrefix(j.SHA, strings.ToLower(sha))
}

func judgementOf(j pipeline.Judgement) api.Judgement {
	return api.Judgement{
		Delivery: j.Delivery.ID, Event: j.Delivery.Event, Action: j.Delivery.Action, Ref: j.Ref, SHA: j.SHA, PullRequest: j.PullRequest,
		Status: string(j.Delivery.Status), Note: j.Delivery.Note, ReceivedAt: j.Delivery.ReceivedAt.UTC(),
	}
}
