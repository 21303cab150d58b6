package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/web"
)

// setupWish is what the command line says.
type setupWish struct {
	url, organization, name, github string
	dir, data, listen, page         string
	allow                           []string
	poll                            time.Duration
	force                           bool
}

// unreachable is where the webhook of a server without an address goes: a name
// that never exists, so that no stranger gets a delivery. GitHub lists it as
// failed, and there it is read.
const unreachable = "https://penstock.invalid"

const webhookPath = "/webhooks/github"

var (
	accountForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
	allowForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(/[A-Za-z0-9._-]{1,100})?$`)
	notName     = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// plan checks what was said, as a whole. Nothing is done yet.
func (w setupWish) plan() (*setupPlan, error) {
	p := &setupPlan{setupWish: w}
	var problems []error
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	var err error
	p.site, err = githubapp.NewSite(w.github)
	if err != nil {
		note(fmt.Errorf("--github: %w", err))
	}
	note(p.checkPoll())
	public, err := p.checkURL()
	note(err)
	if w.organization != "" && !accountForm.MatchString(w.organization) {
		note(fmt.Errorf("--org: %q is not the name of an organization", w.organization))
	}
	for _, allow := range w.allow {
		if !allowForm.MatchString(allow) {
			note(fmt.Errorf("--allow: %q is not an owner or owner/repository", allow))
		}
	}
	host, _, err := net.SplitHostPort(w.listen)
	if ip, wrong := netip.ParseAddr(host); err != nil || wrong != nil || !ip.IsLoopback() {
		note(fmt.Errorf("--listen: %q is not an address of this machine itself, such as 127.0.0.1:8899: who sees the page can make the app", w.listen))
	}
	if p.dir, err = filepath.Abs(w.dir); err != nil {
		note(fmt.Errorf("--dir: %w", err))
	}
	if p.data, err = filepath.Abs(w.data); err != nil {
		note(fmt.Errorf("--data: %w", err))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	here, theirs := calls.IsLoopback(public.Hostname()), calls.IsLoopback(p.site.Hostname())
	if here && !theirs && w.poll == 0 {
		return nil, fmt.Errorf("--url: %s is this machine itself, which GitHub cannot reach: write its public address, or say --poll 30s", p.url)
	}
	if p.name == "" {
		p.name = defaultName(w.organization, public.Hostname())
	}
	if len(p.name) > githubapp.MaxAppName {
		return nil, fmt.Errorf("--name: %q is longer than GitHub's %d letters", p.name, githubapp.MaxAppName)
	}
	webhook := p.url + webhookPath // also where nobody answers: deliveries are then read from GitHub's list
	if here && !theirs {
		webhook = unreachable + webhookPath
	}
	p.manifest = githubapp.Manifest{Name: p.name, URL: p.url, Webhook: webhook, Callback: p.url + web.CallbackPath}
	return p, nil
}

func (p *setupPlan) checkPoll() error {
	if p.poll != 0 && (p.poll < time.Second || p.poll > time.Hour) {
		return errors.New("--poll: write a time from 1s to 1h, such as 30s")
	}
	return nil
}

// checkURL brings the public address into the form of settings.
func (p *setupPlan) checkURL() (*url.URL, error) {
	if p.url == "" && p.poll > 0 {
		p.url = "http://127.0.0.1:8080"
	}
	if p.url == "" {
		return nil, errors.New("--url: which address do people and GitHub reach this server at? For example --url https://penstock.example.com; " +
			"if GitHub cannot reach it, say --poll 30s")
	}
	p.url = strings.TrimRight(p.url, "/")
	u, err := url.Parse(p.url)
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("--url: %q is not a web address, such as https://penstock.example.com", p.url)
	case u.Scheme == "http" && !calls.IsLoopback(u.Hostname()):
		return nil, errors.New("--url: http shows logins and webhooks to the network: put a proxy with a certificate in front of Penstock and write https://... (docs/install.md)")
	}
	return u, nil
}

// defaultName is a name that nobody else will have taken.
func defaultName(organization, host string) string {
	name := "penstock-" + strings.Trim(notName.ReplaceAllString(strings.TrimPrefix(host, "penstock."), "-"), "-")
	if organization != "" {
		name = "penstock-" + organization
	}
	return strings.TrimRight(name[:min(len(name), githubapp.MaxAppName)], "-")
}

// The files of a configuration, the one that names the others first.
var setupNames = []string{"config.yml", "app.pem", "webhook-secret", "client-secret"}

// contents are the files' texts.
func (p *setupPlan) contents(made githubapp.NewApp) map[string]string {
	allow := p.allow
	if len(allow) == 0 {
		allow = []string{made.Owner}
	}
	var text strings.Builder
	text.WriteString("# Configuration of this Penstock server, made by `penstock setup`. What else can be\n" +
		"# set stands in configs/config.example.yml.\n")
	quoted := func(key, value string) { fmt.Fprintf(&text, "%s: %s\n", key, strconv.Quote(value)) }
	text.WriteString("listen: 127.0.0.1:8080\n")
	quoted("url", p.url)
	quoted("data", p.data)
	text.WriteString("allow:\n")
	for _, a := range allow {
		fmt.Fprintf(&text, "  - %s\n", strconv.Quote(a))
	}
	fmt.Fprintf(&text, "github:\n  appId: %d\n", made.ID)
	quoted("  privateKeyFile", filepath.Join(p.dir, "app.pem"))
	quoted("  webhookSecretFile", filepath.Join(p.dir, "webhook-secret"))
	quoted("  clientId", made.ClientID)
	quoted("  clientSecretFile", filepath.Join(p.dir, "client-secret"))
	quoted("  apiUrl", p.site.APIURL())
	if p.poll > 0 {
		quoted("  poll", p.poll.String())
	}
	return map[string]string{
		"config.yml": text.String(), "app.pem": made.PrivateKey,
		"webhook-secret": made.WebhookSecret + "\n", "client-secret": made.ClientSecret + "\n",
	}
}
