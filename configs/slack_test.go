package configs_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/configs"
)

const (
	botToken = "xoxb-1-2-hunter2"
	appToken = "xapp-1-A-hunter2"
	channels = "slack: {channels: {releases: {id: C0123456789}}}"
)

func TestSlackIsOffUnlessSaid(t *testing.T) {
	t.Parallel()
	c, warnings, err := load(t, "slack:\n", nil)
	if err != nil || len(warnings) > 0 || c.Slack.On() || c.Slack.SocketMode() {
		t.Errorf("%+v, %v, %v", c.Slack, warnings, err)
	}
	if c.Slack.APIURL != "https://slack.com/api/" {
		t.Errorf("calls go to %s", c.Slack.APIURL)
	}
}

func TestSlack(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"PENSTOCK_SLACK_BOT_TOKEN_FILE": write(t, "bot", botToken+"\n"), "PENSTOCK_SLACK_APP_TOKEN_FILE": write(t, "app", appToken+"\n"),
		"PENSTOCK_SLACK_SIGNING_SECRET_FILE": write(t, "signing", "hunter2\n"),
	}
	login := map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li", "PENSTOCK_GITHUB_CLIENT_SECRET": "hunter2"}
	open := write(t, "open", botToken)
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	bot, app := slack("BOT_TOKEN", botToken), slack("APP_TOKEN", appToken)
	for _, test := range []struct {
		name    string
		file    string
		changes map[string]string
		want    string // in the error; empty: it is right
		warning string // in the only warning; empty: none
	}{
		{"Socket Mode", channels, both(bot, app), "", ""},
		{"HTTP", channels, both(bot, slack("SIGNING_SECRET", "hunter2")), "", ""},
		{"both ways, from files", channels, files, "", ""},
		{"text before files", channels, both(both(bot, app), slack("BOT_TOKEN_FILE", "/nowhere/x")), "", ""},
		{"an emulator", channels, both(both(bot, app), slack("API_URL", "http://127.0.0.1:4000/api")), "", ""},
		{"e-mail", channels, both(both(bot, app), slack("MATCH_BY_EMAIL", "true")), "", ""},
		{"no login", channels, both(bot, app), "", "nobody can link an account in Slack with theirs on GitHub"},
		{"nobody is asked", "", both(bot, app), "", "no channel under slack.channels in the configuration file: nobody is asked in Slack"},
		{"people are asked by themselves", "", both(both(bot, app), slack("DIRECT_MESSAGES", "true")), "", ""},

		{"a bot token alone", channels, bot, "PENSTOCK_SLACK_APP_TOKEN_FILE is not set, and clicks in Slack could not come in", ""},
		{"an app token alone", channels, app, "PENSTOCK_SLACK_BOT_TOKEN_FILE is not set, but another secret of Slack is", ""},
		{"a signing secret alone", channels, slack("SIGNING_SECRET", "hunter2"), "PENSTOCK_SLACK_BOT_TOKEN_FILE is not set", ""},
		{"channels alone", channels, nil, "line 1: slack.channels.releases: there is no app that could post there", ""},
		{"the tokens are exchanged", channels, both(slack("BOT_TOKEN", appToken), slack("APP_TOKEN", botToken)),
			"PENSTOCK_SLACK_APP_TOKEN: that is a bot token, which is for PENSTOCK_SLACK_BOT_TOKEN; an app-level token is made on the app's page", ""},
		{"the app token where the bot token belongs", channels, slack("BOT_TOKEN", appToken), "PENSTOCK_SLACK_BOT_TOKEN: that is an app-level token", ""},
		{"a user's token", channels, slack("BOT_TOKEN", "xoxp-hunter2"), "PENSTOCK_SLACK_BOT_TOKEN: that is no bot token; the bot token is on the app's page", ""},
		{"what is no app token", channels, both(bot, slack("APP_TOKEN", "hunter2")), "PENSTOCK_SLACK_APP_TOKEN: that is no app-level token", ""},
		{"a token as signing secret", channels, both(bot, slack("SIGNING_SECRET", botToken)), "PENSTOCK_SLACK_SIGNING_SECRET: that is a token", ""},
		{"a token in quotes", channels, both(app, slack("BOT_TOKEN_FILE", write(t, "quoted", `"`+botToken+`"`))), "quoted: there is white space, a quote", ""},
		{"two tokens in a file", channels, both(app, slack("BOT_TOKEN_FILE", write(t, "two", botToken+"\n"+botToken))), "two: there is white space", ""},
		{"a token where its file belongs", channels, both(app, slack("BOT_TOKEN_FILE", botToken)), "PENSTOCK_SLACK_BOT_TOKEN_FILE: that is the secret itself; write it to a file", ""},
		{"an app token where its file belongs", channels, both(bot, slack("APP_TOKEN_FILE", appToken)), "PENSTOCK_SLACK_APP_TOKEN_FILE: that is the secret itself", ""},
		{"channels as a list", "slack:\n  channels:\n    - releases: {id: C0123456789}", both(bot, app), ":3: slack.channels: a list has words only; what has settings of its own is a name", ""},
		{"a file that others read", channels, both(app, slack("BOT_TOKEN_FILE", open)), "open can be read by everybody on this machine (mode 0644)", ""},
		{"a file that is not there", channels, both(app, slack("BOT_TOKEN_FILE", "/nowhere/x")), "PENSTOCK_SLACK_BOT_TOKEN_FILE: /nowhere/x cannot be read", ""},
		{"in clear text", channels, both(both(bot, app), slack("API_URL", "http://slack.example.com/api/")), "PENSTOCK_SLACK_API_URL is not encrypted", ""},
		{"no address", channels, both(both(bot, app), slack("API_URL", "slack.com")), "PENSTOCK_SLACK_API_URL is not a web address", ""},
		{"e-mail without a login", channels, both(both(bot, app), slack("MATCH_BY_EMAIL", "true")), "PENSTOCK_SLACK_MATCH_BY_EMAIL needs a login", ""},
		{"a secret in the file", "slack:\n  botToken: " + botToken, nil, ":2: slack.botToken: a secret does not belong to this file; name a file in slack.botTokenFile", ""},
		{"another in the file", "slack:\n  signingSecret: hunter2", nil, "name a file in slack.signingSecretFile", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changes := test.changes
			if test.name != "e-mail without a login" && test.name != "no login" {
				changes = both(login, changes)
			}
			c, warnings, err := load(t, test.file, changes)
			switch {
			case test.want == "" && err != nil:
				t.Fatal(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Fatalf("got  %v\nwant %s", err, test.want)
			case err != nil && (strings.Contains(err.Error(), "hunter") || strings.Count(err.Error(), "\n") > 1):
				t.Errorf("the error holds a secret, or says too much: %v", err)
			case err == nil && (!c.Slack.On() || c.Slack.BotToken.Reveal() != botToken || !strings.HasSuffix(c.Slack.APIURL, "/")):
				t.Errorf("got %+v", c.Slack)
			case err == nil && c.Slack.SocketMode() != (c.Slack.AppToken.Reveal() == appToken):
				t.Errorf("Socket Mode: %t", c.Slack.SocketMode())
			case err == nil && test.warning == "" && len(warnings) > 0,
				err == nil && test.warning != "" && (len(warnings) != 1 || !strings.Contains(warnings[0].Message, test.warning)):
				t.Errorf("warnings %v", warnings)
			}
		})
	}
	c, _, err := load(t, channels, files)
	if err != nil || c.Slack.SigningSecret.Reveal() != "hunter2" {
		t.Errorf("both ways: %+v, %v", c.Slack, err)
	}
	for _, path := range files {
		if !slices.Contains(c.SecretFiles, path) {
			t.Errorf("jobs could see %s", path)
		}
	}
}

func slack(name, value string) map[string]string {
	return map[string]string{"PENSTOCK_SLACK_" + name: value}
}

func both(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func TestSlackChannels(t *testing.T) {
	t.Parallel()
	app := both(slack("BOT_TOKEN", botToken), slack("APP_TOKEN", appToken))
	c, _, err := load(t, `slack:
  channels:
    releases:
      id: C0123456789
      repositories: [octo-org/shop, "acme/*"]
      pipelines: [release]
      environments: [production, staging]
      events: [started, superseded]
    on-call:
      id: C0123456789
`, app)
	want := []configs.SlackChannel{
		{Name: "releases", ID: "C0123456789", Repositories: []string{"octo-org/shop", "acme/*"}, Pipelines: []string{"release"},
			Environments: []string{"production", "staging"}, Events: []string{"started", "superseded"}, Line: 4},
		{Name: "on-call", ID: "C0123456789", Events: []string{"waiting", "failed", "rejected"}, Line: 10},
	}
	if diff := cmp.Diff(want, c.Slack.Channels); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, test := range []struct{ name, channel, want string }{
		{"no id", "a: {pipelines: [x]}", "line 1: slack.channels.a: name the id of the channel, as id: it is at the end of the channel's details in Slack"},
		{"nothing", "a:", "line 1: slack.channels.a: name the id of the channel"},
		{"a name for an id", `a: {id: "#releases"}`, `id: "#releases" is a name, which somebody else's channel may have tomorrow; write the id`},
		{"a person", "a: {id: U0123456789}", `id: "U0123456789" is a person; write the id of a channel`},
		{"a person of a grid", "a: {id: W0123456789}", `id: "W0123456789" is a person`},
		{"a conversation of two", "a: {id: D0123456789}", `id: "D0123456789" is a conversation of two`},
		{"small letters", "a: {id: c0123456789}", `id: "c0123456789" is not the id of a channel`},
		{"a link", "a: {id: 'https://x.slack.com/archives/C0123456789'}", "is not the id of a channel"},
		{"a # in the name", `"#a": {id: C0123456789}`, "slack.channels.#a: write the name without #"},
		{"a name of two words", `a b: {id: C0123456789}`, "slack.channels.a b: that is not the name of a channel"},
		{"a dot in the name", `a.b: {id: C0123456789}`, "slack.channels.a.b.id: there is no such key; a channel has id, repositories,"},
		{"a name twice", "a: {id: C0123456789}, a: {id: C0123456780}", "not valid YAML"},
		{"a name in other letters", "a: {id: C0123456789}, A: {id: C0123456780}", "slack.channels.A: a is the same name"},
		{"a slip of an event", "a: {id: C0123456789, events: [fialed]}", `there is no event "fialed"; did you mean failed?`},
		{"another event", "a: {id: C0123456789, events: [everything]}", `there is no event "everything"; there are started, waiting, succeeded,`},
		{"no events", "a: {id: C0123456789, events: []}", "slack.channels.a.events: this is empty, and nothing would be told"},
		{"no repositories", "a: {id: C0123456789, repositories: }", "slack.channels.a.repositories: this is empty"},
		{"a repository that is none", "a: {id: C0123456789, repositories: [shop, '*/shop']}", `"shop" is neither owner/name nor owner/*`},
		{"an odd key", "a: {id: C0123456789, channel: x}", "slack.channels.a.channel: there is no such key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := load(t, "slack: {channels: {"+test.channel+"}}\n", app); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}
