package configs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/configs"
)

// testKey is an RSA key as PEM, made once.
var testKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

// write makes a file that only its owner can read.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// complete is an environment without a mistake.
func complete(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"PENSTOCK_URL":                   "https://penstock.example.com/",
		"PENSTOCK_DATA":                  "/var/lib/penstock-of-a-test",
		"PENSTOCK_ALLOW":                 "acme, octocat/hello",
		"PENSTOCK_GITHUB_APP_ID":         "123456",
		"PENSTOCK_GITHUB_PRIVATE_KEY":    testKey(),
		"PENSTOCK_GITHUB_WEBHOOK_SECRET": "swordfish",
	}
}

// load reads an environment with changes ("" removes) and a file.
func load(t *testing.T, file string, changes map[string]string) (configs.Config, []configs.Warning, error) {
	t.Helper()
	environment := complete(t)
	maps.Copy(environment, changes)
	var environ []string
	for name, value := range environment {
		environ = append(environ, name+"="+value)
	}
	slices.Sort(environ)
	return configs.Load(write(t, "config.yml", file), environ)
}

func TestLoadEnvironment(t *testing.T) {
	t.Parallel()
	c, warnings, err := load(t, "", map[string]string{"PENSTOCK_GITHUB_WEBHOOK_SECRET": "new old", "PENSTOCK_COMMAND_PREFIX": "True"})
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if c.Listen != "127.0.0.1:8080" || c.URL != "https://penstock.example.com" || c.Data != "/var/lib/penstock-of-a-test" ||
		c.GitHub.AppID != 123456 || c.GitHub.APIURL != "https://api.github.com/" || c.Host.Unsandboxed ||
		c.Host.Concurrency != runtime.NumCPU() || !c.CommandPrefix {
		t.Errorf("got %+v", c)
	}
	if diff := cmp.Diff([]string{"acme", "octocat/hello"}, c.Allow); diff != "" {
		t.Error(diff)
	}
	if s := c.GitHub.WebhookSecrets; len(s) != 2 || s[0].Reveal() != "new" || s[1].Reveal() != "old" {
		t.Errorf("%d webhook secrets", len(s))
	}
	if strings.TrimSpace(c.GitHub.PrivateKey.Reveal()) != strings.TrimSpace(testKey()) {
		t.Error("another private key")
	}
}

func TestLoadOrder(t *testing.T) {
	t.Parallel()
	file := "listen: 127.0.0.1:1\nhost:\n  concurrency: 3\n  unsandboxed: true\ngithub:\n  appId: 7\nallow: [from-file]\nurl:\n"
	c, _, err := load(t, file, map[string]string{"PENSTOCK_LISTEN": "127.0.0.1:2", "PENSTOCK_HOST_CONCURRENCY": ""})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:2" || c.Host.Concurrency != 3 || !c.Host.Unsandboxed || c.GitHub.AppID != 123456 || c.Allow[0] != "acme" {
		t.Errorf("got %+v", c)
	}
}

func TestLoadTellsEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	_, _, err := configs.Load(write(t, "config.yml", "# nothing\n"), nil)
	var problems configs.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"PENSTOCK_URL is not set: ", "PENSTOCK_DATA is not set: ", "PENSTOCK_GITHUB_APP_ID is not set: ", "PENSTOCK_GITHUB_PRIVATE_KEY_FILE is not set: ",
		"PENSTOCK_GITHUB_WEBHOOK_SECRET is not set: ", "PENSTOCK_ALLOW is not set: ",
	} {
		n := 0
		for _, p := range problems {
			if strings.HasPrefix(p, want) {
				n++
			}
			if strings.Contains(p, "\n") {
				t.Errorf("not one line: %s", p)
			}
		}
		if n != 1 {
			t.Errorf("%d times %q in:\n%s", n, want, err)
		}
	}
	if len(problems) != 6 {
		t.Errorf("%d problems:\n%s", len(problems), err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	open := write(t, "app.pem", testKey())
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	aFile := write(t, "file", "x")
	for _, test := range []struct {
		name    string
		file    string
		changes map[string]string
		want    string // a pattern that the whole error matches
	}{
		{"listen without port", "", map[string]string{"PENSTOCK_LISTEN": "localhost"}, `PENSTOCK_LISTEN: "localhost" is not an address; .*`},
		{"listen with a bad port", "", map[string]string{"PENSTOCK_LISTEN": ":http"}, `PENSTOCK_LISTEN: "http" is not a port; .*`},
		{"URL without scheme", "", map[string]string{"PENSTOCK_URL": "penstock.example.com"}, `PENSTOCK_URL is not a web address; .*`},
		{"URL with a password", "", map[string]string{"PENSTOCK_URL": "https://a:hunter2@x"}, `PENSTOCK_URL is not a web address; .*`},
		{"data is a file", "", map[string]string{"PENSTOCK_DATA": aFile}, `PENSTOCK_DATA: .* is not a folder; .*`},
		{"allow everything", "", map[string]string{"PENSTOCK_ALLOW": "*"}, `PENSTOCK_ALLOW: "\*" is not an owner or owner/repository; .*`},
		{"allow with URL", "", map[string]string{"PENSTOCK_ALLOW": "acme https://github.com/acme a/b/c x/.."}, `PENSTOCK_ALLOW: "https://github.com/acme", "a/b/c", "x/.." is not .*`},
		{"app id", "", map[string]string{"PENSTOCK_GITHUB_APP_ID": "my-app"}, `PENSTOCK_GITHUB_APP_ID: "my-app" is not the number of a GitHub App; .*`},
		{"private key that is none", "", map[string]string{"PENSTOCK_GITHUB_PRIVATE_KEY": "hunter2"}, `PENSTOCK_GITHUB_PRIVATE_KEY is not a private key in PEM form, .*`},
		{"private key of another kind", "", map[string]string{"PENSTOCK_GITHUB_PRIVATE_KEY": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))},
			`PENSTOCK_GITHUB_PRIVATE_KEY is not an RSA private key, .*`},
		{"private key file missing", "", map[string]string{"PENSTOCK_GITHUB_PRIVATE_KEY": "", "PENSTOCK_GITHUB_PRIVATE_KEY_FILE": "/nowhere/app.pem"},
			`PENSTOCK_GITHUB_PRIVATE_KEY_FILE: /nowhere/app.pem cannot be read: no such file or directory`},
		{"private key file open to all", "", map[string]string{"PENSTOCK_GITHUB_PRIVATE_KEY": "", "PENSTOCK_GITHUB_PRIVATE_KEY_FILE": open},
			`PENSTOCK_GITHUB_PRIVATE_KEY_FILE: .*app.pem can be read by everybody on this machine \(mode 0644\); .*`},
		{"a key where its file belongs", "", map[string]string{"PENSTOCK_GITHUB_PRIVATE_KEY": "", "PENSTOCK_GITHUB_PRIVATE_KEY_FILE": "-----BEGIN RSA PRIVATE KEY-----\nhunter2"},
			`PENSTOCK_GITHUB_PRIVATE_KEY_FILE: that is the secret itself; .*`},
		{"a secret where its file belongs", "", map[string]string{"PENSTOCK_GITHUB_WEBHOOK_SECRET": "", "PENSTOCK_GITHUB_WEBHOOK_SECRET_FILE": "0123456789abcdef0123456789abcdef"},
			`PENSTOCK_GITHUB_WEBHOOK_SECRET_FILE: that is the secret itself; .*`},
		{"private key file is no key", "", map[string]string{"PENSTOCK_GITHUB_PRIVATE_KEY": "", "PENSTOCK_GITHUB_PRIVATE_KEY_FILE": aFile},
			`PENSTOCK_GITHUB_PRIVATE_KEY_FILE: .*file is not a private key in PEM form, .*`},
		{"private key file is a folder", "", map[string]string{"PENSTOCK_GITHUB_PRIVATE_KEY": "", "PENSTOCK_GITHUB_PRIVATE_KEY_FILE": "/"},
			`PENSTOCK_GITHUB_PRIVATE_KEY_FILE: / is not a file`},
		{"webhook secret empty", "", map[string]string{"PENSTOCK_GITHUB_WEBHOOK_SECRET": "  "}, `PENSTOCK_GITHUB_WEBHOOK_SECRET is not set: .*`},
		{"three webhook secrets", "", map[string]string{"PENSTOCK_GITHUB_WEBHOOK_SECRET": "hunter1 hunter2 hunter3"}, `PENSTOCK_GITHUB_WEBHOOK_SECRET: there are 3 secrets; .*`},
		{"webhook secret file missing", "github: {webhookSecretFile: /nowhere/x}", map[string]string{"PENSTOCK_GITHUB_WEBHOOK_SECRET": ""},
			`PENSTOCK_GITHUB_WEBHOOK_SECRET_FILE: /nowhere/x cannot be read: no such file or directory`},
		{"API in clear text", "", map[string]string{"PENSTOCK_GITHUB_API_URL": "http://ghe.example.com/api/v3/"}, `PENSTOCK_GITHUB_API_URL is not encrypted, .*`},
		{"API without scheme", "", map[string]string{"PENSTOCK_GITHUB_API_URL": "api.github.com"}, `PENSTOCK_GITHUB_API_URL is not a web address; .*`},
		{"concurrency", "", map[string]string{"PENSTOCK_HOST_CONCURRENCY": "0"}, `PENSTOCK_HOST_CONCURRENCY: "0" is not a number from 1 to 1000`},
		{"unsandboxed", "", map[string]string{"PENSTOCK_HOST_UNSANDBOXED": "yes"}, `PENSTOCK_HOST_UNSANDBOXED: "yes" is neither true nor false`},
		{"retention in hours", "", map[string]string{"PENSTOCK_RETENTION_LOGS": "90h"}, `PENSTOCK_RETENTION_LOGS: "90h" is not a number of days .*`},
		{"no retention", "retention: {artifacts: 0d}", nil, `.*:1: retention.artifacts: "0d" is not a number of days .*`},
		{"a size without a unit", "retention: {artifactSize: 20}", nil, `.*:1: retention.artifactSize: "20" is not a size .*`},
		{"a secret without a value", "secrets: {TOKEN: {repositories: [acme/shop]}}", nil, `line 1: secrets.TOKEN: name either the file .*`},
		{"a secret in the file's secrets", "secrets: {TOKEN: {value: hunter2, env: A, repositories: [acme/shop]}}", nil, `.*:1: secrets.TOKEN.value: a secret does not belong to this file; .*`},
		{"a connection of nobody", "connections:\n  aws:\n    type: aws\n    key: {env: A, file: /x}\n", nil,
			`line 3: connections.aws: key: name either the file .*\nline 3: connections.aws: name the repositories .*`},
		{"a connection of everybody", "connections: {aws: {type: aws, repositories: ['*/*']}}", nil, `line 1: connections.aws: "\*/\*" is neither owner/name nor owner/\*`},
		{"an odd key of a connection", "connections: {aws: {key: {path: x}, repositories: [acme/shop]}}", nil, `.*:1: connections.aws.key.path: there is no such key; a secret setting has file or env`},
		{"database", "", map[string]string{"PENSTOCK_DATABASE_URL": "postgres://a:hunter2@b/c"}, `PENSTOCK_DATABASE_URL: not supported in this version; .*`},
		{"blobs", "", map[string]string{"PENSTOCK_BLOB_URL": "s3://x"}, `PENSTOCK_BLOB_URL: not supported in this version; .*`},
		{"unknown key", "listen: 127.0.0.1:1\nlistne: x\n", nil, `.*config.yml:2: listne: there is no such setting; did you mean listen\?`},
		{"several mistakes in the file", "github:\n  apId: 1\nhost:\n  concurrency: many\nfoobarbaz:\n", nil,
			`.*config.yml:2: github.apId: there is no such setting; did you mean github.appId\?\n.*config.yml:4: host.concurrency: "many" is not .*\n.*config.yml:5: foobarbaz: there is no such setting`},
		{"a secret in the file", "github:\n  webhookSecret: hunter2\n  privateKey: hunter2\n", nil,
			`.*:2: github.webhookSecret: a secret does not belong to this file; .*\n.*:3: github.privateKey: a secret does not belong to this file; .*`},
		{"not YAML", "url: [hunter2\n", nil, `.*config.yml:\d+: not valid YAML: .*`},
		{"not a map", "hunter2\n", nil, `.*config.yml:1: the file must be a map of settings`},
		{"a list of maps", "allow:\n- {a: hunter2}\n", nil, `.*config.yml:2: allow: a list has words only; .*`},
		{"two documents", "url: https://x\n---\nurl: https://y\n", nil, `.*config.yml:3: a second document begins here`},
		{"a key twice", "url: https://hunter2\nurl: https://hunter2\n", nil, `.*config.yml:2: not valid YAML: .*`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := load(t, test.file, test.changes)
			if err == nil {
				t.Fatal("no error")
			}
			if !regexp.MustCompile(`^(?:` + test.want + `)$`).MatchString(err.Error()) {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
			if strings.Contains(err.Error(), "hunter") {
				t.Errorf("the error holds a secret: %s", err)
			}
		})
	}
	if _, _, err := configs.Load("/nowhere/config.yml", nil); err == nil || err.Error() != "the configuration file /nowhere/config.yml cannot be read: no such file or directory" {
		t.Errorf("a named file that is not there: %v", err)
	}
}

func TestLoadWarnings(t *testing.T) {
	t.Parallel()
	_, warnings, err := load(t, "", map[string]string{"PENSTOCK_LISTNE": "x", "PENSTOCK_ZZZ": "hunter2", "PENSTOCK_TOKEN": "x", "PENSTOCK_SERVER": "x", "HOME": "/"})
	if err != nil {
		t.Fatal(err)
	}
	want := []configs.Warning{
		{Setting: "PENSTOCK_LISTNE", Message: "PENSTOCK_LISTNE is not a setting and has no effect; did you mean PENSTOCK_LISTEN?"},
		{Setting: "PENSTOCK_ZZZ", Message: "PENSTOCK_ZZZ is not a setting and has no effect"},
	}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Error(diff)
	}
}

func TestLoadSecretForms(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]map[string]string{
		"line ends as \\n":    {"PENSTOCK_GITHUB_PRIVATE_KEY": strings.ReplaceAll(testKey(), "\n", `\n`)},
		"file":                {"PENSTOCK_GITHUB_PRIVATE_KEY": "", "PENSTOCK_GITHUB_PRIVATE_KEY_FILE": write(t, "app.pem", testKey())},
		"text before file":    {"PENSTOCK_GITHUB_PRIVATE_KEY_FILE": "/nowhere"},
		"webhook secret file": {"PENSTOCK_GITHUB_WEBHOOK_SECRET": "", "PENSTOCK_GITHUB_WEBHOOK_SECRET_FILE": write(t, "secret", "swordfish\n")},
		"API on loopback":     {"PENSTOCK_GITHUB_API_URL": "http://127.0.0.1:4000/api/v3"},
	} {
		c, _, err := load(t, "", changes)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(c.GitHub.WebhookSecrets) != 1 || c.GitHub.WebhookSecrets[0].Reveal() != "swordfish" || !c.GitHub.PrivateKey.IsSet() || !strings.HasSuffix(c.GitHub.APIURL, "/") {
			t.Errorf("%s: got %+v", name, c)
		}
	}
}

func TestAllows(t *testing.T) {
	t.Parallel()
	c := configs.Config{Allow: []string{"Acme", "octocat/Hello"}}
	for repository, want := range map[string]bool{
		"acme/shop": true, "ACME/x": true, "octocat/hello": true, "octocat/other": false, "acm/e": false, "acme-2/shop": false, "x/acme": false, "/": false, "acme/": false,
	} {
		owner, name, _ := strings.Cut(repository, "/")
		if got := c.Allows(owner, name); got != want {
			t.Errorf("Allows(%s) = %t", repository, got)
		}
	}
	if (configs.Config{}).Allows("acme", "shop") {
		t.Error("an empty list allows")
	}
}

func TestSecretNeverPrintsItself(t *testing.T) {
	t.Parallel()
	s := configs.NewSecret("hunter2")
	hidden := struct {
		Shown  configs.Secret
		hidden configs.Secret
		list   []configs.Secret
	}{s, s, []configs.Secret{s}}
	var log strings.Builder
	for _, h := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(h).Info("x", "secret", s, "config", configs.Config{GitHub: configs.GitHub{PrivateKey: s, WebhookSecrets: []configs.Secret{s}}}, "in", hidden)
	}
	b, err := json.Marshal(map[string]any{"a": s, "b": hidden, "c": []configs.Secret{s}})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{s, &s, hidden, &hidden, []configs.Secret{s}, configs.Config{GitHub: configs.GitHub{PrivateKey: s}}} {
			fmt.Fprintf(&log, verb+"\n", v)
		}
	}
	for _, text := range []string{log.String(), string(b), fmt.Errorf("x: %v", s).Error()} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") {
			t.Errorf("printed: %s", text)
		}
	}
	if s.Reveal() != "hunter2" || !s.IsSet() || configs.NewSecret("").IsSet() || (configs.Secret{}).Reveal() != "" || (configs.Secret{}).String() != "" {
		t.Error("a secret lost its text")
	}
}
