package main

import (
	"fmt"
	"net/http"
	"os"
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
