package bot_test

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

type object = map[string]any

// A click counts for the gate of our own check, at its commit, and by who clicked:
// whatever else a payload says, be it signed, opens nothing.
func TestForgedButtons(t *testing.T) {
	t.Parallel()
	handled := make(chan string, 100)
	h := build(t, gateFile, plan{onDelivery: func(event, outcome string, _ time.Duration) {
		if event == "check_run" && outcome != "accepted" {
			handled <- outcome
		}
	}})
	other, err := h.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "other", Files: map[string]string{"a": "a"}})
	if err != nil {
		t.Fatal(err)
	}
	noError(t, h.github.SetRole("octo-org/other", "monalisa", emulator.RoleAdmin))
	_, sha := h.pull()
	h.await("the gate", h.check(sha, gateCheck, "action_required"))
	click := h.heldClick(sha, "approve", "hubot")
	run := func() *pipeline.Execution {
		runs, err := h.db.Executions(t.Context(), pipeline.ExecutionFilter{})
		if err != nil || len(runs) != 1 {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		return runs[0]
	}
	at := func(o object, key string) object { return o[key].(object) }
	for _, c := range []struct {
		name  string
		forge func(click object)
	}{
		{"the check of another app", func(c object) { at(at(c, "check_run"), "app")["id"] = h.app.ID + 1 }},
		{"no app", func(c object) { at(c, "check_run")["app"] = nil }},
		{"another commit", func(c object) { at(c, "check_run")["head_sha"] = sha[1:] + "0" }},
		{"another button", func(c object) { at(c, "requested_action")["identifier"] = "override" }},
		{"no button", func(c object) { delete(c, "requested_action") }},
		{"a check without an id of ours", func(c object) { at(c, "check_run")["external_id"] = "" }},
		{"the gate of a run that is not", func(c object) {
			at(c, "check_run")["external_id"] = forgedID(at(c, "check_run")["external_id"].(string))
		}},
		{"another repository, of an admin", func(c object) { at(c, "repository")["id"] = other.ID; c["sender"] = h.sender("monalisa", "User") }},
		{"a bot", func(c object) { at(c, "sender")["type"] = "Bot" }},
		{"somebody who may only read", func(c object) { c["sender"] = h.sender("monalisa", "User") }},
		{"the login of somebody else", func(c object) { at(c, "sender")["id"] = h.people["monalisa"].ID }},
		{"an account without an id", func(c object) { at(c, "sender")["id"] = 0 }},
		{"nobody", func(c object) { delete(c, "sender") }},
		{"a login that is another address", func(c object) { at(c, "sender")["login"] = "../octocat" }},
		{"a completion", func(c object) { c["action"] = "completed" }},
		{"the id of somebody else", func(c object) { at(c, "sender")["login"] = "monalisa" }}, // the last: hubot's click is judged now
	} {
		var forged object
		if err := json.Unmarshal(click, &forged); err != nil {
			t.Fatal(err)
		}
		c.forge(forged)
		body, err := json.Marshal(forged)
		if err != nil {
			t.Fatal(err)
		}
		for range len(handled) {
			<-handled
		}
		if code, text := h.post("check_run", hex.EncodeToString([]byte(c.name)), body, signed(secret)); code != 202 {
			t.Errorf("%s: answered %d %s", c.name, code, text)
			continue
		} else if text == "received\n" {
			<-handled
		}
		if gate := run().AllGates()[0]; gate.Status != pipeline.ApprovalPending || slices.ContainsFunc(gate.Votes, func(v pipeline.Vote) bool { return v.Facts.Permission.CanWrite() }) {
			t.Fatalf("%s: the gate is %s with %+v", c.name, gate.Status, gate.Votes)
		}
	}
	h.heldClick(sha, "approve", "octocat")
	h.github.ReleaseDeliveries()
	h.await("the approved gate", h.check(sha, gateCheck, "success"))
}

// heldClick presses a button of the gate's check and returns what GitHub would say of it;
// GitHub keeps that, and all that follows, to itself.
func (h *house) heldClick(sha, button, login string) []byte {
	h.t.Helper()
	checks := h.github.Checks(shop, sha)
	i := slices.IndexFunc(checks, func(c emulator.CheckRun) bool { return c.Name == gateCheck })
	h.github.HoldDeliveries()
	if err := h.github.ClickCheckAction(checks[i].ID, button, login); err != nil {
		h.t.Fatal(err)
	}
	for _, d := range slices.Backward(h.github.Deliveries()) {
		if d.Event == "check_run" && d.Action == "requested_action" {
			return d.Payload
		}
	}
	h.t.Fatal("no click was delivered")
	return nil
}

func (h *house) sender(login, kind string) object {
	return object{"login": login, "id": h.people[login].ID, "type": kind}
}

// forgedID changes the last character of an id.
func forgedID(id string) string {
	last := map[bool]string{true: "1", false: "0"}[id[len(id)-1] == '0']
	return id[:len(id)-1] + last
}
