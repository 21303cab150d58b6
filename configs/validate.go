package configs

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// validate checks what has been said as a whole, and brings addresses and paths
// into the form that Config promises. A setting that was told to be wrong
// already is not told to be missing.
func (l *loader) validate() Problems {
	var problems Problems
	check := func(variable, problem string) {
		if problem != "" && !slices.Contains(l.broken, variable) {
			problems = append(problems, problem)
		}
	}
	check("PENSTOCK_LISTEN", checkListen(l.c.Listen))
	check("PENSTOCK_URL", checkURL(&l.c.URL))
	check("PENSTOCK_DATA", checkData(&l.c.Data))
	check("PENSTOCK_GITHUB_API_URL", checkAPIURL("PENSTOCK_GITHUB_API_URL", &l.c.GitHub.APIURL,
		"write https://api.github.com/, or https://HOST/api/v3/ for GitHub Enterprise Server"))
	check("PENSTOCK_SLACK_API_URL", checkAPIURL("PENSTOCK_SLACK_API_URL", &l.c.Slack.APIURL, "leave it out for https://slack.com/api/"))
	if l.c.GitHub.AppID == 0 {
		check("PENSTOCK_GITHUB_APP_ID",
			"PENSTOCK_GITHUB_APP_ID is not set: the number of the GitHub App, from its settings page, for example PENSTOCK_GITHUB_APP_ID=123456")
	}
	if len(l.c.GitHub.WebhookSecrets) == 0 && l.secretFile == "" && l.c.GitHub.Poll == 0 {
		check("PENSTOCK_GITHUB_WEBHOOK_SECRET",
			"PENSTOCK_GITHUB_WEBHOOK_SECRET is not set: the secret that GitHub signs webhooks with, the same as in the app's settings; make one with `openssl rand -hex 32`")
	}
	check("PENSTOCK_ALLOW", checkAllow(l.c.Allow))
	return problems
}

func checkListen(v string) string {
	const how = "write host:port, for example PENSTOCK_LISTEN=127.0.0.1:8080"
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Sprintf("PENSTOCK_LISTEN: %q is not an address; %s", v, how)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Sprintf("PENSTOCK_LISTEN: %q is not a port; %s", port, how)
	}
	return ""
}

func checkURL(v *string) string {
	const how = "the public address of this server, for links, for example PENSTOCK_URL=https://penstock.example.com"
	if *v == "" {
		return "PENSTOCK_URL is not set: " + how
	}
	u, err := url.Parse(*v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "PENSTOCK_URL is not a web address; it is " + how
	}
	*v = strings.TrimRight(*v, "/")
	return ""
}

func checkData(v *string) string {
	const how = "the folder for the database, artifacts, logs and jobs, for example PENSTOCK_DATA=/var/lib/penstock"
	if *v == "" {
		return "PENSTOCK_DATA is not set: " + how
	}
	abs, err := filepath.Abs(*v)
	if err != nil {
		return fmt.Sprintf("PENSTOCK_DATA: %q cannot be made an absolute path: %v", *v, err)
	}
	*v = abs
	if info, err := os.Stat(abs); err == nil && !info.IsDir() {
		return fmt.Sprintf("PENSTOCK_DATA: %s is not a folder; it is %s", abs, how)
	}
	return ""
}

// checkAPIURL brings an address that tokens travel to into its form; how says what to
// write.
func checkAPIURL(variable string, v *string, how string) string {
	u, err := url.Parse(*v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return variable + " is not a web address; " + how
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return variable + " is not encrypted, and tokens would travel in clear text; " + how
	}
	if !strings.HasSuffix(*v, "/") {
		*v += "/"
	}
	return ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func checkAllow(allow []string) string {
	const how = "owners or owner/repository this server works for, with commas between them, for example PENSTOCK_ALLOW=acme,octocat/hello"
	if len(allow) == 0 {
		return "PENSTOCK_ALLOW is not set: " + how
	}
	form := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(/[A-Za-z0-9._-]{1,100})?$`)
	var bad []string
	for _, a := range allow {
		if !form.MatchString(a) || strings.HasSuffix(a, "/.") || strings.HasSuffix(a, "/..") {
			bad = append(bad, strconv.Quote(a))
		}
	}
	if len(bad) > 0 {
		return "PENSTOCK_ALLOW: " + strings.Join(bad, ", ") + " is not an owner or owner/repository; it lists " + how
	}
	return ""
}
