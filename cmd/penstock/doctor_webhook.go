package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
)

// webhook compares where GitHub sends deliveries with where the server takes them.
func (d *doctor) webhook(ctx context.Context) {
	if d.forge == nil {
		d.skip("webhook", "GitHub cannot be asked")
		return
	}
	hook, err := d.forge.Hook(ctx)
	want, poll := d.config.URL+webhookPath, d.config.GitHub.Poll
	switch {
	case err != nil:
		d.fail("webhook", "", "%v", err)
	case hook.URL == "":
		d.fail("webhook", "switch the webhook on, and set its URL to "+want+": "+d.app.SettingsPage, "the app has none: GitHub then makes no deliveries, and lists none")
	case poll > 0:
		d.ok("webhook", "deliveries are read from GitHub every %s", poll)
	case hook.URL != want:
		d.fail("webhook", "set the webhook's URL to "+want+": "+d.app.SettingsPage, "GitHub sends deliveries to %s, and this server takes them at %s", hook.URL, want)
	case !hook.Signed:
		d.fail("webhook", "set the webhook's secret to that of github.webhookSecretFile: "+d.app.SettingsPage, "GitHub signs no deliveries, and this server takes none without a signature")
	case hook.Insecure:
		d.hooked = true
		d.warn("webhook", "enable SSL verification: "+d.app.SettingsPage, "GitHub does not look at the certificate of %s", hook.URL)
	default:
		d.hooked = true
		d.ok("webhook", "GitHub sends deliveries to %s, signed", hook.URL)
	}
}

// url asks the public address for this server, from here.
func (d *doctor) url(ctx context.Context) {
	u, err := url.Parse(d.config.URL)
	switch {
	case err != nil || u.Host == "":
		d.skip("url", "the public address is not known")
		return
	case d.offline:
		d.skip("url", "not asked (--offline)")
		return
	case !d.running:
		d.skip("url", "the server does not run")
		return
	}
	note := d.fail
	if d.config.GitHub.Poll > 0 { // for links only
		note = d.warn
	}
	status, body, err := get(ctx, d.config.URL+"/healthz")
	switch {
	case err != nil:
		note("url", "look at its name (DNS), its certificate and the proxy in front of Penstock, which passes requests on to "+d.config.Listen, "%s cannot be reached from here: %v", d.config.URL, err)
	case status != http.StatusOK || body != "ok":
		note("url", "let the proxy in front of Penstock pass requests on to "+d.config.Listen, "%s/healthz answers %d, and not as Penstock does", d.config.URL, status)
	default:
		d.ok("url", "Penstock answers at %s", d.config.URL)
	}
}

// delivery has GitHub deliver something once more that does no harm twice, and
// looks what came of it.
func (d *doctor) delivery(ctx context.Context) {
	switch {
	case d.forge == nil:
		d.skip("delivery", "GitHub cannot be asked")
		return
	case d.config.GitHub.Poll > 0:
		d.skip("delivery", "none is waited for")
		return
	case !d.running:
		d.skip("delivery", "the server does not run")
		return
	case !d.hooked:
		d.skip("delivery", "deliveries do not go to this server")
		return
	}
	list, _, err := d.forge.HookDeliveries(ctx, "")
	if err != nil {
		d.fail("delivery", "", "%v", err)
		return
	}
	before, ok := harmless(list)
	if !ok {
		d.skip("delivery", "GitHub has tried none yet, or none within three days: push something, and ask again")
		return
	}
	if err := d.forge.Redeliver(ctx, before.ID); err != nil {
		d.fail("delivery", "", "%v", err)
		return
	}
	after, err := d.attempted(ctx, before)
	if err != nil {
		d.fail("delivery", "ask again in a minute", "%v", err)
		return
	}
	d.judgeDelivery(after)
}

// harmless picks the delivery to repeat: a ping, or else one that the server has
// taken before, or else the newest. Penstock works on none twice.
func harmless(list []githubapp.HookDelivery) (githubapp.HookDelivery, bool) {
	for _, d := range list {
		if d.Event == "ping" {
			return d, true
		}
	}
	for _, d := range list {
		if d.StatusCode/100 == 2 {
			return d, true
		}
	}
	if len(list) == 0 {
		return githubapp.HookDelivery{}, false
	}
	return list[0], true
}

// attempted waits for GitHub to list a newer attempt of a delivery.
func (d *doctor) attempted(ctx context.Context, before githubapp.HookDelivery) (githubapp.HookDelivery, error) {
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	tick := time.NewTicker(d.every)
	defer tick.Stop()
	for {
		list, _, err := d.forge.HookDeliveries(ctx, "")
		if err != nil && ctx.Err() == nil {
			return before, err
		}
		for _, a := range list {
			if a.GUID == before.GUID && a.ID > before.ID {
				return a, nil
			}
		}
		select {
		case <-ctx.Done():
			return before, fmt.Errorf("GitHub was asked to deliver its %s again, and lists no attempt after %s", before.Event, d.patience)
		case <-tick.C:
		}
	}
}

func (d *doctor) judgeDelivery(a githubapp.HookDelivery) {
	proxy := "let the proxy in front of Penstock pass POST " + webhookPath + " on to " + d.config.Listen + ", headers and body as they are"
	got := fmt.Sprintf("GitHub delivered a %s to %s%s", a.Event, d.config.URL, webhookPath)
	switch code := a.StatusCode; {
	case code/100 == 2:
		d.ok("delivery", "%s, and it was taken (%d)", got, code)
	case code == 0:
		d.fail("delivery", "GitHub's machines must reach "+d.config.URL+": look at the firewall, at the name (public DNS) and at the certificate; its addresses are at "+
			d.config.GitHub.APIURL+"meta. If they never can, set PENSTOCK_GITHUB_POLL=30s", "GitHub could not hand over a %s: %s", a.Event, a.Status)
	case code == http.StatusUnauthorized:
		d.fail("delivery", "write the same secret to github.webhookSecretFile and to "+d.app.SettingsPage+", and start the server again", "%s, and its signature fits no webhook secret (401)", got)
	case code == http.StatusServiceUnavailable:
		d.fail("delivery", "the checks disk and database, and the server's log, say why", "%s, and the server takes nothing now (503)", got)
	case code == http.StatusBadGateway || code == http.StatusGatewayTimeout:
		d.fail("delivery", proxy, "%s, and the proxy in front does not reach Penstock (%d)", got, code)
	default:
		d.fail("delivery", proxy, "%s, and the answer was %d: %s", got, code, a.Status)
	}
}
