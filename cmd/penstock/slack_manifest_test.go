package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/slackapp"
)

// The manifest has no key that Slack does not know, asks for what our calls take and
// for nothing else, and becomes one for HTTP where its comments say so.
func TestSlackManifest(t *testing.T) {
	t.Parallel()
	content := must[[]byte](t)(os.ReadFile("../../configs/slack-manifest.yml"))
	socketMode := readManifest(t, content)
	wantScopes(t, socketMode, false)
	if !socketMode.Settings.SocketModeEnabled || !socketMode.Settings.Interactivity.IsEnabled || socketMode.Settings.Interactivity.RequestUrl != "" ||
		socketMode.Settings.OrgDeployEnabled || socketMode.Settings.TokenRotationEnabled {
		t.Errorf("settings %+v", socketMode.Settings)
	}
	if f := socketMode.Features; f.BotUser.DisplayName != "penstock" || f.BotUser.AlwaysOnline || !f.AppHome.MessagesTabEnabled ||
		len(f.SlashCommands) != 1 || f.SlashCommands[0].Command != "/penstock" || f.SlashCommands[0].ShouldEscape || f.SlashCommands[0].Url != "" {
		t.Errorf("features %+v", f)
	}

	changed := strings.NewReplacer(
		"# - users:read.email", "- users:read.email",
		"# HTTP: url:", "url:", "# HTTP: request_url:", "request_url:", "socket_mode_enabled: true", "socket_mode_enabled: false",
	).Replace(string(content))
	if n := strings.Count(string(content), "# HTTP: "); n != 3 {
		t.Errorf("%d places are marked", n)
	}
	byHTTP := readManifest(t, []byte(changed))
	wantScopes(t, byHTTP, true)
	const door = "https://penstock.example.com" + slackapp.WebhookPath
	if byHTTP.Settings.SocketModeEnabled || byHTTP.Settings.Interactivity.RequestUrl != door || byHTTP.Features.SlashCommands[0].Url != door {
		t.Errorf("by HTTP: %+v, %+v", byHTTP.Settings, byHTTP.Features.SlashCommands)
	}
}

func readManifest(t *testing.T, content []byte) slack.Manifest {
	t.Helper()
	var m slack.Manifest
	check(t, yaml.NewDecoder(bytes.NewReader(content), yaml.DisallowUnknownField()).Decode(&m))
	return m
}

func wantScopes(t *testing.T, m slack.Manifest, byEmail bool) {
	t.Helper()
	var want []string
	for _, need := range slackapp.Needs(byEmail) {
		want = append(want, need.Scope)
	}
	got := slices.Clone(m.OAuthConfig.Scopes.Bot)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(m.OAuthConfig.Scopes.User) > 0 {
		t.Errorf("scopes: %s, for users %q", diff, m.OAuthConfig.Scopes.User)
	}
}
