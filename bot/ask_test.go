package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// by is a request of somebody's through the API.
func (h *house) by(login, key string) pipeline.Request {
	return pipeline.Request{By: h.people[login], Door: pipeline.DoorAPI, Key: key}
}

// wantRefusal checks that an error is of a kind and says something.
func wantRefusal(t *testing.T, err error, kind pipeline.Kind, text string) {
	t.Helper()
	if err == nil || pipeline.KindOf(err) != kind || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want kind %d and %q", err, kind, text)
	}
}

// A vote through the API counts as one in a comment does: by who may, for an open
// gate of the head, once.
func TestVoteThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	_, sha := h.pull()
	h.await("the gate", h.check(sha, gateCheck, "action_required"))
	run := h.runs(1)[0]
	approve := pipeline.Ballot{Verdict: pipeline.Approve, Reason: "fine"}
	vote := func(login, key string, b pipeline.Ballot) error {
		return h.bot.Vote(t.Context(), h.by(login, key), run.Repository, run, b)
	}
	wantRefusal(t, vote("monalisa", "", approve), pipeline.Conflict, "the vote of monalisa on Release/approve is not counted")
	for range 2 { // also when it is sent again
		wantRefusal(t, vote("monalisa", "m", approve), pipeline.Conflict, "counted")
	}
	wrong := approve
	wrong.Gate = "production"
	wantRefusal(t, vote("hubot", "", wrong), pipeline.NotFound, `has no gate "production"; open is Release/approve`)
	wrong = approve
	wrong.SHA = strings.Repeat("0", 7)
	wantRefusal(t, vote("hubot", "", wrong), pipeline.Conflict, "is about commit "+sha[:7])
	impostor := pipeline.Request{By: pipeline.Actor{ID: 1 << 40, Login: "hubot"}, Door: pipeline.DoorAPI}
	if err := h.bot.Vote(t.Context(), impostor, run.Repository, run, approve); pipeline.KindOf(err) != pipeline.Conflict {
		t.Errorf("somebody who has taken a login over: %v", err)
	}

	h.github.HoldDeliveries()
	h.push(emulator.Change{Branch: "topic", Message: "Newer"})
	wantRefusal(t, vote("hubot", "", approve), pipeline.Conflict, "is not the head of pull request")
	h.github.ReleaseDeliveries()
	var open *pipeline.Execution
	h.await("the gate of the newer commit", func(v *emulator.View) bool {
		runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{OpenGates: true})
		if err == nil && len(runs) == 1 && runs[0].Revision.SHA != sha {
			open = runs[0]
		}
		return open != nil
	})
	run = open
	for range 2 { // the same call again
		if err := vote("hubot", "k", approve); err != nil {
			t.Fatal(err)
		}
	}
	voted, _, err := h.db.Execution(t.Context(), run.Repository.ID, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	gate := voted.AllGates()[0]
	if len(gate.Votes) != 1 || gate.Votes[0].Door != pipeline.DoorAPI || gate.Votes[0].Facts.Permission != pipeline.PermissionWrite {
		t.Errorf("votes %+v", gate.Votes)
	}
	wantRefusal(t, vote("octocat", "", approve), pipeline.Conflict, "is decided already")
	wantRefusal(t, vote("octocat", "k", pipeline.Ballot{Verdict: pipeline.Approve}), pipeline.Conflict, "was not counted when it was given")
}

// A run is started at a commit of its branch, never at one that GitHub merely has;
// the same request again starts nothing.
func TestStartThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionSucceeded
	first := h.push(emulator.Change{Message: "one"})
	h.await("the first run", h.status(first, "success")) // or the second may supersede it
	second := h.push(emulator.Change{Message: "two"})
	h.await("the second run", h.status(second, "success"))
	elsewhere := h.push(emulator.Change{Branch: "topic", Message: "three"})
	r := h.runs(2)[0].Repository
	r.DefaultBranch = "main"
	start := func(login, key string, w pipeline.Wish) (string, error) {
		return h.bot.Start(t.Context(), h.by(login, key), r, w)
	}

	_, err := start("monalisa", "", pipeline.Wish{Pipeline: "release"})
	wantRefusal(t, err, pipeline.Forbidden, "monalisa may not write to octo-org/shop")
	_, err = start("hubot", "", pipeline.Wish{Pipeline: "release", SHA: elsewhere})
	wantRefusal(t, err, pipeline.Invalid, "is not a commit of the branch main")
	_, err = start("hubot", "", pipeline.Wish{Pipeline: "release", Branch: "../main"})
	wantRefusal(t, err, pipeline.Invalid, "is not a ref")
	_, err = start("hubot", "", pipeline.Wish{Pipeline: "nothing"})
	wantRefusal(t, err, pipeline.Invalid, "has no pipeline nothing; there is release")
	h.runs(2)

	r.DefaultBranch = "" // as after the installation
	id, err := start("hubot", "k", pipeline.Wish{Pipeline: "release", SHA: first})
	if err != nil {
		t.Fatal(err)
	}
	again, err := start("hubot", "k", pipeline.Wish{Pipeline: "release", SHA: first})
	if err != nil || again != id {
		t.Errorf("the same request again: %q instead of %q, %v", again, id, err)
	}
	run := h.runs(3)[0]
	want := pipeline.Trigger{Kind: pipeline.TriggerAPI, By: h.people["hubot"]}
	if run.Lane != pipeline.BranchLane("main") {
		t.Errorf("lane %s", run.Lane)
	}
	err = h.bot.Door(t.Context(), h.by("hubot", ""), r, "release", pipeline.Lane{}, pipeline.SetTransition{Stage: run.Stages[0].Name, Reason: "freeze"})
	if err != nil {
		t.Errorf("a transition of a repository that was just installed: %v", err)
	}
	if diff := cmp.Diff(want, run.Trigger); diff != "" || run.Revision.SHA != first || run.Revision.Message != "one" {
		t.Errorf("%s%+v", diff, run.Revision)
	}
}

// A commit that came into a branch with a merge was never looked at by itself: it is
// not started under the branch's name, with what the branch may have. What the branch
// stood at is.
func TestStartOfACommitThatWasMerged(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionSucceeded
	first := h.push(emulator.Change{Message: "one"})
	sneaked := h.push(emulator.Change{Branch: "topic", Message: "print the secrets"})
	h.push(emulator.Change{Branch: "topic", Message: "do not"})
	pull, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "Harmless", Head: "topic", As: "octocat"})
	if err != nil {
		t.Fatal(err)
	}
	merged, err := h.github.Merge(shop, pull.Number, emulator.MergeCommit, "octocat")
	if err != nil {
		t.Fatal(err)
	}
	h.await("the run of the merge", h.status(merged, "success")) // or the next may supersede it
	last := h.push(emulator.Change{Message: "two"})
	h.await("the last run", h.status(last, "success"))
	runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{SHA: last}) // the pull request's run may come late, or never
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	r := runs[0].Repository
	r.DefaultBranch = "main"
	for sha, fine := range map[string]bool{sneaked: false, first: true, merged: true, last: true} {
		_, err := h.bot.Start(t.Context(), h.by("hubot", ""), r, pipeline.Wish{Pipeline: "release", SHA: sha})
		if fine && err != nil {
			t.Errorf("%s: %v", sha, err)
		}
		if !fine {
			wantRefusal(t, err, pipeline.Invalid, "it never stood there")
		}
	}
}

// What was allowed for a commit of a fork ends with the next one: its stages are not
// brought back either.
func TestRollbackToAForksCommit(t *testing.T) {
	t.Parallel()
	h := newHouse(t, simpleFile)
	h.provider.auto = pipeline.ActionSucceeded
	if _, err := h.github.Fork(shop, "monalisa"); err != nil {
		t.Fatal(err)
	}
	push := func(message string) string {
		sha, err := h.github.Push(emulator.Change{Repository: "monalisa/shop", Branch: "topic", As: "monalisa", Message: message, Files: map[string]string{"a": message}})
		if err != nil {
			t.Fatal(err)
		}
		return sha
	}
	one := push("one")
	pull, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: shop, Title: "Topic", Head: "monalisa:topic", As: "monalisa"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.github.Comment(shop, pull.Number, "hubot", "/ok-to-test "+one); err != nil {
		t.Fatal(err)
	}
	h.await("the run", h.status(one, "success"))
	run := h.runs(1)[0]
	rollback := func(key string) error {
		_, err := h.bot.Rollback(t.Context(), h.by("hubot", key), run.Repository, run, "Build", "")
		return err
	}
	two := push("two")
	h.await("the next commit", h.check(two, "penstock / fork", "action_required"))
	wantRefusal(t, rollback("a"), pipeline.Conflict, "new commits: /ok-to-test was for")
	h.runs(1)
}

// What a comment of theirs may not do, nobody does through the API.
func TestAskThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	_, sha := h.pull()
	h.await("the gate", h.check(sha, gateCheck, "action_required"))
	run := h.runs(1)[0]
	stop := pipeline.StopExecution{ExecutionID: run.ID, Abandon: true, Reason: "enough", By: h.people["hubot"]}
	wantRefusal(t, h.bot.Ask(t.Context(), h.by("monalisa", ""), run.Repository, run.Key(), stop), pipeline.Forbidden, "may not write")
	for range 2 {
		if err := h.bot.Ask(t.Context(), h.by("hubot", "k"), run.Repository, run.Key(), stop); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, h.bot.Ask(t.Context(), h.by("hubot", "other"), run.Repository, run.Key(), stop), pipeline.Conflict, "")
}

// A vote that is brought again after a crash is told as it was judged: one that was
// refused does not become one that counts.
func TestAVoteBroughtAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, gateFile)
	_, sha := h.pull()
	h.await("the gate", h.check(sha, gateCheck, "action_required"))
	run := h.runs(1)[0]
	gate := run.Gates()[0]
	bring := func(id int64, permission pipeline.Permission) (bool, string) {
		counted, why, err := h.bot.BringVote(t.Context(), run, gate, pipeline.Vote{
			Verdict: pipeline.Approve, Door: pipeline.DoorComment, Source: fmt.Sprint("comment ", id),
			Facts: pipeline.Facts{Voter: pipeline.Actor{ID: id, Login: "somebody"}, Permission: permission},
		}, fmt.Sprint("key ", id))
		if err != nil {
			t.Fatal(err)
		}
		return counted, why
	}
	for range 2 {
		if counted, why := bring(7, pipeline.PermissionRead); counted || why == "" {
			t.Errorf("without a right: counted %t, %q", counted, why)
		}
	}
	for range 2 {
		if counted, why := bring(8, pipeline.PermissionWrite); !counted || why != "" {
			t.Errorf("with a right: counted %t, %q", counted, why)
		}
	}
}
