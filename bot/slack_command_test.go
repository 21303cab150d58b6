package bot_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// answer types our slash command and returns what is answered.
func (s *slackHouse) answer(who, channel, text string) string {
	s.t.Helper()
	before := len(s.Ephemerals(who))
	s.command(who, channel, text)
	s.see("an answer to "+text, func(v *slack.View) bool { return len(v.Ephemerals(who)) > before })
	return s.Ephemerals(who)[before].Plain
}

// Of a private repository nobody hears who cannot read it: neither in a channel that is
// for another repository, nor in one that is not on the list. Who can read it does.
func TestSlackCommandsTellNothingPrivate(t *testing.T) {
	t.Parallel()
	h := build(t, pullsShip, plan{slack: &bot.Slack{Channels: []bot.SlackChannel{{Name: "random", Events: []string{bot.SlackStarted}, Repositories: []string{shop}}}}})
	const private = "octo-org/vault"
	_, err := h.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "vault", Private: true, Files: map[string]string{".penstock.yml": gateFile}})
	noError(t, err)
	noError(t, h.github.SetRole(private, "octocat", emulator.RoleWrite))
	sha, err := h.github.Push(emulator.Change{Repository: private, As: "octocat", Message: "hush", Files: map[string]string{"x": "x"}})
	noError(t, err)
	h.slack.asks(sha)
	for _, who := range []string{"hubot", "monalisa"} { // linked, and not
		for _, text := range []string{"status", "status vault", "why", "why vault", "approve", "approve vault " + sha[:7], "reject vault no"} {
			if got := h.slack.answer(who, "random", text); strings.Contains(got, "hush") || strings.Contains(got, sha[:7]) && !strings.Contains(text, sha[:7]) || strings.Contains(got, "Release/approve") {
				t.Errorf("%s is told of %s: %s", who, text, got)
			}
		}
	}
	if got := h.slack.answer("octocat", "random", "status"); !strings.Contains(got, "vault") {
		t.Errorf("octocat is told %s", got)
	}
	if pings := h.slack.Pings("random"); len(pings) > 0 {
		t.Errorf("pings %q", pings)
	}
}

var lineToCopy = regexp.MustCompile("/penstock approve [^`\n]*")

// Several gates wait: each line that is offered counts for its own one when it is copied.
func TestLinesToCopyInSlackCount(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	_, one := h.pullOf("one")
	h.slack.asks(one)
	_, two := h.pullOf("two")
	h.slack.asks(two)
	lines := lineToCopy.FindAllString(h.slack.answer("hubot", "releases", "approve"), -1)
	if len(lines) != 2 {
		t.Fatalf("offered %q", lines)
	}
	i := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, two[:7]) })
	h.slack.command("hubot", "releases", strings.TrimPrefix(lines[i], "/penstock "))
	h.await("the approved one", h.status(two, "success"))
	h.gate(one) // the other one still waits
}

// What people do in Slack leaves no token and no link in the log or in a file, and no
// address for answers in the log.
func TestNoSecretOfSlackIsKept(t *testing.T) {
	t.Parallel()
	log := newJournal()
	h := build(t, pullsShip, plan{slack: &bot.Slack{}, log: log})
	h.provider.auto = "Succeeded"
	_, sha := h.pull()
	asked := h.slack.gate()
	link := regexp.MustCompile(`slack/link/(\S+?)[|>]`).FindStringSubmatch(string(offer(h)))
	if link == nil {
		t.Fatal("no link is offered")
	}
	h.slack.submit("hubot", h.slack.opens("hubot", asked, "penstock.approve"), "fine")
	h.await("the end", h.status(sha, "success"))
	app := h.slack.App()
	h.shut()
	h.stop = func() {}
	secrets := []string{app.BotToken, app.AppToken, app.SigningSecret, link[1]}
	for _, secret := range append(secrets, "response_url=", h.slack.URL()+"/actions") {
		if log.count(secret) > 0 {
			t.Errorf("the log has %q", secret)
		}
	}
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s has %q", path, secret)
			}
		}
		return err
	})
	noError(t, err)
}

// offer asks for a link and returns the blocks of the answer.
func offer(h *house) []byte {
	h.slack.answer("monalisa", "releases", "link")
	all := h.slack.Ephemerals("monalisa")
	return all[len(all)-1].Blocks
}

// However many repositories a command is about, Slack is asked once who gave it.
func TestWhoAsksInSlackIsAskedForOnce(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	for _, name := range []string{"one", "two", "three"} {
		full := "octo-org/" + name
		_, err := h.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: name, Files: map[string]string{".penstock.yml": gateFile}})
		noError(t, err)
		noError(t, h.github.SetRole(full, "octocat", emulator.RoleWrite))
		sha, err := h.github.Push(emulator.Change{Repository: full, As: "octocat", Message: name, Files: map[string]string{"x": "x"}})
		noError(t, err)
		h.slack.asks(sha)
	}
	before := h.slack.Calls("users.info")
	if got := h.slack.answer("octocat", "random", "status"); !strings.Contains(got, "octo-org/one") || !strings.Contains(got, "octo-org/three") {
		t.Errorf("octocat is told %s", got)
	}
	if n := h.slack.Calls("users.info") - before; n != 1 {
		t.Errorf("Slack was asked %d times", n)
	}
}
