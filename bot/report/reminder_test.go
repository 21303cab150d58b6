package report_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestReminder(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := waiting(run)
	gate.Policy.Required = 2
	gate.Votes = []pipeline.Vote{vote(pipeline.Approve, 2, "hubot-owner", "")}
	people := []string{"octocat", "octo-org/sre"}
	golden(t, "reminder.golden", renderer().Reminder(run, gate, people))
	golden(t, "reminder_nobody.golden", renderer().Reminder(run, gate, nil))
	gate.Policy.Escalate = &pipeline.Escalation{To: []pipeline.Selector{{Team: "leads"}}}
	gate.EscalatedAt = gate.OpenedAt.Add(24 * time.Hour)
	golden(t, "escalated.golden", renderer().Escalated(run, gate, []string{"octo-org/leads", "octocat"}))
}

var mention = regexp.MustCompile(`@[\w-]+(/[\w.-]+)?`)

// A call reaches those it is meant for, and nobody else, whatever stands in the gate.
func TestACallReachesThoseNamed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		run := newRun()
		gate := waiting(run)
		word := hostile()
		gate.Name, run.Execution.Revision.Message = word.Draw(t, "gate"), word.Draw(t, "message")
		run.Execution.Revision.Author, run.Execution.Trigger.By.Login = word.Draw(t, "author"), word.Draw(t, "starter")
		stranger := word.Draw(t, "stranger")
		text := renderer().Reminder(run, gate, []string{"octocat", "octo-org/sre", "not an @account", stranger + " "})
		found := mention.FindAllString(withoutCode(text), -1)
		if len(found) != 2 || found[0] != "@octocat" || found[1] != "@octo-org/sre" {
			t.Fatalf("calls %q:\n%s", found, text)
		}
		checkMarkdown(t, "reminder", strings.Replace(text, "@octocat @octo-org/sre ", "", 1))
	})
}

// However many people there are, the forge takes the comment.
func TestACallHasAnEnd(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := waiting(run)
	var people []string
	for range 5000 {
		people = append(people, strings.Repeat("x", 90)+"/"+strings.Repeat("y", 90))
	}
	text := renderer().Escalated(run, gate, people)
	if n := len(mention.FindAllString(text, -1)); n != 50 || len(text) > 60000 {
		t.Errorf("%d people, %d bytes", n, len(text))
	}
}
