package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
)

// Differences of the clocks that are worth a word, and too large. Calls to GitHub go
// by its clock; everything else goes by this machine's: Slack's requests by HTTP are
// refused when they are minutes old.
const (
	clockWarning = 10 * time.Second
	clockFailure = time.Minute
)

// github asks whether GitHub can be asked, and compares the clocks.
func (d *doctor) github(ctx context.Context) {
	if d.offline {
		d.skip("github", "not asked (--offline)")
		return
	}
	ahead, err := githubapp.Reach(ctx, githubapp.Options{APIURL: d.config.GitHub.APIURL, Now: d.now, UserAgent: "penstock/" + version})
	if err != nil {
		d.fail("github", "look at the network, the proxy (HTTPS_PROXY) and PENSTOCK_GITHUB_API_URL", "%v", err)
		return
	}
	d.ok("github", "%s answers", d.config.GitHub.APIURL)
	d.clock("clock", "GitHub's", ahead)
	if d.config.GitHub.AppID == 0 || !d.config.GitHub.PrivateKey.IsSet() {
		d.skip("credentials", "the settings name no app, or no key")
		return
	}
	d.forge, err = githubapp.New(githubapp.Options{
		AppID: d.config.GitHub.AppID, PrivateKey: []byte(d.config.GitHub.PrivateKey.Reveal()), APIURL: d.config.GitHub.APIURL,
		UserAgent: "penstock/" + version, Now: d.now,
	})
	if err != nil {
		d.fail("credentials", "", "%v", err)
	}
}

// clock compares this machine's clock with that of others.
func (d *doctor) clock(check, whose string, ahead time.Duration) {
	word := "ahead of"
	if ahead < 0 {
		word = "behind"
	}
	const mend = "timedatectl set-ntp true"
	off := ahead.Abs().Round(time.Second)
	switch {
	case off >= clockFailure:
		d.fail(check, mend, "this machine's clock is %s %s %s: deadlines, sessions, certificates and the times that people see go by it", off, word, whose)
	case off >= clockWarning:
		d.warn(check, mend, "this machine's clock is %s %s %s", off, word, whose)
	default:
		d.ok(check, "it agrees with %s", whose)
	}
}

// credentials asks GitHub for the app, and compares it with what is needed.
func (d *doctor) credentials(ctx context.Context) {
	if d.forge == nil {
		return
	}
	app, err := d.forge.Registered(ctx)
	if err != nil {
		d.forge = nil
		d.fail("credentials", "compare github.appId with the app's settings page, make a new private key there, and write it to the file that github.privateKeyFile names", "%v", err)
		return
	}
	d.app = app
	d.ok("credentials", "GitHub knows this server as the app %s (%d) of %s", app.Slug, app.ID, app.Owner)
	d.permissions()
	d.events()
}

// permissions compares what the app may do with what is needed.
func (d *doctor) permissions() {
	needs, has := githubapp.Needs(), maps.Clone(d.app.Permissions)
	if level := has["email_addresses"]; level != "" { // GitHub writes it in both ways
		delete(has, "email_addresses")
		has["emails"] = level
	}
	if d.config.Slack.On() && d.config.Slack.MatchByEmail { // of people's accounts, not of an installation
		needs = append(needs, githubapp.Need{Permission: "emails", Level: "read", Reason: "the e-mail addresses of people, to match their accounts in Slack"})
	}
	var missing, known []string
	for _, n := range needs {
		known = append(known, n.Permission)
		if !githubapp.Covers(has[n.Permission], n.Level) {
			missing = append(missing, fmt.Sprintf("%s: %s, %s", n.Permission, n.Level, n.Reason))
		}
	}
	var more []string
	for name, level := range has {
		i := slices.Index(known, name)
		if i < 0 || !githubapp.Covers(needs[i].Level, level) {
			more = append(more, name+": "+level)
		}
	}
	slices.Sort(more)
	page := d.app.SettingsPage + "/permissions"
	if len(missing) > 0 {
		d.fail("permissions", "give them to the app on "+page+", then let each installation accept", "the app lacks %s", strings.Join(missing, "; "))
	}
	if len(more) > 0 {
		d.warn("permissions", "take them away on "+page, "the app has more than is used: %s", strings.Join(more, ", "))
	}
	if len(missing)+len(more) == 0 {
		d.ok("permissions", "the app has what it needs, and nothing else")
	}
}

func (d *doctor) events() {
	var missing, known []string
	for _, l := range githubapp.Listens() {
		known = append(known, l.Event)
		always := l.Always && githubapp.Covers(d.app.Permissions["checks"], "write")
		if !always && !slices.Contains(d.app.Events, l.Event) {
			missing = append(missing, l.Event+", "+l.Reason)
		}
	}
	var more []string
	for _, event := range d.app.Events {
		if !slices.Contains(known, event) {
			more = append(more, event)
		}
	}
	page := d.app.SettingsPage + "/permissions"
	if len(missing) > 0 {
		d.fail("events", "subscribe to them on "+page, "the app does not hear of %s", strings.Join(missing, "; "))
	}
	if len(more) > 0 {
		d.warn("events", "unsubscribe on "+page, "the app hears of more than is used: %s", strings.Join(more, ", "))
	}
	if len(missing)+len(more) == 0 {
		d.ok("events", "the app hears of what it needs, and of nothing else")
	}
}
