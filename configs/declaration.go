package configs

import (
	"fmt"
	"slices"
	"strings"
)

// declare takes one key of the sections secrets, connections and slack.channels over,
// such as secrets.NAME.file. It returns what is wrong, and false for keys of none.
func (l *loader) declare(e entry) (problem string, ok bool) {
	section, below, _ := strings.Cut(e.key, ".")
	if rest, ok := strings.CutPrefix(e.key+".", "slack.channels."); ok {
		section, below = "slack.channels", strings.TrimSuffix(rest, ".")
	}
	name, key, _ := strings.Cut(below, ".")
	declared := section == "secrets" || section == "connections" || section == "slack.channels"
	switch {
	case name == "":
		return "", declared && e.value == "" // says nothing
	case section == "secrets":
		return l.declareSecret(name, key, e), true
	case section == "connections":
		return l.declareConnection(name, key, e), true
	case section == "slack.channels":
		return l.declareChannel(name, key, e), true
	}
	return "", false
}

// declareSecret takes one key of one secret over, and returns what is wrong.
func (l *loader) declareSecret(name, key string, e entry) string {
	i := slices.IndexFunc(l.c.Secrets, func(s SecretDeclaration) bool { return s.Name == name })
	if i < 0 {
		i = len(l.c.Secrets)
		l.c.Secrets = append(l.c.Secrets, SecretDeclaration{Name: name, Line: e.line})
	}
	s := &l.c.Secrets[i]
	if problem, ok := s.Binding.take(key, e.value); ok {
		return problem
	}
	switch key {
	case "file", "env":
		s.SecretValue.take(key, e.value)
		return ""
	case "":
		return "write file or env, and repositories"
	case "value":
		return "a secret does not belong to this file; name its file, or its variable as env"
	}
	return "there is no such key; a secret has file or env, repositories, refs, environments and pullRequests"
}

// declareConnection takes one key of one connection over, and returns what is
// wrong. Which settings a type has is for those to say who use it.
func (l *loader) declareConnection(name, key string, e entry) string {
	i := slices.IndexFunc(l.c.Connections, func(c ConnectionDeclaration) bool { return c.Name == name })
	if i < 0 {
		i = len(l.c.Connections)
		l.c.Connections = append(l.c.Connections, ConnectionDeclaration{
			Name: name, Line: e.line, Settings: map[string]string{}, Secrets: map[string]SecretValue{},
		})
	}
	c := &l.c.Connections[i]
	if problem, ok := c.Binding.take(key, e.value); ok {
		return problem
	}
	setting, where, nested := strings.Cut(key, ".")
	switch {
	case key == "":
		return "write type, repositories, and what a connection of that type needs"
	case key == "type":
		c.Type = e.value
	case !nested:
		c.Settings[key] = e.value
	case where == "file" || where == "env":
		value := c.Secrets[setting]
		value.take(where, e.value)
		c.Secrets[setting] = value
	default:
		return "there is no such key; a secret setting has file or env"
	}
	return ""
}

func (v *SecretValue) take(key, value string) {
	if key == "file" {
		v.File = value
	} else {
		v.Variable = value
	}
}

// take takes a key over if it is one of a binding.
func (b *Binding) take(key, value string) (problem string, ok bool) {
	switch key {
	case "repositories":
		b.Repositories = fields(value)
	case "refs":
		b.Refs = fields(value)
	case "environments":
		b.Environments = fields(value)
	case "pullRequests":
		return boolean(&b.PullRequests, value), true
	default:
		return "", false
	}
	return "", true
}

// finishDeclarations looks at each declaration as a whole, and takes variables
// over.
func (l *loader) finishDeclarations(environ []string) Problems {
	var problems Problems
	for i := range l.c.Secrets {
		s := &l.c.Secrets[i]
		bad := func(problem string) {
			problems = append(problems, fmt.Sprintf("line %d: secrets.%s: %s", s.Line, s.Name, problem))
		}
		l.finishValue(&s.SecretValue, environ, bad)
		s.Binding.check(bad)
	}
	for i := range l.c.Connections {
		c := &l.c.Connections[i]
		bad := func(problem string) {
			problems = append(problems, fmt.Sprintf("line %d: connections.%s: %s", c.Line, c.Name, problem))
		}
		for setting, value := range c.Secrets {
			l.finishValue(&value, environ, func(problem string) { bad(setting + ": " + problem) })
			c.Secrets[setting] = value
		}
		c.Binding.check(bad)
	}
	slices.Sort(problems)
	slices.Sort(l.c.SecretFiles)
	return problems
}

func (l *loader) finishValue(v *SecretValue, environ []string, bad func(problem string)) {
	if (v.File == "") == (v.Variable == "") {
		bad("name either the file that holds it, as file, or a variable, as env")
	} else if v.File != "" {
		l.c.SecretFiles = append(l.c.SecretFiles, v.File)
	}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); name == v.Variable && v.Variable != "" {
			v.Value = NewSecret(value)
		}
	}
}

func (b Binding) check(bad func(problem string)) {
	if len(b.Repositories) == 0 {
		bad("name the repositories that may use it, as repositories: [owner/name]")
	}
	for _, r := range b.Repositories {
		if !boundRepository(r) {
			bad(fmt.Sprintf("%q is neither owner/name nor owner/*", r))
		}
	}
}

// boundRepository reports whether r is owner/name, or owner/* for all of an owner.
func boundRepository(r string) bool {
	owner, name, ok := strings.Cut(r, "/")
	return ok && owner != "" && name != "" && !strings.Contains(owner, "*") && (!strings.Contains(name, "*") || name == "*")
}
