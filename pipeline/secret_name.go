package pipeline

import "strings"

// MaxSecretName is the most bytes of a name.
const MaxSecretName = 100

// CheckSecretName says why a text cannot be the name of a secret, which becomes a
// variable of the commands; empty if it can.
func CheckSecretName(name string) string {
	switch {
	case name == "" || len(name) > MaxSecretName:
		return "a name has 1 to 100 characters"
	case strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" || name[0] >= '0' && name[0] <= '9':
		return "a name has capital letters, digits and _, not a digit first"
	}
	for _, own := range []string{"PENSTOCK_", "CODEBUILD_", "LD_", "BASH_", "GIT_CONFIG"} {
		if strings.HasPrefix(name, own) {
			return "names that begin with " + own + " mean something already"
		}
	}
	for _, own := range []string{"PATH", "HOME", "TMPDIR", "LANG", "CI", "IFS", "ENV", "SHELL", "PWD", "PS4", "SHELLOPTS", "GIT_SSH_COMMAND", "GIT_EXEC_PATH"} {
		if name == own {
			return "this name means something already"
		}
	}
	return ""
}
