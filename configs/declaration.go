package configs

import (
	"fmt"
	"slices"
	"strings"
)

// secretKey takes a key of the section secrets apart: secrets.NAME.file.
func secretKey(key string) (name, rest string, ok bool) {
	below, ok := strings.CutPrefix(key, "secrets.")
	if !ok {
		return "", "", false
	}
	name, rest, _ = strings.Cut(below, ".")
	return name, rest, true
}

// declareSecret takes one key of one secret over, and returns what is wrong.
func (l *loader) declareSecret(name, key string, e entry) string {
	i := slices.IndexFunc(l.c.Secrets, func(s SecretDeclaration) bool { return s.Name == name })
	if i < 0 {
		i = len(l.c.Secrets)
		l.c.Secrets = append(l.c.Secrets, SecretDeclaration{Name: name, Line: e.line})
	}
	s := &l.c.Secrets[i]
	switch key {
	case "file":
		s.File = e.value
	case "env":
		s.Variable = e.value
	case "repositories":
		s.Repositories = fields(e.value)
	case "refs":
		s.Refs = fields(e.value)
	case "environments":
		s.Environments = fields(e.value)
	case "pullRequests":
		return boolean(&s.PullRequests, e.value)
	case "":
		return "write file or env, and repositories"
	case "value":
		return "a secret does not belong to this file; name its file, or its variable as env"
	default:
		return "there is no such key; a secret has file or env, repositories, refs, environments and pullRequests"
	}
	return ""
}

// finishSecrets looks at each declaration as a whole, and takes variables over.
func (l *loader) finishSecrets(environ []string) Problems {
	var problems Problems
	for i := range l.c.Secrets {
		s := &l.c.Secrets[i]
		bad := func(format string, args ...any) {
			problems = append(problems, fmt.Sprintf("line %d: secrets.%s: %s", s.Line, s.Name, fmt.Sprintf(format, args...)))
		}
		switch {
		case (s.File == "") == (s.Variable == ""):
			bad("name either the file that holds it, as file, or a variable, as env")
		case s.File != "":
			l.c.SecretFiles = append(l.c.SecretFiles, s.File)
		}
		if len(s.Repositories) == 0 {
			bad("name the repositories that may use it, as repositories: [owner/name]")
		}
		for _, r := range s.Repositories {
			if owner, name, ok := strings.Cut(r, "/"); !ok || owner == "" || name == "" || strings.Contains(owner, "*") || strings.Contains(name, "*") && name != "*" {
				bad("%q is neither owner/name nor owner/*", r)
			}
		}
		for _, entry := range environ {
			if name, value, _ := strings.Cut(entry, "="); name == s.Variable && s.Variable != "" {
				s.Value = NewSecret(value)
			}
		}
	}
	return problems
}
