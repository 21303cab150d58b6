package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for _, p := range pairs {
			if value, ok := strings.CutPrefix(p, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestParseRun(t *testing.T) {
	t.Parallel()
	const id = "01939f3e-0000-7000-8000-000000000142"
	for text, want := range map[string]runName{
		id:                                 {id: id},
		"https://p.example.com/runs/" + id: {id: id},
		"https://p.example.com/runs/" + id + "/log/x": {id: id},
		"142":                       {number: "142"},
		"#142":                      {number: "142"},
		"release#142":               {pipeline: "release", number: "142"},
		"octo-org/shop#142":         {repository: "octo-org/shop", number: "142"},
		"octo-org/shop/release#142": {repository: "octo-org/shop", pipeline: "release", number: "142"},
	} {
		if got, err := parseRun(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "#", "#0", "-1", "1e3", "a/b/c/d#1", "../..#1", "octo org/shop#1", "https://p.example.com/", "142#release"} {
		var exit *exitError
		if got, err := parseRun(text); !errors.As(err, &exit) || exit.code != exitUsage {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestRepositoryOf(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"https://github.com/octo-org/shop.git":   "octo-org/shop",
		"https://user@github.com/octo-org/shop/": "octo-org/shop",
		"git@github.com:octo-org/shop.git":       "octo-org/shop",
		"ssh://git@github.com:22/octo-org/shop":  "octo-org/shop",
		"/srv/git/shop.git":                      "",
		"https://github.com/octo-org":            "",
		"../shop":                                "",
		"C:/a/b/c":                               "",
	} {
		if got := repositoryOf(remote); got != want {
			t.Errorf("%s: %q, want %q", remote, got, want)
		}
	}
}

// A token goes to the server that was named, encrypted or to this machine, and
// nowhere else.
func TestTokensStayWithTheServer(t *testing.T) {
	t.Parallel()
	token, _ := pipeline.NewTokenText()
	for _, c := range []struct {
		name  string
		env   []string
		wrong string
	}{
		{"nothing", nil, ""},
		{"this machine", []string{"PENSTOCK_SERVER=http://localhost:8080", "PENSTOCK_TOKEN=" + token}, ""},
		{"https", []string{"PENSTOCK_SERVER=https://penstock.example.com/", "PENSTOCK_TOKEN=" + token}, ""},
		{"in the clear", []string{"PENSTOCK_SERVER=http://penstock.example.com", "PENSTOCK_TOKEN=" + token}, "readable on its way"},
		{"almost this machine", []string{"PENSTOCK_SERVER=http://127.0.0.1.example.com", "PENSTOCK_TOKEN=" + token}, "readable on its way"},
		{"cut short", []string{"PENSTOCK_TOKEN=" + token[:20]}, "mistyped or cut short"},
		{"twice", []string{"PENSTOCK_TOKEN=" + token, "PENSTOCK_TOKEN_FILE=x"}, "both"},
		{"no file", []string{"PENSTOCK_TOKEN_FILE=/nothing/there"}, "PENSTOCK_TOKEN_FILE"},
		{"a password in the address", []string{"PENSTOCK_SERVER=https://a:b@penstock.example.com"}, "is not the address of a server"},
	} {
		_, err := newClient(environment(c.env...))
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%s: the error shows the token: %v", c.name, err)
		}
	}

	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("it was asked for %v", r.Header) }))
	defer thief.Close()
	server := httptest.NewServer(http.RedirectHandler(thief.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	c, err := newClient(environment("PENSTOCK_SERVER="+server.URL, "PENSTOCK_TOKEN="+token))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.get(t.Context(), "/runs", &api.Runs{}); err == nil || !strings.Contains(err.Error(), "307") {
		t.Errorf("redirected: %v", err)
	}
}

// What other people have written does nothing to somebody's terminal.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	evil := "a\x1b[2Jb\u202ec\x9bd\re\tf\ng"
	gate := api.Gate{Name: evil, Stage: evil, Status: "Pending", Votes: []api.Vote{{Verdict: "Approve", By: evil}}}
	run := api.Run{
		Number: 1, Pipeline: evil, Lane: evil, Reason: evil, Repository: api.Repository{Name: evil}, Commit: api.Commit{SHA: "4f2c9d1", Message: evil, Author: evil},
		Trigger: api.Trigger{By: evil}, Gates: []api.Gate{gate}, Stages: []api.Stage{{
			Name: evil, Reason: evil, Gate: &gate, Conditions: []api.Condition{{Reason: evil, Rules: []api.Action{{Name: evil, Summary: evil}}}},
			Actions: []api.Action{{Name: evil, Summary: evil}},
		}},
	}
	var out bytes.Buffer
	w := &waiter{out: &out, told: map[string]string{}}
	w.progress(run)
	for _, err := range []error{
		showRun(&out, run), runTable(&out, api.Runs{Runs: []api.Run{run}}, time.Now()), whyText(&out, api.Why{Run: run, Lines: []api.WhyLine{{Text: evil, Move: evil}}}),
		transitionTable(&out, api.Transitions{Transitions: []api.Transition{{Stage: evil, Lane: evil, By: evil, Reason: evil}}}),
		(&remote{output: "yaml"}).print(&out, run, nil), (&remote{output: "json"}).print(&out, run, nil),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range []string{"a\rb", "\x1b[2J", "a\u202eb", "\x08", "\f"} {
		if err := (&remote{output: "yaml"}).print(&out, api.Why{Run: api.Run{Reason: one}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	l := &logReader{out: &out, screen: newScreen(&out, false)}
	for _, asJSON := range []bool{true, false} {
		l.json = asJSON
		l.line(shown{name: actionName{evil, evil}}, api.LogLine{Number: 1, Text: evil})
	}
	for _, bad := range []string{"\x1b", "\u202e", "\x9b", "\r", "\u009b", "\x08", "\f"} {
		if i := strings.Index(out.String(), bad); i >= 0 {
			t.Errorf("%q came through: %q", bad, out.String()[max(0, i-60):min(i+60, out.Len())])
		}
	}
}

// --wait exits as the run ended.
func TestEndOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, failure string
		want            int
	}{
		{"Succeeded", "", exitOK}, {"Failed", "JobFailed", exitFailed}, {"Failed", "Rejected", exitRejected}, {"Failed", "Expired", exitExpired},
		{"Stopped", "", exitStopped}, {"Superseded", "", exitStopped}, {"Cancelled", "", exitStopped},
	} {
		got := exitOK
		if exit := new(exitError); errors.As(endOf(api.Run{Status: c.status, FailureType: c.failure}), &exit) {
			got = exit.code
		}
		if got != c.want {
			t.Errorf("%s %s: %d, want %d", c.status, c.failure, got, c.want)
		}
	}
}
