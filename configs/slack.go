package configs

import (
	"fmt"
	"strings"
)

// Slack is the app of one Slack workspace that this server is, too. The zero Slack:
// there is none.
type Slack struct {
	// BotToken is what the app speaks with: xoxb-...
	BotToken Secret
	// AppToken opens sockets, through which clicks come in: xapp-... Not set: they
	// come by HTTP only.
	AppToken Secret
	// SigningSecret is what Slack signs its requests with. Not set: none is answered.
	SigningSecret Secret
	// APIURL ends in a slash.
	APIURL string
	// MatchByEmail links accounts that have the same verified address.
	MatchByEmail bool
	// DirectMessages asks those who can vote by themselves, too.
	DirectMessages bool
	// Channels are those that may be told of something, in the order of the file.
	Channels []SlackChannel
}

// On reports whether there is a Slack app at all. Then AppToken or SigningSecret is
// set, or both.
func (s Slack) On() bool { return s.BotToken.IsSet() }

// SocketMode reports whether clicks come in through sockets that this server opens.
// By HTTP they may come then, too, if there is a signing secret.
func (s Slack) SocketMode() bool { return s.AppToken.IsSet() }

const (
	slackBotToken      = "PENSTOCK_SLACK_BOT_TOKEN"
	slackAppToken      = "PENSTOCK_SLACK_APP_TOKEN"
	slackSigningSecret = "PENSTOCK_SLACK_SIGNING_SECRET"

	whereBotToken      = "the bot token is on the app's page under OAuth & Permissions and begins with xoxb-"
	whereAppToken      = "an app-level token is made on the app's page under Basic Information, with the scope connections:write, and begins with xapp-"
	whereSigningSecret = "the signing secret is on the app's page under Basic Information"
)

// slackFiles are the files of those secrets that are not given as text.
type slackFiles struct{ botToken, appToken, signingSecret string }

func botToken(l *loader, v string) string {
	switch problem := oneWord(v); {
	case problem != "":
		return problem
	case strings.HasPrefix(v, "xapp-"):
		return "that is an app-level token, which is for " + slackAppToken + "; " + whereBotToken
	case !strings.HasPrefix(v, "xoxb-"):
		return "that is no bot token; " + whereBotToken
	}
	l.c.Slack.BotToken = NewSecret(v)
	return ""
}

func appToken(l *loader, v string) string {
	switch problem := oneWord(v); {
	case problem != "":
		return problem
	case strings.HasPrefix(v, "xoxb-"):
		return "that is a bot token, which is for " + slackBotToken + "; " + whereAppToken
	case !strings.HasPrefix(v, "xapp-"):
		return "that is no app-level token; " + whereAppToken
	}
	l.c.Slack.AppToken = NewSecret(v)
	return ""
}

func signingSecret(l *loader, v string) string {
	switch problem := oneWord(v); {
	case problem != "":
		return problem
	case strings.HasPrefix(v, "xox"), strings.HasPrefix(v, "xapp-"):
		return "that is a token and no signing secret; " + whereSigningSecret
	}
	l.c.Slack.SigningSecret = NewSecret(v)
	return ""
}

// oneWord refuses what no secret of Slack's has in it, such as a second line or quotes.
func oneWord(v string) string {
	for _, c := range v {
		if c <= ' ' || c > '~' || c == '"' || c == '\'' {
			return "there is white space, a quote or another character in it that none of Slack's secrets has"
		}
	}
	return ""
}

// slack reads the secrets of Slack, and checks that everything fits together.
func (l *loader) slack() Problems {
	var problems Problems
	s := &l.c.Slack
	for _, file := range []struct {
		variable, path string
		secret         *Secret
		take           func(*loader, string) string
	}{
		{slackBotToken, l.slackFiles.botToken, &s.BotToken, botToken},
		{slackAppToken, l.slackFiles.appToken, &s.AppToken, appToken},
		{slackSigningSecret, l.slackFiles.signingSecret, &s.SigningSecret, signingSecret},
	} {
		if problem := l.fromFile(file.variable, file.path, *file.secret, file.take); problem != "" {
			problems = append(problems, problem)
			l.broken = append(l.broken, file.variable)
		}
	}
	problems = append(problems, l.checkChannels()...)
	if l.isBroken(slackBotToken, slackAppToken, slackSigningSecret) {
		return problems // what is missing is known when they are read
	}
	switch other := s.AppToken.IsSet() || s.SigningSecret.IsSet(); {
	case !s.On() && other:
		problems = append(problems, slackBotToken+"_FILE is not set, but another secret of Slack is: the file with the bot token; "+
			whereBotToken+"; or set "+slackBotToken+" to its text")
	case !s.On() && len(s.Channels) > 0:
		c := s.Channels[0]
		problems = append(problems, fmt.Sprintf("line %d: slack.channels.%s: there is no app that could post there: set %s_FILE and %s_FILE, or remove slack.channels",
			c.Line, c.Name, slackBotToken, slackAppToken))
	case !s.On():
	case !other:
		problems = append(problems, slackAppToken+"_FILE is not set, and clicks in Slack could not come in: the file with an app-level token; "+whereAppToken+
			"; or, where Slack reaches this server, "+slackSigningSecret+"_FILE; "+whereSigningSecret)
	case s.MatchByEmail && !l.c.GitHub.Login():
		problems = append(problems, "PENSTOCK_SLACK_MATCH_BY_EMAIL needs a login through GitHub, which knows whose addresses are verified: "+
			"set PENSTOCK_GITHUB_CLIENT_ID and its secret, or remove the setting")
	default:
		l.warnOfSlack()
	}
	return problems
}

// warnOfSlack tells what an app in Slack is of little use without.
func (l *loader) warnOfSlack() {
	s := l.c.Slack
	if len(s.Channels) == 0 && !s.DirectMessages {
		l.warnings = append(l.warnings, Warning{"slack.channels", "there is no channel under slack.channels in the configuration file: nobody is asked in Slack"})
	}
	if !l.c.GitHub.Login() {
		l.warnings = append(l.warnings, Warning{"PENSTOCK_GITHUB_CLIENT_ID", "PENSTOCK_GITHUB_CLIENT_ID is not set, so there is no login: " +
			"nobody can link an account in Slack with theirs on GitHub, and nobody can answer there"})
	}
}
