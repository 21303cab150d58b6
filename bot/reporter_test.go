package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// branchesFile runs for pushes of every branch.
const branchesFile = simpleFile + `triggers: {push: {branches: ["**"]}}
`

// clock is the real time and what a test adds to it.
type clock struct{ added atomic.Int64 }

func (c *clock) now() time.Time       { return time.Now().Add(time.Duration(c.added.Load())) }
func (c *clock) pass(d time.Duration) { c.added.Add(int64(d)) }

// journal is a log that can be read while it is written.
type journal struct {
	mu      sync.Mutex
	written sync.Cond
	text    bytes.Buffer
}

func newJournal() *journal {
	j := &journal{}
	j.written.L = &j.mu
	return j
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.written.Broadcast()
	return j.text.Write(line)
}

func (j *journal) count(part string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), part)
}

// await waits until something was said so many times.
func (j *journal) await(t *testing.T, part string, times int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	defer context.AfterFunc(ctx, j.written.Broadcast)()
	j.mu.Lock()
	defer j.mu.Unlock()
	for strings.Count(j.text.String(), part) < times {
		if ctx.Err() != nil {
			t.Fatalf("the log did not say %q %d times:\n%s", part, times, &j.text)
		}
		j.written.Wait()
	}
}

// With little left of an hour, ends go out and starts wait; when there is more,
// everything comes right, and GitHub never had to refuse anything.
func TestEndsGoBeforeStarts(t *testing.T) {
	t.Parallel()
	var time_ clock
	const perHour = 12
	limits := emulator.Limits{PerHour: 5000, ContentPerHour: perHour}
	h := build(t, branchesFile, plan{
		now:    time_.now,
		limits: limits,
		pace:   githubapp.Pace{Content: []githubapp.Rate{{Count: 1000, Per: time.Second}, {Count: perHour, Per: time.Hour}}},
	})
	var shas []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} { // 4 of them may show their start: 9 of 12
		shas = append(shas, h.push(emulator.Change{Branch: name, Message: name}))
	}
	statuses := func(v *emulator.View, state string) (n int) {
		for _, sha := range shas {
			if h.status(sha, state)(v) {
				n++
			}
		}
		return n
	}
	content := func(v *emulator.View) (n int) {
		for endpoint, count := range v.Counts() {
			if strings.HasPrefix(endpoint, "POST /repos") {
				n += count
			}
		}
		return n
	}
	h.await("as many starts as may be shown", func(v *emulator.View) bool { return content(v) == 9 })
	for h.provider.started() < len(shas) { // nothing that runs waits for GitHub
		h.await("all starts", func(*emulator.View) bool { return true })
	}
	h.provider.endAll(pipeline.ActionSucceeded)
	// The last three are spent on ends: statuses, or checks where none had shown the
	// start. What was written can be seen a moment before it is counted.
	h.await("ends, until no more may be created", func(v *emulator.View) bool {
		return statuses(v, "success") > 0 && content(v) == perHour
	})
	refused := h.github.Refused().Total()
	time_.pass(time.Hour + time.Minute)
	h.github.EnforceRateLimits(limits)                         // GitHub's hour is over, too
	h.push(emulator.Change{Branch: "later", Message: "later"}) // the reporter looks at its clock
	h.await("the truth", func(v *emulator.View) bool {
		for _, sha := range shas {
			if !h.check(sha, buildCheck, "success")(v) {
				return false
			}
		}
		return statuses(v, "success") == len(shas)
	})
	if refused += h.github.Refused().Total(); refused != 0 {
		t.Errorf("GitHub had to refuse %d requests", refused)
	}
}

// A no of GitHub's is in the log once and tried again ever more rarely; at once
// when somebody has changed the installation; and never again when that is gone.
func TestARefusalIsNotRepeated(t *testing.T) {
	t.Parallel()
	var time_ clock
	log := newJournal()
	h := build(t, branchesFile, plan{now: time_.now, log: log})
	const said, gone = "GitHub refuses reports", "out of reach for good"
	h.github.Inject(emulator.Match{Path: "/repos/octo-org/shop/statuses/*"}, emulator.ServerError(403))
	tries := func(sha string) func(*emulator.View) int {
		return func(v *emulator.View) (n int) {
			for _, w := range v.Writes() {
				if strings.HasSuffix(w.Path, "/statuses/"+sha) && w.Status == 403 {
					n++
				}
			}
			return n
		}
	}
	first := h.push(emulator.Change{Message: "first"})
	log.await(t, said, 1)
	for i, step := range []struct {
		passes time.Duration
		tries  int
	}{{50 * time.Second, 1}, {30 * time.Second, 2}, {100 * time.Second, 2}, {60 * time.Second, 3}, {time.Hour, 4}} {
		time_.pass(step.passes)
		next := h.push(emulator.Change{Branch: fmt.Sprint("b", i), Message: fmt.Sprint("b", i)}) // the reporter looks at its clock
		h.await("the next refusal", func(v *emulator.View) bool { return tries(next)(v) > 0 && tries(first)(v) >= step.tries })
		h.github.Look(func(v *emulator.View) {
			if n := tries(first)(v); n != step.tries {
				t.Errorf("step %d: tried %d times, want %d", i, n, step.tries)
			}
		})
	}
	if n := log.count("level=WARN msg=\"" + said); n != 1 {
		t.Errorf("said %d times", n)
	}
	if err := h.github.Uninstall(h.installed.ID); err != nil {
		t.Fatal(err)
	}
	for said := 6; ; said++ { // all runs, most of them for those who debug; one that changed just then, again
		log.await(t, gone, said)
		if left, err := h.db.UnreportedExecutions(t.Context(), 100); err != nil || len(left) == 0 {
			break
		}
	}
	h.stop() // when all hands are done
	h.stop = func() {}
	if left, err := h.db.UnreportedExecutions(t.Context(), 100); err != nil || len(left) != 0 {
		t.Errorf("%d runs wait for a repository that is gone, %v", len(left), err)
	}
	if n := log.count("level=WARN msg=\"the repository is " + gone); n != 1 {
		t.Errorf("said %d times that the repository is gone", n)
	}
}

// A vote counts at once, although nothing can be said about it for an hour.
func TestAVoteWaitsForNoLimit(t *testing.T) {
	t.Parallel()
	const perHour = 10
	h := build(t, gateFile, plan{
		limits: emulator.Limits{PerHour: 5000, ContentPerHour: perHour},
		pace:   githubapp.Pace{Content: []githubapp.Rate{{Count: 1000, Per: time.Second}, {Count: perHour, Per: time.Hour}}},
	})
	number, sha := h.pull()
	h.await("the announced gate", func(v *emulator.View) bool {
		return h.check(sha, gateCheck, "action_required")(v) && h.said(number, "penstock:gate:")(v)
	})
	for range 3 { // each takes two or three more: signs and words
		if _, err := h.github.Comment(shop, number, "octocat", "/help"); err != nil {
			t.Fatal(err)
		}
	}
	h.await("an end of what may be created", func(v *emulator.View) bool {
		created := 0
		for endpoint, count := range v.Counts() {
			if strings.HasPrefix(endpoint, "POST /repos") {
				created += count
			}
		}
		return created == perHour
	})
	if _, err := h.github.Comment(shop, number, "hubot", "/approve"); err != nil {
		t.Fatal(err)
	}
	h.await("the approved gate", h.check(sha, gateCheck, "success"))
	if n := h.github.Refused().Total(); n != 0 {
		t.Errorf("GitHub had to refuse %d requests", n)
	}
}

// A repository that hangs at GitHub leaves hands for the others.
func TestARepositoryThatHangs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, branchesFile)
	h.provider.auto = pipeline.ActionSucceeded
	site, err := h.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "site", Files: map[string]string{".penstock.yml": branchesFile}})
	if err != nil {
		t.Fatal(err)
	}
	noError(t, h.github.SetRole("octo-org/site", "octocat", emulator.RoleWrite))
	hang := h.github.Inject(emulator.Match{Path: "/repos/octo-org/shop/statuses/*"}, emulator.Hang())
	defer hang.Remove()
	const runs, hands = 20, 12
	for i := range runs {
		h.push(emulator.Change{Branch: fmt.Sprint("b", i), Message: fmt.Sprint("b", i)})
	}
	underWay := func(v *emulator.View) (n int) {
		for _, w := range v.Writes() {
			if w.Status == 0 {
				n++
			}
		}
		return n
	}
	h.await("as many hanging reports as there may be", func(v *emulator.View) bool { return underWay(v) == hands })
	sha, err := h.github.Push(emulator.Change{Repository: "octo-org/site", As: "octocat", Message: "other", Files: map[string]string{"x": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	h.await("another repository's report", func(v *emulator.View) bool {
		statuses := v.Statuses("octo-org/site", sha)
		return len(statuses) == 1 && statuses[0].State == "success"
	})
	if n := hang.Hits(); n != hands {
		t.Errorf("%d reports of %s hang, want %d", n, site.FullName, hands)
	}
}
