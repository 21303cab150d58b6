package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/bot/codeowners"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// mostRepositories is how many are looked at: each costs a handful of calls.
const mostRepositories = 50

// repositories looks at those that the server works for.
func (d *doctor) repositories(ctx context.Context, installed []githubapp.Installed) {
	if d.forge == nil {
		d.skip("repositories", "GitHub cannot be asked")
		return
	}
	list := d.reached(ctx, installed)
	if len(list) == 0 {
		d.warn("repositories", "install the app on one that PENSTOCK_ALLOW lists: "+d.app.Page+"/installations/new", "there is none to work for")
	}
	for i, r := range list {
		if i == d.most {
			d.skip("repositories", "%d more were not looked at", len(list)-i)
			break
		}
		before := len(d.findings)
		d.repository(ctx, r)
		for i := before; i < len(d.findings); i++ {
			d.findings[i].Repository = r.FullName()
		}
	}
}

func (d *doctor) repository(ctx context.Context, r pipeline.Repository) {
	sha, protected, err := d.forge.Branch(ctx, r, r.DefaultBranch)
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound:
		d.skip("pipeline", "it has no commit yet")
		return
	case err != nil:
		d.fail("pipeline", "", "%v", err)
		return
	}
	files, err := d.forge.PipelineFiles(ctx, r, sha)
	switch {
	case err != nil && pipeline.KindOf(err) != pipeline.Invalid:
		d.fail("pipeline", "", "%v", err)
		return
	case err != nil:
		d.warn("pipeline", "", "%v", err)
	case len(files) == 0:
		d.skip("pipeline", "%s has no pipeline file: nothing runs", r.DefaultBranch)
		return
	default:
		d.pipelines(r, files)
	}
	if protected {
		d.ok("protection", "%s is protected", r.DefaultBranch)
	} else {
		d.warn("protection", "protect it: require a pull request with a review from code owners, and the status penstock/<pipeline>: "+r.WebURL+"/settings/branches",
			"%s is not protected: who can push to it can change the rules of environments, and release", r.DefaultBranch)
	}
	d.owners(ctx, r, sha, files)
}

func (d *doctor) pipelines(r pipeline.Repository, files []githubapp.File) {
	var sources []definition.File
	for _, f := range files {
		sources = append(sources, definition.File{Path: f.Path, Content: f.Content})
	}
	pipelines, problems := definition.ReadAll(sources, definition.Options{Catalog: d.catalog, DefaultBranch: r.DefaultBranch, Repository: r.FullName()})
	for _, p := range problems {
		if p.Severity == definition.SeverityError {
			d.warn("pipeline", "penstock validate, in a clone, shows every mistake", "the files of %s cannot be used: %s:%d: %s", r.DefaultBranch, p.File, p.Line, p.Message)
			return
		}
	}
	var names []string
	for _, p := range pipelines {
		names = append(names, p.Name)
	}
	d.ok("pipeline", "%s on %s", strings.Join(names, ", "), r.DefaultBranch)
}

// owners checks that every pipeline file, and one that a pull request could add,
// has owners.
func (d *doctor) owners(ctx context.Context, r pipeline.Repository, sha string, files []githubapp.File) {
	mend := fmt.Sprintf("write to .github/CODEOWNERS, below all other rules, with a team or person that may write there:\n/.penstock.yml @%[1]s/TEAM\n/.penstock.json @%[1]s/TEAM\n/.penstock/ @%[1]s/TEAM\n/.github/CODEOWNERS @%[1]s/TEAM", r.Owner)
	file, err := d.forge.CodeOwners(ctx, r, sha)
	if pipeline.KindOf(err) == pipeline.NotFound {
		d.warn("codeowners", mend, "there is no CODEOWNERS: whoever may review may let a change of the pipeline through")
		return
	}
	if err != nil {
		d.fail("codeowners", "", "%v", err)
		return
	}
	owned, err := codeowners.Parse(file.Content)
	if err != nil {
		d.warn("codeowners", "keep the file short", "%s cannot be read: %v", file.Path, err)
		return
	}
	if len(owned.Mistakes) > 0 {
		d.warn("codeowners", "mend the file; GitHub shows its mistakes on its page", "%s, %s", file.Path, owned.Mistakes[0])
		return
	}
	paths := []string{".penstock.yml", ".penstock.json", ".penstock/new.yml"}
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	for _, path := range paths {
		if len(owned.Owners(r.Owner, []string{path})) == 0 {
			d.warn("codeowners", mend, "%s names nobody for %s: whoever may review may let a change of it through", file.Path, path)
			return
		}
	}
	d.ok("codeowners", "%s names owners of every pipeline file", file.Path)
}
