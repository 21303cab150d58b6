package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

const releases = "C0RELEASES"

// furnishSlack makes a workspace in which the gates are asked, too.
func (h *house) furnishSlack() (err error) {
	if h.slack, err = slack.New(slack.Options{}); err != nil {
		return err
	}
	if h.slackApp, err = h.slack.AddApp(slack.App{}); err != nil {
		return err
	}
	if _, err := h.slack.AddChannel(slack.Channel{ID: releases, Name: "releases"}); err != nil {
		return err
	}
	for _, name := range []string{"octocat", "hubot"} {
		if _, err := h.slack.AddUser(slack.User{ID: "U0" + strings.ToUpper(name), Name: name}); err != nil {
			return err
		}
	}
	config := "slack:\n  channels:\n    releases: {id: " + releases + ", events: [waiting]}\n"
	return os.WriteFile(h.config(), []byte(config), 0o600)
}

func (h *house) config() string { return filepath.Join(h.dir, "config.yml") }

// slackSettings are what a server needs to talk to it.
func (h *house) slackSettings() []string {
	return []string{
		"PENSTOCK_SLACK_BOT_TOKEN=" + h.slackApp.BotToken, "PENSTOCK_SLACK_APP_TOKEN=" + h.slackApp.AppToken,
		"PENSTOCK_SLACK_SIGNING_SECRET=" + h.slackApp.SigningSecret, "PENSTOCK_SLACK_API_URL=" + h.slack.APIURL(),
	}
}

// link links the accounts of one name, as their owners would have done on a page.
func (h *house) link(people map[string]emulator.User) error {
	forge, err := url.Parse(h.github.URL())
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(h.data(), "penstock.db")+"?mode=rw&_busy_timeout=5000")
	if err != nil {
		return err
	}
	defer db.Close()
	for login, user := range people {
		_, err := db.Exec(`INSERT INTO slack_accounts (team, user_id, host, name, actor_id, login, linked_by, linked_at, muted)
			VALUES (?, ?, ?, ?, ?, ?, 'page', ?, 0) ON CONFLICT DO NOTHING`,
			h.slack.Team().ID, "U0"+strings.ToUpper(login), forge.Host, login, user.ID, login, time.Now().UnixMicro())
		if err != nil {
			return err
		}
	}
	return nil
}

// inSlack is what somebody may do there: press a button, or send in the form that has
// opened since.
func (s *storm) inSlack() error {
	if !s.linked {
		s.linked = s.link(s.people) == nil // the database may not be there yet
	}
	s.slack.SetRequestURL([]string{"", "http://" + s.address + "/webhooks/slack"}[s.random.IntN(2)])
	who := []string{"octocat", "hubot"}[s.random.IntN(2)]
	if form, open := s.slack.Modal(who); open {
		receipt, err := s.slack.Submit(who, form.ID, map[string]string{"reason": "said in Slack"})
		if err == nil && receipt.Acknowledged {
			s.sent["forms in Slack"]++
			s.acknowledged++
		}
		return nil // the server may be dead
	}
	asking := slices.DeleteFunc(s.slack.Messages(releases), func(m slack.Message) bool { return len(m.Buttons) < 2 })
	if len(asking) == 0 {
		return nil
	}
	m := asking[s.random.IntN(len(asking))]
	button := []string{"penstock.approve", "penstock.approve", "penstock.reject"}[s.random.IntN(3)]
	if receipt, err := s.slack.Click(who, m.Channel, m.TS, button); err == nil && receipt.Acknowledged {
		s.sent["clicks in Slack"]++
	}
	return nil
}

// slackTrouble switches some trouble of Slack on.
func (s *storm) slackTrouble() {
	trouble := map[int]struct {
		name string
		slack.Trouble
	}{
		0: {"Slack answers 500", slack.ServerError(500)}, 1: {"Slack answers 429", slack.RateLimited(time.Second)},
		2: {"Slack's replies lost", slack.LoseReply()}, 3: {"Slack's messages doubled", slack.Double()},
	}
	if t, any := trouble[s.random.IntN(12)]; any {
		s.sent[t.name]++
		s.slackTroubles = append(s.slackTroubles, s.slack.Inject(slack.Match{Count: 1 + s.random.IntN(3)}, t.Trouble))
	}
}

// messages: what was acknowledged has its outcome, and each message of a gate asks if
// the gate does, and only then. One that Slack made without anybody's hearing of it may
// ask for ever; a click in it says what has become of the gate.
func (c *checker) messages(ctx context.Context, db *sql.DB) error {
	var votes, open int
	err := db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE status NOT IN ('Done', 'Ignored')) FROM deliveries WHERE event = 'slack.view_submission'`).Scan(&votes, &open)
	if err != nil {
		return err
	}
	c.checked["forms in Slack have their outcome"] = votes
	if votes < c.acknowledged || open > 0 {
		c.wrong("%d forms were acknowledged, %d are stored, %d of them without an outcome", c.acknowledged, votes, open)
	}
	rows, err := db.QueryContext(ctx, `SELECT name, external_id FROM reports WHERE kind = 'message' AND name LIKE 'gate:%'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	shown := map[string]int{}
	pending := map[string]bool{}
	for _, run := range c.runs {
		for _, gate := range run.Gates() {
			pending[gate.ID] = true
		}
	}
	for rows.Next() {
		var name string
		var ts int64
		if err := rows.Scan(&name, &ts); err != nil {
			return err
		}
		id, _, _ := strings.Cut(strings.TrimPrefix(name, "gate:"), ":")
		m, there := c.slack.Message(releases, fmt.Sprintf("%d.%06d", ts/1e6, ts%1e6))
		asks := slices.ContainsFunc(m.Buttons, func(b slack.Button) bool { return b.ActionID == "penstock.approve" })
		c.checked["messages in Slack show the truth"]++
		shown[id]++
		if !there || asks != pending[id] {
			c.wrong("message %s in Slack (there: %t) asks: %t, its gate is open: %t", name, there, asks, pending[id])
		}
	}
	for id := range pending {
		if shown[id] == 0 {
			c.wrong("gate %s is open, and Slack was not told", id)
		}
	}
	return rows.Err()
}
