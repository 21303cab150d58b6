package main

import (
	"context"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// installations looks at where the app is installed, and answers those that can be
// worked with.
func (d *doctor) installations(ctx context.Context) []githubapp.Installed {
	if d.forge == nil {
		d.skip("installations", "GitHub cannot be asked")
		return nil
	}
	list, err := d.forge.Installed(ctx)
	if err != nil {
		d.fail("installations", "", "%v", err)
		return nil
	}
	before := len(d.findings)
	install := "install it: " + d.app.Page + "/installations/new"
	if len(list) == 0 {
		d.fail("installations", install, "the app is installed nowhere")
		return nil
	}
	var usable []githubapp.Installed
	var names []string
	for _, i := range list {
		names = append(names, i.Account)
		if i.Suspended {
			d.fail("installations", "unsuspend it on "+i.Page, "the one on %s is suspended", i.Account)
			continue
		}
		usable = append(usable, i)
		if !d.concerns(i.Account) {
			d.warn("installations", "add "+i.Account+" to PENSTOCK_ALLOW, or uninstall the app there: "+i.Page,
				"the app is installed on %s, which PENSTOCK_ALLOW does not list: what happens there is ignored", i.Account)
		}
		if pending := d.pending(i); len(pending) > 0 {
			d.fail("installations", "an owner of "+i.Account+" accepts them on "+i.Page, "%s has not granted yet: %s", i.Account, strings.Join(pending, ", "))
		}
	}
	for _, allowed := range d.config.Allow {
		owner, _, _ := strings.Cut(allowed, "/")
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, owner) }) {
			d.warn("installations", install, "PENSTOCK_ALLOW lists %s, and the app is not installed on %s", allowed, owner)
		}
	}
	if len(d.findings) == before {
		d.ok("installations", "on %s", strings.Join(names, ", "))
	}
	return usable
}

// concerns says whether any repository of an account is allowed.
func (d *doctor) concerns(account string) bool {
	return slices.ContainsFunc(d.config.Allow, func(allowed string) bool {
		owner, _, _ := strings.Cut(allowed, "/")
		return strings.EqualFold(owner, account)
	})
}

// pending are the needed permissions that the app asks for and the installation
// has not granted.
func (d *doctor) pending(i githubapp.Installed) (names []string) {
	for _, n := range githubapp.Needs() {
		if githubapp.Covers(d.app.Permissions[n.Permission], n.Level) && !githubapp.Covers(i.Permissions[n.Permission], n.Level) {
			names = append(names, n.Permission+": "+n.Level)
		}
	}
	return names
}

// reached lists the repositories that the server works for.
func (d *doctor) reached(ctx context.Context, installed []githubapp.Installed) (list []pipeline.Repository) {
	for _, i := range installed {
		if !d.concerns(i.Account) {
			continue
		}
		found, err := d.forge.Reached(ctx, i.ID)
		if err != nil {
			d.fail("installations", "", "%v", err)
			continue
		}
		for _, r := range found {
			if d.config.Allows(r.Owner, r.Name) {
				list = append(list, r)
			}
		}
	}
	return list
}
