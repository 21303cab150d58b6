package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// slackScene is the Slack of a story.
type slackScene struct {
	*slackemulator.Slack
	app      slackemulator.App
	last     slackemulator.Receipt            // of what was done last
	begun    map[string]slackemulator.Payload // clicks on their way, by user
	troubles []*slackemulator.Injected
}

// slack is everything about Slack: see README.md. Whoever does something that should
// work waits until Penstock listens.
func (s *player) slack(args []string) error {
	if len(args) == 0 {
		return errors.New("slack what?")
	}
	word, rest := args[0], args[1:]
	if word == "serve" {
		return s.slackServe(rest)
	}
	if s.scene.slackWorld == nil {
		return errors.New("slack serve comes first")
	}
	words := map[string]func([]string) error{
		"person": s.slackPerson, "channel": s.slackChannel, "scopes": s.slackScopes, "say": s.slackSay, "delete": s.slackDelete,
		"click": s.slackClick, "begin": s.slackClick, "finish": s.slackFinish, "forge": s.slackForge, "replay": s.slackReplay,
		"submit": s.slackSubmit, "close": s.slackClose, "command": s.slackCommand, "link": s.slackLink,
		"await": s.slackAwait, "show": s.slackShow, "pings": s.slackPings, "trouble": s.slackTrouble, "sockets": s.slackSockets,
	}
	do := words[word]
	if do == nil {
		return fmt.Errorf("slack %s: there is no such word", word)
	}
	if word == "begin" {
		rest = append([]string{"later"}, rest...)
	}
	acts := []string{"click", "finish", "forge", "replay", "submit", "command", "link"}
	if !s.no && slices.Contains(acts, word) && s.scene.slackWorld.App().RequestURL == "" {
		err := s.slackSee("a socket", func(v *slackemulator.View) bool { return v.Connections() > 0 })
		if err != nil {
			return err
		}
	}
	return do(rest)
}

// slack serve [http]
//
// furnishes a workspace with the people of GitHub in it and the channels releases
// (C0RELEASES) and ops (C0OPS), and sets what a server needs to use it: by Socket Mode,
// or by HTTP.
func (s *player) slackServe(args []string) error {
	if s.scene.slackWorld != nil || s.server != nil || len(args) > 1 || len(args) == 1 && args[0] != "http" {
		return errors.New("slack serve [http], once, before serve")
	}
	world, err := slackemulator.New(slackemulator.Options{})
	if err != nil {
		return err
	}
	s.scene.slackWorld = &slackScene{Slack: world, begun: map[string]slackemulator.Payload{}}
	if s.scene.slackWorld.app, err = world.AddApp(slackemulator.App{}); err != nil {
		return err
	}
	for _, name := range []string{"releases", "ops"} {
		if _, err := world.AddChannel(slackemulator.Channel{ID: "C0" + strings.ToUpper(name), Name: name}); err != nil {
			return err
		}
	}
	for login := range s.people {
		if err := s.slackAdd(slackemulator.User{Name: login}); err != nil {
			return err
		}
	}
	secrets := map[string]string{"PENSTOCK_SLACK_BOT_TOKEN_FILE": s.scene.slackWorld.app.BotToken}
	if len(args) == 1 {
		secrets["PENSTOCK_SLACK_SIGNING_SECRET_FILE"] = s.scene.slackWorld.app.SigningSecret
		world.SetRequestURL(s.ts.Getenv("PENSTOCK_URL") + "/webhooks/slack")
	} else {
		secrets["PENSTOCK_SLACK_APP_TOKEN_FILE"] = s.scene.slackWorld.app.AppToken
	}
	for name, content := range secrets {
		path := filepath.Join(s.dir, strings.ToLower(name))
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
		s.ts.Setenv(name, path)
	}
	s.ts.Setenv("PENSTOCK_SLACK_API_URL", world.APIURL())
	s.ts.Setenv("SLACK_URL", world.URL())
	return nil
}

// slackAdd adds somebody, whose id and address follow from the name.
func (s *player) slackAdd(u slackemulator.User) error {
	u.ID, u.Email = "U0"+strings.ToUpper(u.Name), u.Name+"@example.com"
	_, err := s.scene.slackWorld.AddUser(u)
	return err
}

// slack person NAME [admin] [guest] [bot] [stranger] [deactivated] [email ADDRESS]
//
// is somebody in the workspace; of who is there already, these words are added.
func (s *player) slackPerson(args []string) error {
	rest, by := clauses(args, "email")
	if len(rest) == 0 {
		return errors.New("slack person NAME [admin] [guest] [bot] [stranger] [deactivated] [email ADDRESS]")
	}
	if _, known := s.scene.slackWorld.User(rest[0]); !known {
		if err := s.slackAdd(slackemulator.User{Name: rest[0]}); err != nil {
			return err
		}
	}
	unknown := ""
	err := s.scene.slackWorld.ChangeUser(rest[0], func(u *slackemulator.User) {
		for _, word := range rest[1:] {
			switch word {
			case "admin":
				u.Admin = true
			case "guest":
				u.Restricted = true
			case "bot":
				u.Bot = true
			case "stranger":
				u.Stranger, u.Team = true, "T0ELSEWHERE"
			case "deactivated":
				u.Deleted = true
			default:
				unknown = word
			}
		}
		if by["email"] != "" {
			u.Email = by["email"]
		}
	})
	if unknown != "" {
		return fmt.Errorf("slack person: nobody is %q", unknown)
	}
	return err
}

// slack channel NAME [private] [archived] [without bot]
//
// is a channel, whose id is C0 and the name in capitals, or what becomes of it.
func (s *player) slackChannel(args []string) error {
	if len(args) == 0 {
		return errors.New("slack channel NAME [private] [archived] [without bot]")
	}
	set := func(c *slackemulator.Channel) {
		c.Private, c.Archived = slices.Contains(args[1:], "private"), slices.Contains(args[1:], "archived")
		c.WithoutBot = slices.Contains(args[1:], "bot")
	}
	if s.scene.slackWorld.ChangeChannel(args[0], set) == nil {
		return nil
	}
	c := slackemulator.Channel{ID: "C0" + strings.ToUpper(args[0]), Name: args[0]}
	set(&c)
	_, err := s.scene.slackWorld.AddChannel(c)
	return err
}

// slack scopes SCOPE...
//
// is what the bot token may do from now on.
func (s *player) slackScopes(args []string) error {
	s.scene.slackWorld.SetScopes(args...)
	return nil
}

// slack say USER 'TEXT' [in CHANNEL]
func (s *player) slackSay(args []string) error {
	rest, by := clauses(args, "in")
	if len(rest) != 2 {
		return errors.New("slack say USER 'TEXT' [in CHANNEL]")
	}
	_, err := s.scene.slackWorld.Say(rest[0], in(by), "", rest[1])
	return err
}

// slack delete USER ['TEXT'] [in CHANNEL]
//
// deletes the newest message, or the newest with a text.
func (s *player) slackDelete(args []string) error {
	rest, by := clauses(args, "in")
	if len(rest) == 0 || len(rest) > 2 {
		return errors.New("slack delete USER ['TEXT'] [in CHANNEL]")
	}
	words, err := text(rest, 1)
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(s.scene.slackWorld.Messages(in(by))) {
		if words.MatchString(m.Plain) {
			return s.scene.slackWorld.Delete(rest[0], in(by), m.TS)
		}
	}
	return errors.New("slack delete: there is no such message")
}

// in names the channel of a clause; releases unless said otherwise.
func in(by map[string]string) string {
	if by["in"] == "" {
		return "releases"
	}
	return by["in"]
}

// close ends the story's Slack; a secret of it in the server's log is a mistake.
func (w *slackScene) close(t testing.TB, log []string) {
	for _, secret := range []string{w.app.BotToken, w.app.AppToken, w.app.SigningSecret} {
		if slices.ContainsFunc(log, func(line string) bool { return strings.Contains(line, secret) }) {
			t.Errorf("a secret of Slack's stands in the server's log")
		}
	}
	for _, trouble := range w.troubles {
		trouble.Remove()
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
