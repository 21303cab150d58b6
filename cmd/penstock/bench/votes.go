package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/bot/web/api"
)

// voteFile has the gate of an environment, which pull requests reach.
const voteFile = `name: bench
triggers: {pullRequest: {branches: ['**']}}
environments: {production: {pullRequests: true, approval: {remindAfter: 1h}}}
stages:
  - name: Ship
    environment: production
    actions:
      - {name: ship, provider: Commands, checkout: false, commands: ['true']}
`

// votes measures how long it takes from a comment that approves to every door showing
// that: the gate's check and comment, the commit's status, the API. Each has a pull
// request of its own; the job behind the gate runs meanwhile.
func (h *house) votes(ctx context.Context, count int) ([]row, error) {
	repository, err := h.repository("bench-votes", voteFile)
	if err != nil {
		return nil, err
	}
	if err := h.voter(repository); err != nil {
		return nil, err
	}
	took := doors{}
	reads, writes := 0, 0
	for i := range count + 1 {
		one, err := h.oneVote(ctx, repository, i)
		if err != nil {
			return nil, fmt.Errorf("vote %d: %w", i, err)
		}
		if i == 0 {
			continue // fetches tokens
		}
		took.add(one.shown)
		reads, writes = reads+one.reads, writes+one.writes
	}
	var rows []row
	for _, door := range []string{everyDoor, "the gate's check", "the gate's comment", "the commit's status", "the API"} {
		r := took.row("comment /approve", door, fmt.Sprintf("%d votes", count))
		if door == everyDoor {
			r.Aim = "150 ms"
		}
		rows = append(rows, r)
	}
	return append(rows, row{What: "calls to GitHub, a vote and what follows", Value: fmt.Sprintf("%.1f reads, %.1f writes", float64(reads)/float64(count), float64(writes)/float64(count))}), nil
}

// voter makes hubot somebody who may approve.
func (h *house) voter(repository string) error {
	const login = "hubot"
	if _, err := h.github.AddUser(login); err != nil && !strings.Contains(err.Error(), "taken") {
		return err
	}
	return h.github.SetRole(repository, login, emulator.RoleWrite)
}

// voted is what came of one vote.
type voted struct {
	shown         map[string]time.Duration // by door
	reads, writes int
}

func (h *house) oneVote(ctx context.Context, repository string, n int) (voted, error) {
	number, sha, err := h.pull(repository, n)
	if err != nil {
		return voted{}, err
	}
	if err := h.asked(ctx, repository, number, sha, 1); err != nil {
		return voted{}, err
	}
	var runs api.Runs
	if err := h.ask(ctx, "/runs?sha="+sha, &runs); err != nil {
		return voted{}, err
	}
	if len(runs.Runs) != 1 {
		return voted{}, fmt.Errorf("commit %s has %d runs", sha, len(runs.Runs))
	}
	h.github.ForgetWrites()
	comment, err := h.github.Comment(repository, number, "hubot", "/approve")
	if err != nil {
		return voted{}, err
	}
	answered, err := h.approved(ctx, runs.Runs[0].ID)
	if err != nil {
		return voted{}, err
	}
	if err := h.await(ctx, repository, sha); err != nil {
		return voted{}, err
	}
	reads := len(h.github.Reads())
	sent, err := h.commentSent(comment.ID)
	if err != nil {
		return voted{}, err
	}
	v := voted{shown: map[string]time.Duration{"the API": answered.Sub(sent)}, reads: reads}
	for _, w := range h.github.Writes() {
		v.writes++
		door := ""
		switch {
		case strings.Contains(w.Path, "/check-runs") && bytes.Contains(w.Body, []byte("approve production")):
			door = "the gate's check"
		case w.Method == http.MethodPatch && strings.Contains(w.Path, "/issues/comments/") && bytes.Contains(w.Body, []byte("penstock:gate:")):
			door = "the gate's comment"
		case strings.HasSuffix(w.Path, "/statuses/"+sha):
			door = "the commit's status"
		}
		if _, seen := v.shown[door]; door != "" && !seen {
			v.shown[door] = w.Received.Sub(sent)
		}
	}
	if len(v.shown) != 4 {
		return v, fmt.Errorf("the decision is not shown at every door: %v", v.shown)
	}
	return v, nil
}

// pull opens a pull request with a change.
func (h *house) pull(repository string, n int) (number int, sha string, err error) {
	branch := fmt.Sprintf("change-%d", n)
	if sha, err = h.push(repository, branch, n); err != nil {
		return 0, "", err
	}
	p, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: repository, Title: branch, Head: branch, As: "octocat"})
	return p.Number, sha, err
}

// asked waits until so many gates of a pull request are shown in check and comment.
func (h *house) asked(ctx context.Context, repository string, number int, sha string, gates int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no gate within %s", patience))
	defer cancel()
	return h.github.Await(ctx, func(v *emulator.View) bool {
		comments, checks := 0, 0
		for _, c := range v.Comments(repository, number) {
			if strings.Contains(c.Body, "penstock:gate:") {
				comments++
			}
		}
		for _, c := range v.Checks(repository, sha) {
			if c.Conclusion == "action_required" {
				checks++
			}
		}
		return comments == gates && checks == gates
	})
}

// approved asks the API every two milliseconds until no gate of a run waits any more,
// and returns when it was answered so.
func (h *house) approved(ctx context.Context, run string) (time.Time, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not approved within %s", patience))
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		var now api.Run
		if err := h.ask(ctx, "/runs/"+run, &now); err != nil {
			return time.Time{}, err
		}
		if len(now.Gates) == 0 {
			return time.Now(), nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return time.Time{}, context.Cause(ctx)
		}
	}
}

// commentSent is when the delivery of a comment went out.
func (h *house) commentSent(id int64) (time.Time, error) {
	for _, d := range h.github.Deliveries() {
		if d.Event == "issue_comment" && d.Action == "created" && bytes.Contains(d.Payload, fmt.Appendf(nil, `"id":%d,`, id)) {
			return d.Sent, nil
		}
	}
	return time.Time{}, fmt.Errorf("the delivery of comment %d is not recorded", id)
}
