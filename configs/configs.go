// Package configs is the operator's configuration: defaults, the file, the
// environment, and whether they make sense together. It never opens the
// database or the network, and a secret it holds never prints itself.
//
// A setting is looked up in this order, and the last one found counts: default,
// configuration file, environment. Secrets come from the environment or from
// files that the configuration names, never from the configuration file itself.
package configs

import (
	"net/netip"
	"runtime"
	"strings"
	"time"
)

// DefaultPath is the configuration file that is read if none is named and it is
// there.
const DefaultPath = "/etc/penstock/config.yml"

// Config is what the server is told. After Load without an error every field is
// set and valid. It is a value: copies share nothing but secrets, which do not
// change.
type Config struct {
	// Listen is the address for webhooks, pages and API: host:port.
	Listen string
	// URL is the public address of this server for links, without a slash at its end.
	URL string
	// Data is the folder of the database, artifacts, logs and jobs; absolute.
	Data string
	// GitHub is the app this server is.
	GitHub GitHub
	// Slack is the app this server is in a Slack workspace, if any. Ask On.
	Slack Slack
	// Allow lists the owners and owner/repository this server works for. Ask Allows.
	Allow []string
	// Host is how commands run on this machine.
	Host Host
	// Retention is how long finished things are kept.
	Retention Retention
	// Secrets are what actions may name, as declared; whether names and rules make
	// sense is for those to say who give them out.
	Secrets []SecretDeclaration
	// Connections are those that actions may name, as declared; likewise.
	Connections []ConnectionDeclaration
	// SecretFiles are the files that were read and that no job may see: the
	// configuration file and those of secrets.
	SecretFiles []string
	// AllowPrivate are addresses that are not public and that pipelines may ask all
	// the same, with the HTTP rule.
	AllowPrivate []netip.Prefix
	// Flag are globs of paths that approvers are pointed to, in every repository.
	Flag []string
	// CommandPrefix means that commands in comments count only in their long
	// form, /penstock approve.
	CommandPrefix bool
}

// GitHub is an installed GitHub App.
type GitHub struct {
	AppID int64
	// APIURL ends in a slash.
	APIURL string
	// PrivateKey is the app's RSA key as PEM.
	PrivateKey Secret
	// WebhookSecrets are one or, while one replaces the other, two. None if
	// deliveries are read instead of received, see Poll.
	WebhookSecrets []Secret
	// ClientID and ClientSecret let people log in to the pages with their GitHub
	// account. Both are set, or none: ask Login.
	ClientID     string
	ClientSecret Secret
	// Poll is how often the list of deliveries is read from GitHub instead of
	// waiting for webhooks; 0: webhooks arrive.
	Poll time.Duration
	// ContentLimits and PointLimits are how fast an installation's calls may follow
	// each other: those that create something people see, and all of them (one that
	// reads is a point, one that writes five). None: those of github.com.
	ContentLimits, PointLimits []Rate
}

// Binding is who may use a secret or a connection.
type Binding struct {
	Repositories []string
	Refs         []string
	Environments []string
	PullRequests bool
}

// SecretValue is where a secret value is.
type SecretValue struct {
	File     string // that holds the value; or
	Value    Secret // the value of a variable that the file names; not set if the variable is not
	Variable string // its name
}

// SecretDeclaration is a secret of the file's section secrets.
type SecretDeclaration struct {
	Name string
	SecretValue
	Binding
	Line int // of the file, where it begins
}

// ConnectionDeclaration is a connection of the file's section connections: what
// is needed to reach one system as somebody.
type ConnectionDeclaration struct {
	Name, Type string
	Settings   map[string]string      // that stand in the file
	Secrets    map[string]SecretValue // that do not
	Binding
	Line int // of the file, where it begins
}

// Host is how commands run on this machine.
type Host struct {
	// Unsandboxed allows commands to run without bubblewrap.
	Unsandboxed bool
	// ForkNetwork lets commands from forks use the network.
	ForkNetwork bool
	// Concurrency is how many run at once, at least 1.
	Concurrency int
}

// Default is the configuration before the operator has said anything.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8080",
		GitHub: GitHub{APIURL: "https://api.github.com/"},
		Slack:  Slack{APIURL: "https://slack.com/api/"},
		Host:   Host{Concurrency: runtime.NumCPU()},

		Retention: Retention{Logs: 90 * day, Artifacts: 30 * day, ArtifactBytes: 20e9},
	}
}

// Allows reports whether this server works for a repository. Owners and names
// are compared without regard to case, as GitHub does.
func (c Config) Allows(owner, name string) bool {
	if owner == "" || name == "" {
		return false
	}
	for _, a := range c.Allow {
		if strings.EqualFold(a, owner) || strings.EqualFold(a, owner+"/"+name) {
			return true
		}
	}
	return false
}

// Warning is something about the configuration that is probably not meant.
type Warning struct {
	Setting string // the variable
	Message string // a sentence for people
}

// Problems is the error of a configuration: each entry is one sentence that
// names a setting, what is wrong with it and how to set it. No entry holds a
// secret.
type Problems []string

// Error returns the sentences, one on each line.
func (p Problems) Error() string { return strings.Join(p, "\n") }
