package configs

import (
	"net/url"
	"regexp"
	"strings"
)

const clientSecretVariable = "PENSTOCK_GITHUB_CLIENT_SECRET"

// Login reports whether people log in to the pages through GitHub. Without,
// pages are shown to this machine only.
func (g GitHub) Login() bool { return g.ClientID != "" }

func clientID(l *loader, v string) string {
	if !regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`).MatchString(v) {
		return "that is not a client id; it is on the app's settings page and looks like Iv23liAbCdEfGhIjKlMn"
	}
	l.c.GitHub.ClientID = v
	return ""
}

func clientSecret(l *loader, v string) string {
	if v = strings.TrimSpace(v); strings.ContainsAny(v, " \t\r\n") {
		return "there is white space in it; a client secret is one word"
	}
	l.c.GitHub.ClientSecret = NewSecret(v)
	return ""
}

// login reads the client secret, and checks that what login needs is there.
func (l *loader) login() Problems {
	var problems Problems
	if problem := l.fromFile(clientSecretVariable, l.clientSecretFile, l.c.GitHub.ClientSecret, clientSecret); problem != "" {
		return append(problems, problem)
	}
	switch {
	case l.c.GitHub.ClientID == "" && !l.c.GitHub.ClientSecret.IsSet():
		return nil
	case l.c.GitHub.ClientID == "":
		problems = append(problems, "PENSTOCK_GITHUB_CLIENT_ID is not set, but a client secret is: the client id stands above it on the app's settings page")
	case !l.c.GitHub.ClientSecret.IsSet():
		problems = append(problems, clientSecretVariable+"_FILE is not set, but the client id is: the file with a client secret, "+
			"made on the app's settings page; or set "+clientSecretVariable+" to its text")
	}
	if u, err := url.Parse(l.c.URL); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		problems = append(problems, "PENSTOCK_URL is not encrypted, and what logs people in would travel in clear text: "+
			"put a proxy with a certificate in front and write https://..., or remove PENSTOCK_GITHUB_CLIENT_ID")
	}
	return problems
}
