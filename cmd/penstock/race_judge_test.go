package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

func find(list []emulator.CheckRun, name string) (emulator.CheckRun, bool) {
	for _, c := range list {
		if c.Name == name {
			return c, true
		}
	}
	return emulator.CheckRun{}, false
}

// judge waits until both have their answer, and holds these against the gate.
func (r *race) judge() error {
	alone := r.by[0].login == r.by[1].login
	if err := r.await("the votes", func(v *emulator.View) bool {
		return (alone || r.settled(v)) && r.answered(v)
	}); err != nil {
		return err
	}
	gate, err := r.state()
	if err != nil {
		return err
	}
	if alone { // both stand, as one person's: it still waits for another
		if gate.Status != "Pending" {
			return fmt.Errorf("one person is enough, and two are asked for: %+v", gate)
		}
		return nil
	}
	if len(gate.Votes) != 1 {
		return fmt.Errorf("%d votes count, want one: %+v", len(gate.Votes), gate.Votes)
	}
	won := gate.Votes[0]
	r.first = pipeline.Door(won.Door)
	winner := slices.IndexFunc(r.by[:], func(b racer) bool {
		return b.login == won.By && string(b.door) == won.Door && string(b.verdict) == won.Verdict
	})
	if winner < 0 {
		return fmt.Errorf("a vote counts that nobody gave: %+v", won)
	}
	status, sentence := "Approved", "approved by "+won.By
	if won.Verdict == string(pipeline.Reject) {
		status, sentence = "Rejected", "rejected by "+won.By
	}
	if gate.Status != status {
		return fmt.Errorf("the gate is %s with %+v, want %s", gate.Status, won, status)
	}
	if err := r.told(winner, sentence); err != nil {
		return err
	}
	return r.shown(gate, sentence)
}

// settled reports whether the gate's check shows a decision.
func (r *race) settled(v *emulator.View) bool {
	check, ok := v.CheckRun(r.check)
	return ok && check.Conclusion != "action_required"
}

// answered reports whether whoever has commented has our sign.
func (r *race) answered(v *emulator.View) bool {
	for i, who := range r.by {
		if who.door == pipeline.DoorComment && r.sign(v, i) == "" {
			return false
		}
	}
	return true
}

// sign is our last reaction to a comment.
func (r *race) sign(v *emulator.View, i int) string {
	for _, reaction := range v.Reactions(r.comment[i]) {
		if reaction.User == r.bot && reaction.Content != "eyes" {
			return reaction.Content
		}
	}
	return ""
}

// told waits until the loser has been told what was decided, and the winner that
// the vote counts.
func (r *race) told(winner int, sentence string) error {
	loser := 1 - winner
	for i, who := range r.by {
		switch {
		case who.door == pipeline.DoorAPI && i == winner && r.refused[i] != "":
			return fmt.Errorf("the vote counts, and the API says %s", r.refused[i])
		case who.door == pipeline.DoorAPI && i == loser && !strings.Contains(r.refused[i], sentence):
			return fmt.Errorf("the API does not say %q: %q", sentence, r.refused[i])
		}
	}
	marker := ""
	switch who := r.by[loser]; who.door {
	case pipeline.DoorComment:
		marker = fmt.Sprintf("<!-- penstock:reply:%d -->", r.comment[loser])
	case pipeline.DoorCheck:
		marker = "<!-- penstock:click:"
	}
	said := ""
	err := r.await("the answers", func(v *emulator.View) bool {
		for i, who := range r.by {
			if who.door == pipeline.DoorComment && (r.sign(v, i) == "" || (r.sign(v, i) == "+1") != (i == winner)) {
				said = "the sign of " + who.login + " is " + r.sign(v, i)
				return false
			}
		}
		if marker == "" {
			return true
		}
		for _, c := range v.Comments(raceRepository, r.number) {
			ours := c.Author == r.bot && strings.Contains(c.Body, marker)
			if ours && r.by[loser].door == pipeline.DoorCheck { // the marker knows the gate by its id only
				ours = strings.Contains(c.Body, r.gate) && strings.Contains(c.Body, "button "+strings.ToLower(string(r.by[loser].verdict)))
			}
			if ours {
				said = c.Body
				return strings.Contains(c.Body, sentence)
			}
		}
		return false
	})
	if err != nil {
		return fmt.Errorf("%w; it was said: %q, and not %q", err, said, sentence)
	}
	return nil
}

// shown waits until check, comment and page show the one result.
func (r *race) shown(gate api.Gate, sentence string) error {
	conclusion := "success"
	if gate.Status == "Rejected" {
		conclusion = "failure"
	}
	what := ""
	err := r.await("check and comment", func(v *emulator.View) bool {
		check, _ := v.CheckRun(r.check)
		what = fmt.Sprintf("check %s %q", check.Conclusion, check.Title)
		if check.Conclusion != conclusion || !strings.Contains(check.Title+check.Summary, sentence) || len(check.Actions) > 0 {
			return false
		}
		mine := 0
		for _, c := range v.Comments(raceRepository, r.number) {
			if c.Author == r.bot && strings.Contains(c.Body, "<!-- penstock:gate:") && strings.Contains(c.Body, "<b>"+r.gate+"</b>") {
				what = c.Body
				if strings.Contains(c.Body, "<details>") && strings.Contains(c.Body, sentence) {
					mine++
				}
			}
		}
		return mine == 1
	})
	if err != nil {
		return fmt.Errorf("%w; shown is %s, want %q", err, what, sentence)
	}
	return nil
}

// audit holds the chain of events against the races, once the server has ended.
func (h *raceHouse) audit(all []*race) {
	h.t.Helper()
	if out := h.verb("audit", "verify"); !strings.Contains(out, "every chain holds") {
		h.t.Errorf("audit verify: %s", out)
	}
	type key struct{ run, gate string }
	count := map[key]map[pipeline.EventKind]int{}
	for line := range strings.Lines(h.verb("audit", "list", "-o", "json")) {
		var e pipeline.Event
		h.must(json.Unmarshal([]byte(line), &e))
		gate := "production"
		if e.Action != "" {
			gate = e.Stage + "/" + e.Action
		}
		k := key{e.Execution, gate}
		if count[k] == nil {
			count[k] = map[pipeline.EventKind]int{}
		}
		count[k][e.Kind]++
	}
	for _, r := range all {
		got := count[key{r.runID, r.gate}]
		decisions := got[pipeline.EventGateApproved] + got[pipeline.EventGateRejected]
		want, votes := 1, 1
		if r.gate == "Ask/two" {
			want, votes = 0, 2
		}
		if decisions != want || got[pipeline.EventVoteCounted] != votes {
			r.errorf("%d decisions and %d votes in the chain: %v", decisions, got[pipeline.EventVoteCounted], got)
		}
	}
}
