package report_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/report"
)

// An address leads where it says, or it is left out: no script, no password, nothing
// that ends its link early, nothing longer than Slack takes.
func TestSlackAddresses(t *testing.T) {
	t.Parallel()
	const forge = "https://github.com/octo-org/shop/"
	long, longer := forge+strings.Repeat("x", 600), forge+strings.Repeat("x", 2500)
	for _, test := range []struct{ address, link, button string }{
		{forge + "compare/a...b", "<" + forge + "compare/a...b|difference>", forge + "compare/a...b"},
		{forge + "?a=1&b=<x>|y", "<" + forge + "?a=1&amp;b=%3Cx%3E%7Cy|difference>", forge + "?a=1&b=%3Cx%3E%7Cy"},
		{forge + "ö b", "<" + forge + "%C3%B6%20b|difference>", forge + "%C3%B6%20b"},
		{"http://localhost:8080/x", "<http://localhost:8080/x|difference>", "http://localhost:8080/x"},
		{"http://[::1]:8080/x", "<http://[::1]:8080/x|difference>", "http://[::1]:8080/x"},
		{"https://octocat:hunter2@github.com/x", "", ""},
		{"https://git hub.com/x", "", ""},
		{"https://github.com|evil.example/x", "", ""},
		{"https://github.com>evil/x", "", ""},
		{"javascript:alert(1)", "", ""},
		{"//github.com/x", "", ""},
		{"/x", "", ""},
		{long, "", long},
		{longer, "", ""},
	} {
		run := newRun()
		gate := production(run)
		gate.Brief.CompareURL = test.address
		m := renderer().SlackGate(run, gate, nil)
		text, button := shown(m.Blocks), ""
		for _, block := range m.Blocks {
			if actions, ok := block.(*slack.ActionBlock); ok {
				for _, e := range actions.Elements.ElementSet {
					if b := e.(*slack.ButtonBlockElement); b.ActionID == report.SlackChange {
						button = b.URL
					}
				}
			}
		}
		if test.link != "" && !strings.Contains(text, "12 files · "+test.link) || test.link == "" && strings.Contains(text, "|difference>") || button != test.button {
			t.Errorf("%.100q: the button leads to %.100q, the text is\n%s", test.address, button, text)
		}
	}
}

// A server with a very long address of its own has messages too.
func TestSlackLongServerAddress(t *testing.T) {
	t.Parallel()
	run := newRun()
	gate := production(run)
	s := &run.Execution.Stages[0]
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		a := s.Actions[0]
		a.Name = strings.Repeat(name, 90)
		s.Actions = append(s.Actions, a)
	}
	m := report.New(report.Options{URL: "http://localhost:8080/" + strings.Repeat("x", 380)}).SlackGate(run, gate, nil)
	for _, problem := range slackProblems(m) {
		t.Error(problem)
	}
}
