package secret_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/secret"
)

const value = "correct horse battery staple"

func TestWhoMayUseASecret(t *testing.T) {
	t.Parallel()
	shop := pipeline.Repository{Host: "github.com", ID: 1, Owner: "acme", Name: "shop", DefaultBranch: "main"}
	other := shop
	other.Name = "other"
	vault := secret.NewVault(
		secret.Declaration{Name: "TOKEN", Repositories: []string{"acme/shop"}, Source: secret.Fixed(value)},
		secret.Declaration{Name: "ALL", Repositories: []string{"ACME/*"}, Refs: []string{"main", "release/**"}, Source: secret.Fixed(value)},
		secret.Declaration{Name: "PULLS", Repositories: []string{"acme/shop"}, Refs: []string{"**"}, PullRequests: true, Source: secret.Fixed(value)},
		secret.Declaration{Name: "PROD", Repositories: []string{"acme/shop"}, Environments: []string{"production"}, Source: secret.Fixed(value)},
		secret.Declaration{Name: "SHORT", Repositories: []string{"acme/shop"}, Source: secret.Fixed("abc")},
		secret.Declaration{Name: "UNSET", Repositories: []string{"acme/shop"}, Source: secret.Fixed("")},
	)
	branch := func(name string) secret.Use {
		return secret.Use{Repository: shop, Lane: pipeline.BranchLane(name), Revision: pipeline.Revision{Branch: name}}
	}
	pull := func(head string, fork bool) secret.Use {
		return secret.Use{Repository: shop, Lane: pipeline.PullLane(7), Revision: pipeline.Revision{Branch: head, Fork: fork}}
	}
	with := func(u secret.Use, change func(*secret.Use)) secret.Use { change(&u); return u }
	for _, test := range []struct {
		what, name string
		use        secret.Use
		want       string // empty: given
	}{
		{"the default branch", "TOKEN", branch("main"), ""},
		{"another branch", "TOKEN", branch("feature/x"), "secret TOKEN is bound to main, this run is of feature/x"},
		{"a branch that is named", "ALL", branch("release/1.2"), ""},
		{"a branch called like a folder", "ALL", branch("release"), "bound to main, release/**"},
		{"a pull request", "TOKEN", pull("topic", false), "bound to pushes"},
		{"a pull request whose head is called main", "TOKEN", pull("main", false), "bound to pushes"},
		{"a pull request, allowed", "PULLS", pull("topic", false), ""},
		{"a fork, whatever is allowed", "PULLS", pull("main", true), "never given to pull requests from forks"},
		{"a tag called main", "TOKEN", secret.Use{Repository: shop, Lane: pipeline.TagLane("main"), Revision: pipeline.Revision{Branch: "main"}}, "bound to branches"},
		{"a stage without an environment", "PROD", branch("main"), "bound to the environment production, this stage has none"},
		{"a stage of another environment", "PROD", with(branch("main"), func(u *secret.Use) { u.Environment = "staging" }), "this stage is of staging"},
		{"the stage of the environment", "PROD", with(branch("main"), func(u *secret.Use) { u.Environment = "production" }), ""},
		{"another repository", "TOKEN", with(branch("main"), func(u *secret.Use) { u.Repository = other }), "secret TOKEN is not available to acme/other"},
		{"one that nobody declared", "NOBODYS", with(branch("main"), func(u *secret.Use) { u.Repository = other }), "secret NOBODYS is not available to acme/other"},
		{"all of an owner", "ALL", with(branch("main"), func(u *secret.Use) { u.Repository = other }), ""},
		{"too short to be masked", "SHORT", branch("main"), "could not be masked"},
		{"a variable that is not set", "UNSET", branch("main"), "secret UNSET: its variable was not set"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			use := test.use
			use.Names = []string{test.name}
			got, err := vault.Values(t.Context(), use)
			switch {
			case test.want == "" && (err != nil || got[test.name] != value || len(got) != 1):
				t.Errorf("got %d values, %v", len(got), err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || len(got) != 0):
				t.Errorf("got %d values, %v; want %q", len(got), err, test.want)
			case test.want != "" && strings.Contains(err.Error(), "horse"):
				t.Errorf("the error quotes the value: %v", err)
			}
		})
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	read := func() (string, error) { return secret.File(path).Value(context.Background()) }
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("not there: %v", err)
	}
	for _, test := range []struct {
		content string
		mode    os.FileMode
		want    string
		wrong   string
	}{
		{value + "\n", 0o600, value, ""},
		{value + "\r\n", 0o640, value, ""},
		{"two\nlines\n\n", 0o600, "two\nlines\n", ""},
		{value, 0o604, "", "everybody on this machine can read"},
		{"\n", 0o600, "", "is empty"},
		{"a\x00bcd", 0o600, "", "zero byte"},
		{strings.Repeat("x", 100<<10), 0o600, "", "too large"},
	} {
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, test.mode); err != nil {
			t.Fatal(err)
		}
		got, err := read()
		if got != test.want || (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%.20q: got %q, %v", test.content, got, err)
		}
	}
}
