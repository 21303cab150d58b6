package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// checker holds what is left after a storm against what was sent.
type checker struct {
	*house
	runs       []*pipeline.Execution
	checked    map[string]int
	violations []string
}

func (c *checker) wrong(format string, args ...any) {
	c.violations = append(c.violations, fmt.Sprintf(format, args...))
}

func (c *checker) check(ctx context.Context) error {
	db, err := c.open()
	if err != nil {
		return err
	}
	defer db.Close()
	if err := c.load(ctx, db); err != nil {
		return err
	}
	if err := c.deliveries(ctx, db); err != nil {
		return err
	}
	c.once()
	c.lost()
	c.notStuck()
	c.truth()
	c.comments()
	if err := c.messages(ctx, db); err != nil {
		return err
	}
	return c.chain(ctx)
}

func (c *checker) load(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT number, doc FROM executions ORDER BY seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var doc []byte
		if err := rows.Scan(&number, &doc); err != nil {
			return err
		}
		run := &pipeline.Execution{}
		if err := json.Unmarshal(doc, run); err != nil {
			return err
		}
		run.Number = number
		c.runs = append(c.runs, run)
	}
	return rows.Err()
}

// deliveries: whatever GitHub tried to tell is here, with what became of it, and
// every push and every head of a pull request that it told of has its run or a
// reason.
func (c *checker) deliveries(ctx context.Context, db *sql.DB) error {
	stored := map[string]struct{ status, note string }{}
	rows, err := db.QueryContext(ctx, `SELECT id, status, note FROM deliveries`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, status, note string
		if err := rows.Scan(&id, &status, &note); err != nil {
			return err
		}
		stored[id] = struct{ status, note string }{status, note}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	started := map[string]bool{}
	for _, run := range c.runs {
		started[run.Trigger.Delivery] = true
	}
	seen := map[string]bool{}
	for _, d := range c.github.Deliveries() {
		told := d.Event == "push" || d.Event == "pull_request" || d.Event == "issue_comment" || d.Event == "check_run" && d.Action == "requested_action"
		if !told || seen[d.GUID] {
			continue
		}
		seen[d.GUID] = true
		c.checked["deliveries have their outcome"]++
		got, here := stored[d.GUID]
		switch {
		case !here:
			c.wrong("delivery %s (%s %s) was lost", d.GUID, d.Event, d.Action)
		case got.status != "Done" && got.status != "Ignored":
			c.wrong("delivery %s (%s %s) is %s: %s", d.GUID, d.Event, d.Action, got.status, got.note)
		case got.note == "" && !started[d.GUID]:
			c.wrong("delivery %s (%s %s) has neither a run nor a reason", d.GUID, d.Event, d.Action)
		case strings.HasPrefix(got.note, "started ") && !strings.Contains(got.note, "before") && !started[d.GUID]:
			c.wrong("delivery %s (%s %s) says %q, and there is no such run", d.GUID, d.Event, d.Action, got.note)
		}
	}
	return nil
}

// once: the commands of an attempt ran at most once, and exactly once if it has
// succeeded.
func (c *checker) once() {
	c.bell.mu.Lock()
	defer c.bell.mu.Unlock()
	for name, n := range c.bell.rings {
		c.checked["attempts ran once"]++
		if n != 1 {
			c.wrong("attempt %s ran %d times", name, n)
		}
	}
	for _, run := range c.runs {
		for _, stage := range run.Stages {
			for _, a := range stage.Actions {
				name := fmt.Sprintf("%s/%s/%s/%d", run.ID, stage.Name, a.Name, a.Attempt)
				if a.Status == pipeline.ActionSucceeded && a.Approval == nil && c.bell.rings[name] != 1 {
					c.wrong("attempt %s succeeded and ran %d times", name, c.bell.rings[name])
				}
			}
		}
	}
}

// notStuck: a run that has not ended waits for a vote, or behind an older one of
// its lane that does.
func (c *checker) notStuck() {
	waits := map[pipeline.StateKey]int64{} // the oldest position that waits for a vote
	for _, run := range c.runs {
		if !run.Status.Ended() && len(run.Gates()) > 0 {
			if p, ok := waits[run.Key()]; !ok || run.Position < p {
				waits[run.Key()] = run.Position
			}
		}
	}
	for _, run := range c.runs {
		if run.Status.Ended() {
			for _, gate := range run.Gates() {
				c.wrong("run %s has ended, its gate %s is open", c.name(run), gate.Name)
			}
			continue
		}
		c.checked["runs that go on wait for somebody"]++
		if p, ok := waits[run.Key()]; !ok || run.Position < p {
			c.wrong("run %s is stuck: %s", c.name(run), run.Status)
		}
	}
}

func (c *checker) name(run *pipeline.Execution) string {
	return fmt.Sprintf("%s #%d (%s, %s, %s)", run.Pipeline, run.Number, run.Lane, run.Revision.ShortSHA(), run.ID)
}

// truth: each status and check of a commit shows how the run stands that it
// belongs to: the newest of the commit.
func (c *checker) truth() {
	type place struct{ repository, sha string }
	owners, sharing := map[place]*pipeline.Execution{}, map[place]int{}
	for _, run := range c.runs {
		key := place{run.Repository.FullName(), run.Revision.SHA}
		sharing[key]++
		old := owners[key]
		if old == nil || passedOver(old) || !passedOver(run) && run.Number > old.Number {
			owners[key] = run
		}
	}
	for key, run := range owners {
		statuses := c.github.Statuses(key.repository, key.sha)
		c.checked["statuses show the truth"]++
		switch want := stateOf(run); {
		case len(statuses) != 1:
			c.wrong("%s of %s has %d statuses", c.name(run), key.repository, len(statuses))
		case !slices.Contains(want, statuses[0].State):
			c.wrong("%s of %s is %s (%s), its status says %s: %s", c.name(run), key.repository, run.Status, run.FailureType, statuses[0].State, statuses[0].Description)
		}
		seen := map[string]bool{}
		for _, check := range c.github.AllChecks(key.repository, key.sha) {
			// Of two runs of one commit, one may have to show itself again above the other.
			if seen[check.ExternalID] && sharing[key] == 1 {
				c.wrong("%s: the check %s of %s was made twice", key.repository, check.Name, key.sha)
			}
			seen[check.ExternalID] = true
		}
		c.stages(run, c.github.Checks(key.repository, key.sha))
	}
}

// passedOver reports a run that was superseded before it had begun.
func passedOver(run *pipeline.Execution) bool {
	return run.Status == pipeline.ExecutionSuperseded &&
		!slices.ContainsFunc(run.Stages, func(s pipeline.StageExecution) bool { return s.Status != "" })
}

// stateOf lists the states that a commit may show for a run.
func stateOf(run *pipeline.Execution) []string {
	switch run.Status {
	case pipeline.ExecutionSucceeded:
		return []string{"success"}
	case pipeline.ExecutionFailed:
		return []string{"failure", "error"}
	case pipeline.ExecutionInProgress, pipeline.ExecutionStopping:
		return []string{"pending"}
	}
	return []string{"error"}
}

func (c *checker) stages(run *pipeline.Execution, checks []emulator.CheckRun) {
	by := map[string]emulator.CheckRun{}
	for _, check := range checks {
		by[check.Name] = check
	}
	for _, stage := range run.Stages {
		name := fmt.Sprintf("penstock / %s / %s", run.Pipeline, stage.Name)
		check, shown := by[name]
		if stage.Status == "" {
			continue
		}
		c.checked["checks show the truth"]++
		done := check.Status == "completed"
		switch {
		case !shown:
			c.wrong("%s: stage %s has no check", c.name(run), stage.Name)
		case done != (run.Status.Ended() || stage.Status.Passed() || stage.Status == pipeline.StageFailed):
			c.wrong("%s: stage %s is %s, its check says %s %s", c.name(run), stage.Name, stage.Status, check.Status, check.Conclusion)
		case (check.Conclusion == "success") != (stage.Status == pipeline.StageSucceeded):
			c.wrong("%s: stage %s is %s, its check says %s", c.name(run), stage.Name, stage.Status, check.Conclusion)
		}
	}
	for _, gate := range run.AllGates() {
		check, shown := by[fmt.Sprintf("penstock / %s / approve %s", run.Pipeline, gate.Name)]
		c.checked["gates show the truth"]++
		open := gate.Status == pipeline.ApprovalPending
		if !shown || (check.Conclusion == "action_required") != open || (len(check.Actions) > 0) != open {
			c.wrong("%s: gate %s is %s, its check says %s with %d buttons", c.name(run), gate.Name, gate.Status, check.Conclusion, len(check.Actions))
		}
	}
}

// comments: nothing was said twice, and what asks for a vote is of an open gate.
func (c *checker) comments() {
	open := map[string]bool{}
	for _, run := range c.runs {
		for _, gate := range run.Gates() {
			open[gate.ID] = true
		}
	}
	for _, repository := range c.repositories {
		for _, pull := range c.github.PullRequests(repository) {
			seen := map[string]bool{}
			for _, comment := range c.github.Comments(repository, pull.Number) {
				marker, rest, marked := strings.Cut(strings.TrimPrefix(comment.Body, "<!-- penstock:"), " -->")
				if !marked || !strings.HasPrefix(comment.Body, "<!-- penstock:") {
					continue
				}
				c.checked["comments are said once"]++
				if seen[marker] {
					c.wrong("%s#%d: %s was said twice", repository, pull.Number, marker)
				}
				seen[marker] = true
				if id, isGate := strings.CutPrefix(marker, "gate:"); isGate && strings.Contains(rest, "waits for your approval") != open[id] {
					c.wrong("%s#%d: the comment of gate %s asks %t, the gate is open %t", repository, pull.Number, id, !open[id], open[id])
				}
			}
		}
	}
}

// chain: what was decided holds together.
func (c *checker) chain(ctx context.Context) error {
	verify := exec.CommandContext(ctx, c.binary, "audit", "verify", "--data", c.data())
	out, err := verify.CombinedOutput()
	c.checked["chains verified"] = len(slices.CompactFunc(slices.SortedFunc(slices.Values(c.runs), byLane), func(a, b *pipeline.Execution) bool { return a.Key() == b.Key() }))
	if err != nil {
		c.wrong("audit verify: %v: %s", err, out)
	}
	return nil
}

func byLane(a, b *pipeline.Execution) int {
	return cmp.Or(cmp.Compare(a.Repository.ID, b.Repository.ID), cmp.Compare(a.Pipeline, b.Pipeline), cmp.Compare(a.Lane.String(), b.Lane.String()))
}
