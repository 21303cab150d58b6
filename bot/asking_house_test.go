package bot_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// twoVotes has a gate that takes two people, which an administrator may override, and
// after it a stage with an environment.
const twoVotes = `name: release
environments:
  production: {pullRequests: true}
stages:
  - name: Build
    actions:
      - {name: compile, provider: Commands, commands: [make]}
  - name: Release
    actions:
      - name: approve
        provider: Manual
        approval: {required: 2, override: [{permission: admin}]}
  - name: Ship
    environment: production
    actions:
      - {name: ship, provider: Commands, commands: [make]}
`

// newTwoVotes is a house in which the gate of a pull request is open.
func newTwoVotes(t *testing.T) (h *house, number int, sha string) {
	t.Helper()
	h = newHouse(t, twoVotes)
	h.provider.auto = pipeline.ActionSucceeded
	number, sha = h.pull()
	h.await("the announced gate", h.said(number, "penstock:gate:"))
	return h, number, sha
}

// ask writes a comment and waits until the command in it has got its sign. It returns
// the sign, and the answer in words if there is one.
func (h *house) ask(number int, login, body string) (sign, reply string) {
	h.t.Helper()
	comment, err := h.github.Comment(shop, number, login, body)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.signOn(number, comment)
}

// signOn waits until the command in a comment has got its sign.
func (h *house) signOn(number int, comment emulator.Comment) (sign, reply string) {
	h.t.Helper()
	h.await("the sign on "+comment.Body, func(v *emulator.View) bool {
		for _, r := range v.Reactions(comment.ID) {
			if r.Content != "eyes" {
				sign = r.Content
			}
		}
		return sign != ""
	})
	marker := fmt.Sprintf("<!-- penstock:reply:%d -->\n", comment.ID)
	for _, c := range h.github.Comments(shop, number) {
		if text, ours := strings.CutPrefix(c.Body, marker); ours {
			reply = text
		}
	}
	return sign, reply
}

// wantAnswer asks and compares the sign and a part of the words.
func (h *house) wantAnswer(number int, login, body, sign, words string) {
	h.t.Helper()
	got, reply := h.ask(number, login, body)
	if got != sign || words == "" && reply != "" || !strings.Contains(reply, words) {
		h.t.Errorf("%s: %s gets %s and %q, want %s and %q", login, body, got, reply, sign, words)
	}
}

var offered = regexp.MustCompile("(?m)^\\| `(.*)` \\|")

// help asks for /help and returns the lines to copy and what is said after them.
func (h *house) help(number int, login string) (lines []string, lacks string) {
	h.t.Helper()
	sign, reply := h.ask(number, login, "/help")
	if sign != "rocket" {
		h.t.Fatalf("/help gets %s and %q", sign, reply)
	}
	for _, found := range offered.FindAllStringSubmatch(reply, -1) {
		lines = append(lines, found[1])
	}
	if _, after, found := strings.Cut(reply, "|\n\n"); found {
		lacks = strings.TrimSpace(after)
	}
	return lines, lacks
}
