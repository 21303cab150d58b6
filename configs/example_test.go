package configs_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/configs"
)

// TestExampleFile loads the example as an operator would, with the secrets it
// names elsewhere.
func TestExampleFile(t *testing.T) {
	t.Parallel()
	c, warnings, err := configs.Load("config.example.yml", []string{
		"PENSTOCK_GITHUB_PRIVATE_KEY_FILE=" + write(t, "app.pem", testKey()),
		"PENSTOCK_GITHUB_WEBHOOK_SECRET_FILE=" + write(t, "secret", "swordfish"),
		"PENSTOCK_GITHUB_CLIENT_SECRET_FILE=" + write(t, "client-secret", "trout"),
		"PENSTOCK_SLACK_BOT_TOKEN_FILE=" + write(t, "slack-bot-token", botToken),
		"PENSTOCK_SLACK_APP_TOKEN_FILE=" + write(t, "slack-app-token", appToken),
	})
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if c.URL != "https://penstock.example.com" || !c.Allows("octocat", "hello") || c.Host.Concurrency != 2 || c.GitHub.AppID != 123456 || !c.GitHub.Login() || !c.Slack.SocketMode() || len(c.Slack.Channels) != 1 {
		t.Errorf("got %+v", c)
	}
	content, err := os.ReadFile("config.example.yml")
	if err != nil {
		t.Fatal(err)
	}
	var environ []string
	for _, name := range regexp.MustCompile(`PENSTOCK_[A-Z_]+`).FindAllString(string(content), -1) {
		environ = append(environ, name+"=x")
	}
	if _, warnings, _ := configs.Load("config.example.yml", environ); len(warnings) > 0 {
		t.Errorf("the example names variables that do not exist: %v", warnings)
	}
}

// TestUnit holds what the systemd unit must say, and what must not be in it
// because bubblewrap could not mount a /proc.
func TestUnit(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("penstock.service")
	if err != nil {
		t.Fatal(err)
	}
	var settings []string
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			settings = append(settings, line)
		}
	}
	for _, want := range []string{
		"[Unit]", "[Service]", "[Install]", "KillMode=process", "User=penstock", "StateDirectory=penstock", "Restart=always", "TimeoutStopSec=15",
		"EnvironmentFile=-/etc/penstock/penstock.env", "Environment=PENSTOCK_DATA=/var/lib/penstock", "NoNewPrivileges=yes", "ProtectSystem=strict",
		"ExecStart=/usr/local/bin/penstock serve",
	} {
		if !slices.Contains(settings, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, s := range settings {
		key, _, _ := strings.Cut(s, "=")
		switch key {
		case "ProtectKernelTunables", "ProtectKernelLogs", "ProtectProc", "ProcSubset", "ProtectControlGroups", "RestrictNamespaces", "PrivateUsers",
			"ProtectHostname", "SystemCallFilter", "PrivateTmp", "MemoryDenyWriteExecute":
			t.Errorf("%s breaks jobs", s)
		}
	}
}
