package condition

import (
	"strings"

	"cel.dev/cel-go/cel"
)

// Name is a name that expressions know.
type Name struct{ Name, Type, About string }

// Names returns all of them, in the order of the reference.
func Names() []Name {
	return []Name{
		{"event", "text", "what started the run: `push`, `pull_request`, `merge_group`, `schedule`, `manual`, `comment`, `retry`, `rollback` or `api`"},
		{"branch", "text", "the branch of the run; of a pull request: the one it comes from; empty for a tag"},
		{"tag", "text", "the tag that was pushed, or empty"},
		{"ref", "text", "the full ref: `refs/heads/main`, `refs/tags/v1`, `refs/pull/7/head`"},
		{"sha", "text", "the commit, 40 hexadecimal digits"},
		{"message", "text", "the commit's message"},
		{"author", "text", "who wrote the commit: a login, or a name if the forge knows none"},
		{"actor", "text", "the login of whoever started the run"},
		{"pipeline", "text", "the name of the pipeline"},
		{"stage", "text", "the name of the stage that is to be entered"},
		{"pullRequest.number", "number", "0 if the run has no pull request"},
		{"pullRequest.base", "text", "the branch that the pull request is to be merged into"},
		{"pullRequest.head", "text", "the branch that it comes from"},
		{"pullRequest.title", "text", "its title"},
		{"pullRequest.labels", "list of text", "its labels"},
		{"pullRequest.draft", "`true`, `false`", "whether it is a draft"},
		{"variables", "map to text", "the run's values of the pipeline's variables"},
		{"files", "list of text", "the paths that the change touches; where they are not known there is no answer"},
	}
}

// texts are the names that stand for a text.
func texts() []cel.EnvOption {
	var options []cel.EnvOption
	for _, n := range Names() {
		if n.Type == "text" && !strings.Contains(n.Name, ".") {
			options = append(options, cel.Variable(n.Name, cel.StringType))
		}
	}
	return options
}
