package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

func TestATriggerOpensOneModalWithinThreeSeconds(t *testing.T) {
	t.Parallel()
	now := newClock()
	w := newWorld(t, emulator.Options{Clock: now.Now})
	ts := w.postGate(t)
	trigger := func() string {
		t.Helper()
		return must[emulator.Payload](t)(w.ClickPayload("octocat", "releases", ts, "penstock.reject")).TriggerID()
	}
	id := trigger()
	now.add(3 * time.Second)
	view, err := w.api.OpenView(id, reasonModal())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.OpenView(id, reasonModal()); word(err) != "exchanged_trigger_id" {
		t.Errorf("twice: %v", err)
	}
	late := trigger()
	now.add(3001 * time.Millisecond)
	if _, err := w.api.OpenView(late, reasonModal()); word(err) != "expired_trigger_id" {
		t.Errorf("late: %v", err)
	}
	if _, err := w.api.OpenView("1.2.3", reasonModal()); word(err) != "invalid_trigger_id" {
		t.Errorf("unknown: %v", err)
	}
	next := reasonModal()
	next.Title.Text = "Approve"
	if _, err := w.api.UpdateView(next, "", "1.2", view.ID); word(err) != "hash_conflict" {
		t.Errorf("another hash: %v", err)
	}
	if _, err := w.api.UpdateView(next, "", view.Hash, view.ID); err != nil {
		t.Error(err)
	}
	if m, _ := w.Modal("octocat"); m.Title != "Approve" || m.Hash == view.Hash || m.Close != "Cancel" {
		t.Errorf("updated: %+v", m)
	}
	if err := w.CloseModal("octocat"); err != nil {
		t.Error(err)
	}
	if _, open := w.Modal("octocat"); open {
		t.Error("still open")
	}
	if _, err := w.api.UpdateView(next, "", "", view.ID); word(err) != "not_found" {
		t.Errorf("closed: %v", err)
	}
}

func TestModalsHaveLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	ts := w.postGate(t)
	for name, c := range map[string]struct {
		change func(*slack.ModalViewRequest)
		at     string
	}{
		"title":    {func(v *slack.ModalViewRequest) { v.Title.Text = strings.Repeat("x", 25) }, "/view/title/text"},
		"submit":   {func(v *slack.ModalViewRequest) { v.Submit.Text = strings.Repeat("x", 25) }, "/view/submit/text"},
		"no title": {func(v *slack.ModalViewRequest) { v.Title = nil }, "/view"},
		"metadata": {func(v *slack.ModalViewRequest) { v.PrivateMetadata = strings.Repeat("x", 3001) }, "/view/private_metadata"},
		"blocks": {func(v *slack.ModalViewRequest) {
			for range 100 {
				v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewDividerBlock())
			}
		}, "/view/blocks"},
		"an input and nothing to submit it": {func(v *slack.ModalViewRequest) { v.Submit = nil }, "/view"},
	} {
		p := must[emulator.Payload](t)(w.ClickPayload("octocat", "releases", ts, "penstock.reject"))
		v := reasonModal()
		c.change(&v)
		_, err := w.api.OpenView(p.TriggerID(), v)
		if word(err) != "invalid_arguments" || !strings.Contains(messages(err), "[json-pointer:"+c.at+"]") {
			t.Errorf("%s: %v %s", name, err, messages(err))
		}
		if _, open := w.Modal("octocat"); open {
			t.Errorf("%s: it opened", name)
		}
		v = reasonModal()
		v.PrivateMetadata = strings.Repeat("é", 3000)
		if _, err := w.api.OpenView(p.TriggerID(), v); err != nil {
			t.Errorf("a refused view used the trigger up: %v", err)
		}
		if err := w.CloseModal("octocat"); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatAnAppCanAnswerToASubmission(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	app := w.receive(t)
	ts := w.postGate(t)
	other, broken := reasonModal(), reasonModal()
	other.Title.Text, broken.Title.Text = "Sure?", strings.Repeat("x", 25)
	for _, c := range []struct {
		name   string
		answer any
		saw    string
		title  string // of the modal that is open then; "" is none
	}{
		{"nothing", nil, "", ""},
		{"clear", slack.NewClearViewSubmissionResponse(), "", ""},
		{"errors", slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "more"}), "", "Reject"},
		{"errors of a block that is not there", slack.NewErrorsViewSubmissionResponse(map[string]string{"other": "more"}), "dispatch_failed", "Reject"},
		{"errors without any", slack.NewErrorsViewSubmissionResponse(nil), "dispatch_failed", "Reject"},
		{"update", slack.NewUpdateViewSubmissionResponse(&other), "", "Sure?"},
		{"push", slack.NewPushViewSubmissionResponse(&other), "", "Sure?"},
		{"a view that is too long", slack.NewUpdateViewSubmissionResponse(&broken), "dispatch_failed", "Reject"},
		{"an unknown action", map[string]string{"response_action": "dance"}, "dispatch_failed", "Reject"},
		{"no object", "ok", "dispatch_failed", "Reject"},
	} {
		app.set(200, nil)
		click := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.reject"))
		if _, err := w.api.OpenView(click.TriggerID, reasonModal()); err != nil {
			t.Fatal(err)
		}
		m, _ := w.Modal("octocat")
		app.set(200, c.answer)
		r := must[emulator.Receipt](t)(w.Submit("octocat", m.ID, map[string]string{"reason": "late"}))
		if m, _ = w.Modal("octocat"); r.Saw != c.saw || m.Title != c.title {
			t.Errorf("%s: saw %q, open is %q", c.name, r.Saw, m.Title)
		}
		if c.name == "push" {
			if err := w.CloseModal("octocat"); err != nil {
				t.Error(err)
			}
			if m, _ := w.Modal("octocat"); m.Title != "Reject" {
				t.Errorf("below the pushed one is %q", m.Title)
			}
		}
	}
}

func TestAnAppHearsOfClosingWhenItAskedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, emulator.Options{})
	app := w.receive(t)
	ts := w.postGate(t)
	for i, want := range []bool{false, true} {
		click := must[emulator.Receipt](t)(w.Click("octocat", "releases", ts, "penstock.reject"))
		v := reasonModal()
		v.NotifyOnClose = want
		if _, err := w.api.OpenView(click.TriggerID, v); err != nil {
			t.Fatal(err)
		}
		if err := w.CloseModal("octocat"); err != nil {
			t.Fatal(err)
		}
		last := app.interactions[len(app.interactions)-1]
		if heard := last.Type == slack.InteractionTypeViewClosed; heard != want || want && last.View.CallbackID != "penstock.vote" {
			t.Errorf("%d: heard %s", i, last.Type)
		}
	}
}
