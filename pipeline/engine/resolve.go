package engine

import (
	"maps"
	"slices"
	"strconv"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/shell"
)

// resolve puts values in the place of references. In commands a value is never
// pasted: it travels in a variable of its own, because branch names and titles
// are written by strangers.
func resolve(run *pipeline.Execution, definition *pipeline.Pipeline, action *pipeline.Action) error {
	var err error
	expand := func(values map[string]string) map[string]string {
		expanded := maps.Clone(values)
		for _, key := range slices.Sorted(maps.Keys(values)) {
			value, wrong := definition.Expand(run, values[key])
			if wrong != nil && err == nil {
				err = pipeline.Errorf(pipeline.Invalid, "%s: %w", key, wrong)
			}
			expanded[key] = value
		}
		return expanded
	}
	action.Configuration = expand(action.Configuration)
	action.Environment = expand(action.Environment)
	if err != nil {
		return err
	}
	return resolveCommands(run, definition, action)
}

func resolveCommands(run *pipeline.Execution, definition *pipeline.Pipeline, action *pipeline.Action) error {
	variables := map[pipeline.Reference]string{} // their names
	var missing error
	commands := slices.Clone(action.Commands)
	for i, command := range commands {
		expanded, err := shell.Expand(command, func(r pipeline.Reference) string {
			if variables[r] == "" {
				value, err := definition.Lookup(run, r)
				if err != nil {
					missing = err
				}
				variables[r] = "PENSTOCK_REFERENCE_" + strconv.Itoa(len(variables)+1)
				if action.Environment == nil {
					action.Environment = map[string]string{}
				}
				action.Environment[variables[r]] = value
			}
			return variables[r]
		})
		switch {
		case err != nil:
			return err
		case missing != nil:
			return missing
		}
		commands[i] = expanded
	}
	action.Commands = commands
	return nil
}
