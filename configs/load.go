package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Load reads the configuration: defaults, then the file, then the environment,
// and then checks all of it. An empty path means DefaultPath if there is such a file. The
// environment is that of os.Environ; an empty variable counts as not set.
//
// The error is a Problems with every mistake. Unknown keys of the file are
// mistakes; unknown variables that begin with PENSTOCK_ are warnings.
func Load(path string, environ []string) (Config, []Warning, error) {
	l := loader{c: Default()}
	if l.readFile(path); len(l.problems) > 0 && !l.read {
		return l.c, l.warnings, l.problems // what else is missing is known when the file can be read
	}
	l.problems = append(l.problems, l.finishDeclarations(environ)...)
	l.readEnvironment(environ)
	l.problems = append(l.problems, l.secrets()...)
	l.problems = append(l.problems, l.validate()...)
	l.problems = append(l.problems, l.login()...)
	l.problems = append(l.problems, l.slack()...)
	if len(l.problems) > 0 {
		return l.c, l.warnings, l.problems
	}
	return l.c, l.warnings, nil
}

// loader is a configuration on its way.
type loader struct {
	c                Config
	privateKeyFile   string
	secretFile       string
	clientSecretFile string
	slackFiles       slackFiles
	read             bool     // the file, if there is one
	broken           []string // variables whose value could not be taken over
	warnings         []Warning
	problems         Problems
}

// apply takes a value over and notes if that is not possible. where names the
// place of the value for people.
func (l *loader) apply(s setting, where, value string) {
	if problem := s.apply(l, strings.TrimSpace(value)); problem != "" {
		l.problems = append(l.problems, where+": "+problem)
		l.broken = append(l.broken, s.variable)
	}
}

// isBroken reports whether the value of one of some variables could not be taken over.
func (l *loader) isBroken(variables ...string) bool {
	return slices.ContainsFunc(variables, func(v string) bool { return slices.Contains(l.broken, v) })
}

func (l *loader) readFile(path string) {
	optional := path == ""
	if optional {
		path = DefaultPath
	}
	content, err := os.ReadFile(path)
	switch {
	case optional && errors.Is(err, fs.ErrNotExist):
		l.read = true
		return
	case err != nil:
		l.problems = append(l.problems, fmt.Sprintf("the configuration file %s cannot be read: %v", path, cause(err)))
		return
	}
	l.c.SecretFiles = append(l.c.SecretFiles, path)
	entries, err := parseFile(content)
	if err != nil {
		l.problems = append(l.problems, fmt.Sprintf("%s:%v", path, err))
		return
	}
	l.read = true
	known := settings()
	for _, e := range entries {
		where := fmt.Sprintf("%s:%d: %s", path, e.line, e.key)
		if problem, ok := l.declare(e); ok {
			if problem != "" {
				l.problems = append(l.problems, where+": "+problem)
			}
			continue
		}
		i := slices.IndexFunc(known, func(s setting) bool { return s.key == e.key && s.key != "" })
		switch {
		case i >= 0 && e.value != "":
			l.apply(known[i], where, e.value)
			continue
		case i >= 0, e.value == "" && isSection(e.key, known):
			continue // says nothing
		}
		l.problems = append(l.problems, where+": "+unknownKey(e.key, known))
	}
}

// isSection reports whether settings are below a key.
func isSection(key string, known []setting) bool {
	return slices.ContainsFunc(known, func(s setting) bool { return strings.HasPrefix(s.key, key+".") })
}

// unknownKey explains a key of the file that is no setting.
func unknownKey(key string, known []setting) string {
	switch key {
	case "github.privateKey":
		return "a secret does not belong to this file; name a file in github.privateKeyFile, or set PENSTOCK_GITHUB_PRIVATE_KEY"
	case "github.clientSecret":
		return "a secret does not belong to this file; name a file in github.clientSecretFile, or set " + clientSecretVariable
	case "github.webhookSecret":
		return "a secret does not belong to this file; name a file in github.webhookSecretFile, or set PENSTOCK_GITHUB_WEBHOOK_SECRET"
	case "slack.botToken":
		return "a secret does not belong to this file; name a file in slack.botTokenFile, or set " + slackBotToken
	case "slack.appToken":
		return "a secret does not belong to this file; name a file in slack.appTokenFile, or set " + slackAppToken
	case "slack.signingSecret":
		return "a secret does not belong to this file; name a file in slack.signingSecretFile, or set " + slackSigningSecret
	}
	var keys []string
	for _, s := range known {
		if s.key != "" {
			keys = append(keys, s.key)
		}
	}
	if near := nearest(key, keys); near != "" {
		return "there is no such setting; did you mean " + near + "?"
	}
	return "there is no such setting"
}

func (l *loader) readEnvironment(environ []string) {
	known := settings()
	var names []string
	for _, s := range known {
		names = append(names, s.variable)
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "PENSTOCK_") {
			continue
		}
		if i := slices.Index(names, name); i >= 0 {
			if strings.TrimSpace(value) != "" {
				l.apply(known[i], name, value)
			}
			continue
		}
		message := name + " is not a setting and has no effect"
		if near := nearest(name, names); near != "" {
			message += "; did you mean " + near + "?"
		}
		l.warnings = append(l.warnings, Warning{name, message})
	}
}

// cause is a file error without the path, which is said already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
