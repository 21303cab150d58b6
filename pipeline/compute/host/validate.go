package host

import (
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

const (
	maxVariables     = 15
	maxVariableBytes = 122_880
	// maxEnvironment is what the kernel takes of one "NAME=value".
	maxEnvironment = 128<<10 - 1
)

// validate refuses what cannot be run, and what must not reach the script or the
// sandbox's arguments: names that are more than names.
func validate(t compute.Task) error {
	variableName := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	if len(t.OutputVariables) > maxVariables {
		return failure(pipeline.ConfigurationError, "at most %d output variables are allowed, not %d", maxVariables, len(t.OutputVariables))
	}
	for _, name := range t.OutputVariables {
		if !variableName.MatchString(name) {
			return failure(pipeline.ConfigurationError, "%q cannot be the name of an output variable", name)
		}
	}
	for name, value := range t.Environment {
		switch {
		case !variableName.MatchString(name):
			return failure(pipeline.ConfigurationError, "%q cannot be the name of an environment variable", name)
		case strings.ContainsRune(value, 0):
			return failure(pipeline.ConfigurationError, "environment variable %s holds a zero byte", name)
		case len(name)+1+len(value) > maxEnvironment:
			return failure(pipeline.ConfigurationError, "environment variable %s is longer than 128 KB", name)
		}
	}
	for i, command := range t.Commands {
		if strings.ContainsRune(command, 0) {
			return failure(pipeline.ConfigurationError, "command %d holds a zero byte", i+1)
		}
	}
	return validateInputs(t.Inputs)
}

func validateInputs(inputs []pipeline.Artifact) error {
	seen := map[string]string{}
	for i, artifact := range inputs {
		suffix := variableSuffix(artifact.Name)
		other, twice := seen[suffix]
		switch {
		case suffix == "" || len(suffix) > 200:
			return failure(pipeline.ConfigurationError, "%q cannot be the name of an input artifact", artifact.Name)
		case twice && i > 0:
			return failure(pipeline.ConfigurationError, "the input artifacts %s and %s would both be at $CODEBUILD_SRC_DIR_%s", other, artifact.Name, suffix)
		}
		seen[suffix] = artifact.Name
	}
	return nil
}
