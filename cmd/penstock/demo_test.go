package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

// What the demo prints is enough for the command line: its token starts a run of the
// repository; without it nobody is let in.
func TestDemoToken(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry(standard.Providers()...)
	check(t, err)
	h, err := newDemoHouse(t.Context(), registry, true, io.Discard)
	check(t, err)
	t.Cleanup(func() { check(t, h.close()) })
	var welcome bytes.Buffer
	h.welcome(&welcome)
	printed := regexp.MustCompile(`PENSTOCK_SERVER=(\S+) PENSTOCK_TOKEN=(\S+)`).FindStringSubmatch(welcome.String())
	if printed == nil {
		t.Fatalf("no server and token in\n%s", &welcome)
	}
	sha, err := h.github.Push(emulator.Change{Repository: demoRepository, Branch: "main", As: "octocat", Message: "one", Files: map[string]string{"one": "1"}})
	check(t, err)
	check(t, h.github.Await(t.Context(), func(v *emulator.View) bool { return len(v.Statuses(demoRepository, sha)) > 0 }))
	ask := func(token string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, printed[1]+"/api/v1/repositories/octo-org/shop/pipelines/release/runs", bytes.NewReader([]byte(`{}`)))
		check(t, err)
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := http.DefaultClient.Do(r)
		check(t, err)
		check(t, answer.Body.Close())
		return answer.StatusCode
	}
	if got := ask(""); got != http.StatusUnauthorized {
		t.Errorf("a start by nobody: %d", got)
	}
	if got := ask(printed[2]); got != http.StatusCreated {
		t.Errorf("a start with the demo's token: %d", got)
	}
}

// A story that does not come about ends with a sentence that says what was missing, and
// does not wait for its whole time where somebody was told why.
func TestDemoStoryFails(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry(standard.Providers()...)
	check(t, err)
	h, err := newDemoHouse(t.Context(), registry, false, io.Discard)
	check(t, err)
	t.Cleanup(func() { check(t, h.close()) })
	check(t, h.slack.ChangeUser("hubot", func(u *slackemulator.User) { u.Restricted = true }))
	err = h.tell(t.Context(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "missing: the form that Approve opens") || !strings.Contains(err.Error(), "guests") {
		t.Errorf("a story without its end: %v", err)
	}
}

// The demo's page may frame the three it shows, and nothing else may: without it, as in
// a server that is meant to be used, nobody may.
func TestDemoPage(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry(standard.Providers()...)
	check(t, err)
	look := func(address string) (http.Header, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		check(t, err)
		answer, err := http.DefaultClient.Do(r)
		check(t, err)
		body, err := io.ReadAll(answer.Body)
		check(t, errors.Join(err, answer.Body.Close()))
		return answer.Header, string(body)
	}
	for _, login := range []bool{true, false} {
		h, err := newDemoHouse(t.Context(), registry, login, io.Discard)
		check(t, err)
		t.Cleanup(func() { check(t, h.close()) })
		want := "frame-ancestors 'none'"
		if login {
			want = "frame-ancestors " + h.page.origin()
		}
		for _, address := range []string{h.server.config.URL + "/", h.github.URL() + "/" + demoRepository} {
			header, _ := look(address)
			if policy := header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, want) {
				t.Errorf("%s: content policy %q, want %s", address, policy, want)
			}
		}
		if !login {
			continue
		}
		header, page := look(h.page.origin() + "/")
		for _, frame := range []string{h.github.URL(), h.slack.URL(), h.server.config.URL} {
			if !strings.Contains(page, `<iframe src="`+frame) || !strings.Contains(header.Get("Content-Security-Policy"), frame) {
				t.Errorf("no frame of %s in\n%s\n%s", frame, header, page)
			}
		}
		if _, next := look(h.page.origin() + "/next"); !strings.Contains(next, `"pane":"github"`) || !strings.Contains(next, "Push a branch") {
			t.Errorf("the first step: %s", next)
		}
		check(t, h.tell(t.Context(), io.Discard))
		if _, next := look(h.page.origin() + "/next"); !strings.Contains(next, `"pane":"run"`) || !strings.Contains(next, "Production is decided") {
			t.Errorf("the last step: %s", next)
		}
	}
}
