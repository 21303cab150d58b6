package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

// What strangers can write, each where GitHub and git allow it: a line, several
// lines, the name of a branch.
const (
	hostileLine = `<script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1) ' [a](javascript:alert(1)) ` +
		"![b](https://evil.example/c.png) <https://evil.example> @octocat octo-org/shop#1 | `d` ``e *f* </td></details> " +
		"\x1b[2J\x1b]0;owned\x07\u009b31m \u202egpj.exe\u2066 \u200b\u2028 {{.}} ${IFS} $(id)"
	hostileText = "/approve\n\n" + hostileLine + "\n\n/approve\r\n/stop\n```\n/approve\n~~~\n<!-- penstock:gate:x -->\n<!--\n# Big\n"
	hostileRef  = `"><script>alert(1)<` + "/script>/@octocat`x`|$(id)&amp;\u202egpj.exe#1<!--"
)

// visible is the hostile line without what a pipeline file may not have: characters
// that cannot be seen.
func visible() string {
	return strings.NewReplacer("\u200b", "", "\u2028", "").Replace(terminal.ReplaceAllString(hostileLine, ""))
}

// in JSON, which is YAML as well.
func quoted(s string) string {
	text, _ := json.Marshal(s) // of a string: there is no error
	return string(text)
}

// TestHostileWords sends hostile words the whole way: from branches, commits, pull
// requests, files, logs and votes through a real server into everything that people
// see. Nothing in it may be live.
func TestHostileWords(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry(standard.Providers()...)
	if err != nil {
		t.Fatal(err)
	}
	h, err := newDemoHouse(t.Context(), registry, false, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	}()
	s := stranger{h, t}
	shas := s.play()
	for _, sha := range shas {
		for _, s := range h.github.Statuses(demoRepository, sha) {
			wantQuiet(t, "a status", s.Description)
		}
		for _, c := range h.github.AllChecks(demoRepository, sha) {
			wantQuiet(t, "a check's title", c.Title)
			wantDeadMarkdown(t, "a check's summary", c.Summary)
			wantDeadMarkdown(t, "a check's text", c.Text)
			for _, a := range c.Annotations {
				wantQuiet(t, "an annotation", a.Message)
			}
		}
	}
	for _, pull := range h.github.PullRequests(demoRepository) {
		for _, c := range h.github.Comments(demoRepository, pull.Number) {
			if c.Author != "octocat" && c.Author != "hubot" {
				wantDeadMarkdown(t, "a comment", c.Body)
			}
		}
	}
	pages := s.crawl()
	for path, body := range pages {
		wantDeadPage(t, path, body)
	}
	for _, part := range []string{"/log/", "/runs/", "/deliveries"} {
		if !strings.Contains(fmt.Sprint(pages), part) {
			t.Errorf("no page of %s was seen", part)
		}
	}
	data := filepath.Join(h.dir, "data")
	for _, verb := range [][]string{
		{"pause", "--reason", visible()[:200]}, {"status"}, {"status", "-o", "json"}, {"resume"}, {"audit", "list"}, {"audit", "list", "-o", "json"}, {"audit", "export"}, {"audit", "verify"},
	} {
		out, err := exec.CommandContext(t.Context(), "penstock", append(verb, "--data", data)...).CombinedOutput()
		if err != nil {
			t.Errorf("%q: %v", verb, err)
		}
		wantQuiet(t, strings.Join(verb, " "), string(out))
	}
	wrong := filepath.Join(t.TempDir(), "wrong.yml")
	if err := os.WriteFile(wrong, []byte(hostileFiles()["wrong"]), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, refused := range [][]string{
		{"pause", "--reason", hostileLine, "--data", data}, {"validate", wrong}, {"validate", wrong, "-o", "json"}, {"status", "--data", data, hostileLine},
	} {
		out, err := exec.CommandContext(t.Context(), "penstock", refused...).CombinedOutput()
		if err == nil {
			t.Errorf("%q was taken", refused)
		}
		wantQuiet(t, strings.Join(refused, " "), string(out))
	}
}

// hostileFiles are pipeline files by what comes of them.
func hostileFiles() map[string]string {
	const short = "<img src=x onerror=alert(1)> @octocat `x`` | ![b](https://evil.example)\x1b[2J\u202e"
	const head = "name: '@octocat'\ntriggers: {push: {branches: ['**']}, pullRequest: {branches: ['**']}}\nstages:\n  - name: '@octocat'\n    actions:\n"
	return map[string]string{
		"fails": head + "      - {name: '@hubot', provider: Commands, commands: [cat words, 'printf \\\\000\\\\033c', " + quoted("exit 3 # "+visible()) + "]}\n",
		"asks":  head + "      - {name: '@hubot', provider: Manual, configuration: {CustomData: " + quoted(visible()) + "}}\n",
		"wrong": head + "      - {name: " + quoted(short) + ", provider: " + quoted(short) + ", " + quoted(hostileLine) + ": 1, " + quoted(short) + ": 1}\n",
	}
}

// stranger writes into a house whatever it lets everybody write.
type stranger struct {
	*demoHouse
	t *testing.T
}

// play has strangers do what they can, waits for what comes of it, and
// returns the commits.
func (h stranger) play() (shas []string) {
	t := h.t
	t.Helper()
	if err := h.github.SetRole(demoRepository, "hubot", emulator.RoleWrite); err != nil {
		t.Fatal(err)
	}
	for name, file := range hostileFiles() {
		branch := name + "/" + hostileRef
		sha, err := h.github.Push(emulator.Change{
			Repository: demoRepository, Branch: branch, As: "octocat", Message: hostileText + strings.Repeat(hostileLine, 300),
			Files: map[string]string{".penstock.yml": file, "words": hostileText + "\x00\xff" + strings.Repeat("x", 100_000) + "\n"},
		})
		if err != nil {
			t.Fatal(err)
		}
		shas = append(shas, sha)
		pull, err := h.github.OpenPullRequest(emulator.NewPullRequest{Repository: demoRepository, Title: hostileLine, Body: hostileText, Head: branch, As: "octocat"})
		if err != nil {
			t.Fatal(err)
		}
		if name == "wrong" {
			h.await(sha, "the check of the file", func(v *emulator.View) bool { return len(v.Checks(demoRepository, sha)) > 0 })
			continue
		}
		if name == "asks" {
			h.await(sha, "the gate's comment", func(v *emulator.View) bool { return len(v.Comments(demoRepository, pull.Number)) > 0 })
			for _, body := range []string{"/reject " + hostileLine, "/aprove " + hostileLine, "/approve " + hostileLine} {
				if _, err := h.github.Comment(demoRepository, pull.Number, "hubot", body); err != nil {
					t.Fatal(err)
				}
			}
		}
		h.await(sha, name+": its end", func(v *emulator.View) bool {
			for _, s := range v.Statuses(demoRepository, sha) {
				if s.State != "pending" {
					return true
				}
			}
			return false
		})
	}
	return shas
}

func (h stranger) await(sha, what string, condition func(*emulator.View) bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), awaitTime)
	defer cancel()
	if err := h.github.Await(ctx, condition); err != nil {
		h.github.Look(func(v *emulator.View) {
			for _, c := range v.Checks(demoRepository, sha) {
				h.t.Logf("check %s: %s %s %v", c.Name, c.Conclusion, c.Title, c.Annotations)
			}
		})
		h.t.Fatalf("waiting for %s: %v; the first page says %.5000s", what, err, plain(h.crawl()["/"]))
	}
}

// crawl reads every page that a link leads to.
func (h stranger) crawl() map[string]string {
	t := h.t
	t.Helper()
	links := regexp.MustCompile(`(?:href|data-live)="(/[^"]*)"`)
	pages, queue := map[string]string{}, []string{"/", "/deliveries"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, seen := pages[path]; seen || strings.HasPrefix(path, "/static/") || strings.HasSuffix(path, ".txt") {
			continue
		}
		response, err := http.Get("http://" + h.server.address() + strings.ReplaceAll(path, "&amp;", "&"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, %v", path, response.Status, err)
		}
		pages[path] = string(body)
		for _, link := range links.FindAllStringSubmatch(string(body), -1) {
			queue = append(queue, link[1])
		}
	}
	return pages
}
