package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

const racesOfAPull = 10

// Two people answer a gate at once through two doors: it has one result, each vote
// counts once or not at all, and whoever was too late is told what was decided. So
// in every combination of doors and verdicts; PENSTOCK_RACES=200 is the long form.
func TestTwoDoorsAtOnce(t *testing.T) {
	t.Parallel()
	races := 20
	if text := os.Getenv("PENSTOCK_RACES"); text != "" {
		var err error
		if races, err = strconv.Atoi(text); err != nil {
			t.Fatalf("PENSTOCK_RACES: %v", err)
		}
	}
	h := newRaceHouse(t)
	var all []*race
	for i := range (races + racesOfAPull - 1) / racesOfAPull {
		round := h.open(i)
		if i%2 == 0 { // one gate after the other, or all of a lane at once
			for _, r := range round {
				r.run()
			}
		} else {
			var at sync.WaitGroup
			for _, r := range round {
				at.Go(r.run)
			}
			at.Wait()
		}
		all = append(all, round...)
		if t.Failed() {
			break
		}
	}
	h.end()
	h.audit(all)
	first := map[pipeline.Door]int{}
	for _, r := range all {
		first[r.first]++
	}
	t.Logf("%d races; the first vote came by %v", len(all), first)
}

// race is a gate and the two who answer it.
type race struct {
	*raceHouse
	number   int // of the pull request
	runID    string
	sha      string
	pipeline string
	gate     string
	check    int64
	by       [2]racer
	after    bool // the second waits until the first, a comment, was seen

	comment [2]int64 // ids
	refused [2]string
	first   pipeline.Door // of the vote that was counted first
}

// racer is one of them.
type racer struct {
	login   string
	door    pipeline.Door
	verdict pipeline.Verdict
}

// racersOf are the combinations, by the gate's place in its pull request. The ninth gate
// asks for two people: there one person answers twice.
func racersOf(i int) (by [2]racer, after bool) {
	const approve, reject = pipeline.Approve, pipeline.Reject
	const button, comment, door = pipeline.DoorCheck, pipeline.DoorComment, pipeline.DoorAPI
	list := [][2]racer{
		{{"hubot", button, approve}, {"monalisa", door, approve}},
		{{"hubot", comment, approve}, {"monalisa", door, approve}},
		{{"hubot", door, approve}, {"monalisa", door, approve}},
		{{"hubot", door, approve}, {"monalisa", door, reject}},
		{{"hubot", button, approve}, {"monalisa", door, reject}},
		{{"hubot", comment, reject}, {"monalisa", door, approve}},
		{{"hubot", button, approve}, {"monalisa", comment, approve}},
		{{"hubot", button, reject}, {"monalisa", button, approve}},
		{{"hubot", comment, approve}, {"hubot", door, approve}},
	}
	return list[i], i == 5
}

// open opens a pull request and returns the races at its gates, once all of them are
// asked.
func (h *raceHouse) open(round int) []*race {
	h.t.Helper()
	branch := fmt.Sprintf("change-%d", round)
	sha, err := h.github.Push(emulator.Change{
		Repository: raceRepository, Branch: branch, As: "octocat", Message: branch, Files: map[string]string{"change.txt": branch},
	})
	h.must(err)
	pull, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: raceRepository, Title: branch, Head: branch, As: "octocat"})
	h.must(err)
	h.must(h.await("the gates", func(v *emulator.View) bool {
		checks, comments := 0, 0
		for _, c := range v.Checks(raceRepository, sha) {
			if c.Conclusion == "action_required" && len(c.Actions) > 0 {
				checks++
			}
		}
		for _, c := range v.Comments(raceRepository, pull.Number) {
			if strings.Contains(c.Body, "<!-- penstock:gate:") {
				comments++
			}
		}
		return checks == racesOfAPull && comments == racesOfAPull
	}))
	for _, login := range []string{"hubot", "monalisa"} {
		h.token(login)
	}
	var runs api.Runs
	if status, text, err := h.call(h.t.Context(), "hubot", "/runs?sha="+sha, nil, &runs); err != nil || status != http.StatusOK {
		h.t.Fatalf("%d %s %v", status, text, err)
	}
	var list []*race
	for _, run := range runs.Runs {
		for _, gate := range run.Gates {
			r := &race{raceHouse: h, number: pull.Number, runID: run.ID, sha: sha, pipeline: run.Pipeline, gate: gate.Name}
			check, ok := find(h.github.Checks(raceRepository, sha), r.checkName())
			if !ok {
				h.t.Fatalf("no check %s", r.checkName())
			}
			r.check = check.ID
			switch place := strings.TrimPrefix(gate.Name, "Ask/a"); {
			case gate.Name == "production":
				r.by, r.after = racersOf(round % 8)
			case gate.Name == "Ask/two":
				r.by, r.after = racersOf(8)
			default:
				i, err := strconv.Atoi(place)
				h.must(err)
				r.by, r.after = racersOf(i)
			}
			list = append(list, r)
		}
	}
	if len(list) != racesOfAPull {
		h.t.Fatalf("%d gates wait, want %d", len(list), racesOfAPull)
	}
	return list
}

func find(list []emulator.CheckRun, name string) (emulator.CheckRun, bool) {
	for _, c := range list {
		if c.Name == name {
			return c, true
		}
	}
	return emulator.CheckRun{}, false
}

func (r *race) checkName() string { return "penstock / " + r.pipeline + " / approve " + r.gate }

func (r *race) errorf(format string, args ...any) {
	r.t.Helper()
	r.t.Errorf("%s of pull request %d, %v: %s", r.gate, r.number, r.by, fmt.Sprintf(format, args...))
}

// run lets both vote and looks at what came of it.
func (r *race) run() {
	var start, voted sync.WaitGroup
	start.Add(1)
	var errs [2]error
	for i := range r.by {
		voted.Go(func() {
			if i == 0 || !r.after {
				start.Wait()
				errs[i] = r.vote(i)
				return
			}
			errs[i] = r.await("the comment to be seen", func(v *emulator.View) bool {
				for _, c := range v.Comments(raceRepository, r.number) {
					if c.Author == r.by[0].login && strings.Contains(c.Body, r.gate+" ") && len(v.Reactions(c.ID)) > 0 {
						return true
					}
				}
				return false
			})
			if errs[i] == nil {
				errs[i] = r.vote(i)
			}
		})
	}
	start.Done()
	voted.Wait()
	for _, err := range errs {
		if err != nil {
			r.errorf("%v", err)
			return
		}
	}
	if err := r.judge(); err != nil {
		r.errorf("%v", err)
	}
}

// vote brings a vote through its door, and notes what the API says.
func (r *race) vote(i int) error {
	who := r.by[i]
	word := strings.ToLower(string(who.verdict))
	switch who.door {
	case pipeline.DoorCheck:
		return r.github.ClickCheckAction(r.check, word, who.login)
	case pipeline.DoorComment:
		comment, err := r.github.Comment(raceRepository, r.number, who.login, "/"+word+" "+r.gate+" seen")
		r.comment[i] = comment.ID
		return err
	}
	status, text, err := r.call(r.t.Context(), who.login, "/runs/"+r.runID+"/"+word, api.Decision{Gate: r.gate, Reason: "seen"}, nil)
	switch {
	case err != nil:
		return err
	case status == http.StatusConflict:
		r.refused[i] = text
	case status != http.StatusOK:
		return fmt.Errorf("the API answers %d: %s", status, text)
	}
	return nil
}

// state is the gate as the API shows it.
func (r *race) state() (api.Gate, error) {
	var run api.Run
	status, text, err := r.call(r.t.Context(), "hubot", "/runs/"+r.runID, nil, &run)
	if err != nil || status != http.StatusOK {
		return api.Gate{}, fmt.Errorf("the API answers %d: %s %v", status, text, err)
	}
	for _, s := range run.Stages {
		if s.Gate != nil && s.Gate.Name == r.gate {
			return *s.Gate, nil
		}
		for _, a := range s.Actions {
			if a.Gate != nil && a.Gate.Name == r.gate {
				return *a.Gate, nil
			}
		}
	}
	return api.Gate{}, fmt.Errorf("the API does not show the gate")
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
