package definition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// The sizes of an action's commands.
const (
	maxCommands        = 50
	maxCommand         = 10_000
	maxOutputVariables = 15
	maxVariableName    = 128
)

// commands reads the list of commands. A command may have several lines.
func (r *reader) commands(n *node, at place) []string {
	if n.kind == kindText {
		r.bad(n, "write a list: `commands: ["+quote(firstLine(n.text))+"]`", "must be a list, one command in each entry")
		return nil
	}
	var commands []string
	for _, item := range r.elements(n, 1, maxCommands, "write `commands: [make test]`") {
		switch item.kind {
		case kindMap:
			r.mapAsCommand(item)
		case kindList:
			r.bad(item, "put the whole command in quotes", "must be text: YAML reads what begins with [ as a list")
		default:
			if s, ok := r.withReferences(item, maxCommand, at); ok {
				r.shell(item, s)
				commands = append(commands, strings.TrimRight(s, "\n"))
			}
		}
	}
	return commands
}

// shell checks that references stand where the shell can be given their values.
func (r *reader) shell(n *node, command string) {
	if err := r.checkShell(command); err != nil {
		r.bad(n, "", "%s", clean(err.Error(), 300))
	}
}

// mapAsCommand explains the trap of `- echo: foo`.
func (r *reader) mapAsCommand(n *node) {
	if len(n.fields) == 0 {
		r.bad(n, "put the whole command in quotes", "must be text: YAML reads what begins with { as a map")
		return
	}
	f := n.fields[0]
	text := f.key + ":"
	if f.value.scalar() {
		text += " " + firstLine(f.value.text)
	}
	single := "'" + strings.ReplaceAll(clean(text, 60), "'", "''") + "'"
	r.bad(n, "put the whole command in quotes: `- "+single+"`",
		"must be text: YAML reads %s as a map, because of the colon followed by a space", quote(text))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// outputVariables reads names of shell variables.
func (r *reader) outputVariables(n *node) []string {
	var names []string
	seen := map[string]bool{}
	for _, item := range r.elements(n, 1, maxOutputVariables, "write `outputVariables: [VERSION]`") {
		s, ok := r.line(item, maxVariableName)
		switch {
		case !ok:
		case !shellName(s):
			r.bad(item, "letters, digits and _, not a digit first", "%s cannot be the name of a shell variable", quote(s))
		case seen[s]:
			r.bad(item, "", "%s is named twice", quote(s))
		default:
			seen[s] = true
			names = append(names, s)
		}
	}
	return names
}

// maxSecrets is how many secrets an action may name.
const maxSecrets = 50

// secrets reads names of the operator's secrets. Whether they may be used is
// decided when the action starts.
func (r *reader) secrets(n *node, variables map[string]string) []string {
	var names []string
	for _, item := range r.elements(n, 1, maxSecrets, "write `secrets: [MODULE_TOKEN]`") {
		s, ok := r.line(item, pipeline.MaxSecretName)
		_, taken := variables[s]
		switch why := pipeline.CheckSecretName(s); {
		case !ok:
		case why != "":
			r.bad(item, "use a name that the operator has declared, such as MODULE_TOKEN", "%s cannot be the name of a secret: %s", quote(s), why)
		case slices.Contains(names, s):
			r.bad(item, "", "%s is named twice", quote(s))
		case taken:
			r.bad(item, "remove one of the two", "%s is one of the environmentVariables already", quote(s))
		default:
			names = append(names, s)
		}
	}
	return names
}

// connection reads the name of one of the operator's connections. Whether it may
// be used is decided when the action starts.
func (r *reader) connection(n *node, info pipeline.ActionTypeInfo) string {
	if len(info.Connections) == 0 && !info.NotYetSupported {
		r.bad(n, "remove it", "%s takes no connection", info.Name)
		return ""
	}
	name, ok := r.line(n, 100)
	if why := pipeline.CheckConnectionName(name); ok && why != "" {
		r.bad(n, "use a name that the operator has declared, such as aws-prod", "%s cannot be the name of a connection: %s", quote(name), why)
		return ""
	}
	return name
}

// countOf says how many there are of something: "1 artifact", "3 artifacts".
func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
