package configs

import (
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"time"
)

// setting is one thing the operator can say: its variable, its key in the file
// (empty: environment only), and how its text is taken over. apply returns what
// is wrong with the text, without repeating secrets.
type setting struct {
	variable, key string
	apply         func(l *loader, value string) (problem string)
}

// settings are all settings. Checks that need other settings, or that a setting
// is there at all, are in validate.
func settings() []setting {
	return []setting{
		{"PENSTOCK_LISTEN", "listen", func(l *loader, v string) string { l.c.Listen = v; return "" }},
		{"PENSTOCK_URL", "url", func(l *loader, v string) string { l.c.URL = v; return "" }},
		{"PENSTOCK_DATA", "data", func(l *loader, v string) string { l.c.Data = v; return "" }},
		{"PENSTOCK_ALLOW", "allow", func(l *loader, v string) string { l.c.Allow = fields(v); return "" }},
		{"PENSTOCK_GITHUB_APP_ID", "github.appId", appID},
		{"PENSTOCK_GITHUB_PRIVATE_KEY", "", privateKey},
		{"PENSTOCK_GITHUB_PRIVATE_KEY_FILE", "github.privateKeyFile", func(l *loader, v string) string { l.privateKeyFile = v; return "" }},
		{"PENSTOCK_GITHUB_WEBHOOK_SECRET", "", webhookSecret},
		{"PENSTOCK_GITHUB_WEBHOOK_SECRET_FILE", "github.webhookSecretFile", func(l *loader, v string) string { l.secretFile = v; return "" }},
		{"PENSTOCK_GITHUB_CLIENT_ID", "github.clientId", clientID},
		{clientSecretVariable, "", clientSecret},
		{clientSecretVariable + "_FILE", "github.clientSecretFile", func(l *loader, v string) string { l.clientSecretFile = v; return "" }},
		{"PENSTOCK_GITHUB_API_URL", "github.apiUrl", func(l *loader, v string) string { l.c.GitHub.APIURL = v; return "" }},
		{"PENSTOCK_GITHUB_POLL", "github.poll", poll},
		{"PENSTOCK_GITHUB_CONTENT_LIMITS", "github.contentLimits", func(l *loader, v string) string { return rates(&l.c.GitHub.ContentLimits, v) }},
		{"PENSTOCK_GITHUB_POINT_LIMITS", "github.pointLimits", func(l *loader, v string) string { return rates(&l.c.GitHub.PointLimits, v) }},
		{"PENSTOCK_HOST_UNSANDBOXED", "host.unsandboxed", func(l *loader, v string) string { return boolean(&l.c.Host.Unsandboxed, v) }},
		{"PENSTOCK_HOST_CONCURRENCY", "host.concurrency", concurrency},
		{"PENSTOCK_HOST_FORK_NETWORK", "host.forkNetwork", func(l *loader, v string) string { return boolean(&l.c.Host.ForkNetwork, v) }},
		{"PENSTOCK_RETENTION_LOGS", "retention.logs", func(l *loader, v string) string { return keepFor(&l.c.Retention.Logs, v) }},
		{"PENSTOCK_RETENTION_ARTIFACTS", "retention.artifacts", func(l *loader, v string) string { return keepFor(&l.c.Retention.Artifacts, v) }},
		{"PENSTOCK_RETENTION_ARTIFACT_SIZE", "retention.artifactSize", func(l *loader, v string) string { return keepBytes(&l.c.Retention.ArtifactBytes, v) }},
		{"PENSTOCK_COMMAND_PREFIX", "commandPrefix", func(l *loader, v string) string { return boolean(&l.c.CommandPrefix, v) }},
		{"PENSTOCK_DATABASE_URL", "databaseUrl", unsupported("the database is in the data folder")},
		{"PENSTOCK_BLOB_URL", "blobUrl", unsupported("artifacts and logs are in the data folder")},
		{slackBotToken, "", botToken},
		{slackBotToken + "_FILE", "slack.botTokenFile", func(l *loader, v string) string { l.slackFiles.botToken = v; return "" }},
		{slackAppToken, "", appToken},
		{slackAppToken + "_FILE", "slack.appTokenFile", func(l *loader, v string) string { l.slackFiles.appToken = v; return "" }},
		{slackSigningSecret, "", signingSecret},
		{slackSigningSecret + "_FILE", "slack.signingSecretFile", func(l *loader, v string) string { l.slackFiles.signingSecret = v; return "" }},
		{"PENSTOCK_SLACK_API_URL", "slack.apiUrl", func(l *loader, v string) string { l.c.Slack.APIURL = v; return "" }},
		{"PENSTOCK_SLACK_MATCH_BY_EMAIL", "slack.matchByEmail", func(l *loader, v string) string { return boolean(&l.c.Slack.MatchByEmail, v) }},
		{"PENSTOCK_SLACK_DIRECT_MESSAGES", "slack.directMessages", func(l *loader, v string) string { return boolean(&l.c.Slack.DirectMessages, v) }},
		{"PENSTOCK_ALLOW_PRIVATE", "allowPrivate", allowPrivate},
		{"PENSTOCK_FLAG", "flag", flag},
		// For the client verbs; nothing to the server.
		{"PENSTOCK_SERVER", "", func(*loader, string) string { return "" }},
		{"PENSTOCK_TOKEN", "", func(*loader, string) string { return "" }},
	}
}

func unsupported(instead string) func(*loader, string) string {
	return func(*loader, string) string {
		return "not supported in this version; " + instead + ", remove the setting"
	}
}

// fields splits a list at commas and white space.
func fields(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
}

func boolean(to *bool, v string) string {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "true":
		*to = true
	case "false":
		*to = false
	default:
		return strconv.Quote(v) + " is neither true nor false"
	}
	return ""
}

func appID(l *loader, v string) string {
	id, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil || id <= 0 {
		return strconv.Quote(v) + " is not the number of a GitHub App; it is on the app's settings page"
	}
	l.c.GitHub.AppID = id
	return ""
}

// allowPrivate reads addresses and networks.
func allowPrivate(l *loader, v string) string {
	l.c.AllowPrivate = nil
	for _, word := range fields(v) {
		network, err := netip.ParsePrefix(word)
		if address, wrong := netip.ParseAddr(word); wrong == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return strconv.Quote(word) + " is not an address or a network, such as 10.1.2.3 or 10.0.0.0/8"
		}
		l.c.AllowPrivate = append(l.c.AllowPrivate, network.Masked())
	}
	return ""
}

// maxFlag is how many globs of paths may be flagged.
const maxFlag = 100

// flag reads globs of paths.
func flag(l *loader, v string) string {
	l.c.Flag = fields(v)
	if len(l.c.Flag) > maxFlag {
		return fmt.Sprintf("%d globs; the limit is %d", len(l.c.Flag), maxFlag)
	}
	for _, glob := range l.c.Flag {
		if _, err := path.Match(strings.ReplaceAll(glob, "**", "*"), ""); err != nil || strings.HasPrefix(glob, "/") {
			return strconv.Quote(glob) + " is not a glob of paths from the root of a repository, such as infra/** or **/*.sql"
		}
	}
	return ""
}

const minPoll, maxPoll = time.Second, time.Hour

func poll(l *loader, v string) string {
	d, err := time.ParseDuration(v)
	if err != nil || d < minPoll || d > maxPoll {
		return strconv.Quote(v) + " is not a time from 1s to 1h, such as 30s"
	}
	l.c.GitHub.Poll = d
	return ""
}

const maxConcurrency = 1000

func concurrency(l *loader, v string) string {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < 1 || n > maxConcurrency {
		return strconv.Quote(v) + " is not a number from 1 to " + strconv.Itoa(maxConcurrency)
	}
	l.c.Host.Concurrency = n
	return ""
}

// privateKey takes PEM over; files of variables often hold \n for its line ends.
func privateKey(l *loader, v string) string {
	if !strings.Contains(v, "\n") {
		v = strings.ReplaceAll(v, `\n`, "\n")
	}
	l.c.GitHub.PrivateKey = NewSecret(v)
	return ""
}

// webhookSecret takes one secret over, or two with white space between them.
func webhookSecret(l *loader, v string) string {
	words := strings.Fields(v)
	if len(words) > 2 {
		return "there are " + strconv.Itoa(len(words)) + " secrets; one, or an old and a new one with a space between them, can be given"
	}
	l.c.GitHub.WebhookSecrets = nil
	for _, w := range words {
		l.c.GitHub.WebhookSecrets = append(l.c.GitHub.WebhookSecrets, NewSecret(w))
	}
	return ""
}
