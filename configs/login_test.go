package configs_test

import (
	"slices"
	"strings"
	"testing"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	file := write(t, "client-secret", "hunter2\n")
	for _, test := range []struct {
		name    string
		changes map[string]string
		want    string // in the error; empty: it is right, and there is a login
	}{
		{"both", map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li", "PENSTOCK_GITHUB_CLIENT_SECRET": "hunter2"}, ""},
		{"a file", map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li", "PENSTOCK_GITHUB_CLIENT_SECRET_FILE": file}, ""},
		{"this machine", map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li", "PENSTOCK_GITHUB_CLIENT_SECRET": "hunter2", "PENSTOCK_URL": "http://localhost:8080"}, ""},
		{"id alone", map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li"}, "PENSTOCK_GITHUB_CLIENT_SECRET_FILE is not set"},
		{"secret alone", map[string]string{"PENSTOCK_GITHUB_CLIENT_SECRET": "hunter2"}, "PENSTOCK_GITHUB_CLIENT_ID is not set"},
		{"file alone", map[string]string{"PENSTOCK_GITHUB_CLIENT_SECRET_FILE": file}, "PENSTOCK_GITHUB_CLIENT_ID is not set"},
		{"in clear text", map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li", "PENSTOCK_GITHUB_CLIENT_SECRET": "hunter2", "PENSTOCK_URL": "http://penstock.example.com"},
			"PENSTOCK_URL is not encrypted"},
		{"a file that is not there", map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li", "PENSTOCK_GITHUB_CLIENT_SECRET_FILE": "/nowhere/x"},
			"PENSTOCK_GITHUB_CLIENT_SECRET_FILE: /nowhere/x cannot be read"},
		{"two words", map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li", "PENSTOCK_GITHUB_CLIENT_SECRET": "hunter2 hunter3"}, "PENSTOCK_GITHUB_CLIENT_SECRET: there is white space"},
		{"not an id", map[string]string{"PENSTOCK_GITHUB_CLIENT_ID": "Iv23li&scope=repo", "PENSTOCK_GITHUB_CLIENT_SECRET": "hunter2"}, "PENSTOCK_GITHUB_CLIENT_ID: that is not"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _, err := load(t, "", test.changes)
			switch {
			case test.want == "" && (err != nil || !c.GitHub.Login() || c.GitHub.ClientSecret.Reveal() != "hunter2"):
				t.Errorf("got %+v, %v", c.GitHub, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %s", err, test.want)
			case err != nil && strings.Contains(err.Error(), "hunter"):
				t.Errorf("the error holds a secret: %v", err)
			}
			if name := test.changes["PENSTOCK_GITHUB_CLIENT_SECRET_FILE"]; name != "" && !slices.Contains(c.SecretFiles, name) {
				t.Error("jobs could see the file")
			}
		})
	}
	if c, _, err := load(t, "", nil); err != nil || c.GitHub.Login() {
		t.Errorf("without: %+v, %v", c.GitHub, err)
	}
	if _, _, err := load(t, "github: {clientSecret: hunter2}\n", nil); err == nil || !strings.Contains(err.Error(), "name a file in github.clientSecretFile") {
		t.Errorf("a secret in the file: %v", err)
	}
}
