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
	vault := secret.NewVault([]secret.Declaration{
		{Name: "TOKEN", Binding: secret.Binding{Repositories: []string{"acme/shop"}}, Source: secret.Fixed(value)},
		{Name: "ALL", Binding: secret.Binding{Repositories: []string{"ACME/*"}, Refs: []string{"main", "release/**"}}, Source: secret.Fixed(value)},
		{Name: "PULLS", Binding: secret.Binding{Repositories: []string{"acme/shop"}, Refs: []string{"**"}, PullRequests: true}, Source: secret.Fixed(value)},
		{Name: "PROD", Binding: secret.Binding{Repositories: []string{"acme/shop"}, Environments: []string{"production"}}, Source: secret.Fixed(value)},
		{Name: "SHORT", Binding: secret.Binding{Repositories: []string{"acme/shop"}}, Source: secret.Fixed("abc")},
		{Name: "UNSET", Binding: secret.Binding{Repositories: []string{"acme/shop"}}, Source: secret.Fixed("")},
	}, nil)
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
			given, err := vault.Values(t.Context(), use)
			got := given.Secrets
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

func TestWhoMayUseAConnection(t *testing.T) {
	t.Parallel()
	shop := pipeline.Repository{Owner: "acme", Name: "shop", DefaultBranch: "main"}
	vault := secret.NewVault(nil, []secret.ConnectionDeclaration{{
		Name: "aws-prod", Type: pipeline.ConnectionAWS, Binding: secret.Binding{Repositories: []string{"acme/shop"}, Environments: []string{"production"}},
		Settings: map[string]string{"region": "eu-west-1"},
		Secrets:  map[string]secret.Source{"accessKeyId": secret.Fixed(value), "secretAccessKey": secret.Fixed(value)},
	}})
	use := secret.Use{Repository: shop, Lane: pipeline.BranchLane("main"), Connection: "aws-prod", Environment: "production"}
	given, err := vault.Values(t.Context(), use)
	if err != nil || given.Connection == nil || given.Connection.Settings["region"] != "eu-west-1" || given.Connection.Settings["accessKeyId"] != value {
		t.Errorf("got %+v, %v", given.Connection, err)
	}
	for want, change := range map[string]func(*secret.Use){
		"connection aws-prod is bound to the environment production, this stage has none": func(u *secret.Use) { u.Environment = "" },
		"connection aws-prod is never given to pull requests from forks":                  func(u *secret.Use) { u.Revision.Fork = true },
		"connection aws-prod is not available to acme/other":                              func(u *secret.Use) { u.Repository.Name = "other" },
		"connection nobodys is not available to acme/shop":                                func(u *secret.Use) { u.Connection = "nobodys" },
	} {
		refused := use
		change(&refused)
		given, err := vault.Values(t.Context(), refused)
		if pipeline.KindOf(err) != pipeline.Forbidden || err.Error() != want || given.Connection != nil {
			t.Errorf("got %+v, %v; want %q", given.Connection, err, want)
		}
		if known, err := vault.Known(t.Context(), refused); err != nil || (known.Connection == nil) != (refused.Connection == "nobodys") {
			t.Errorf("for masking: %+v, %v", known.Connection, err)
		}
	}
}

func TestConnectionsAreChecked(t *testing.T) {
	t.Parallel()
	full := func() secret.ConnectionDeclaration {
		return secret.ConnectionDeclaration{Name: "a", Type: "aws", Settings: map[string]string{"region": "eu-west-1"},
			Secrets: map[string]secret.Source{"accessKeyId": secret.Fixed("x"), "secretAccessKey": secret.Fixed("y")}}
	}
	for want, change := range map[string]func(*secret.ConnectionDeclaration){
		"":                                      func(*secret.ConnectionDeclaration) {},
		"a name has letters, digits, - and _":   func(d *secret.ConnectionDeclaration) { d.Name = "a b" },
		`type "gcp" is not known; there is aws`: func(d *secret.ConnectionDeclaration) { d.Type = "gcp" },
		"region is missing":                     func(d *secret.ConnectionDeclaration) { delete(d.Settings, "region") },
		"accessKeyId is missing; write accessKeyId: {file: ...} or {env: ...}":             func(d *secret.ConnectionDeclaration) { delete(d.Secrets, "accessKeyId") },
		"sessionToken does not belong to this file; name its file, or its variable as env": func(d *secret.ConnectionDeclaration) { d.Settings["sessionToken"] = "oops" },
		"a connection of type aws has no zone":                                             func(d *secret.ConnectionDeclaration) { d.Settings["zone"] = "b" },
		"a connection of type aws has no secret region":                                    func(d *secret.ConnectionDeclaration) { d.Secrets["region"] = secret.Fixed("z") },
	} {
		d := full()
		change(&d)
		if got := strings.Join(d.Check(), "; "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
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
