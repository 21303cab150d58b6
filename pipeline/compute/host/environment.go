package host

import (
	"maps"
	"slices"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

// environment is everything that the commands get, as NAME=value, sorted. It is
// built from nothing: no variable of the server is in it but PATH. f is the
// task's folder as the commands see it.
func (h *Host) environment(t compute.Task, f folder) []string {
	env := map[string]string{
		"PATH":   h.opt.Path,
		"LANG":   "C.UTF-8",
		"HOME":   f.path("home"),
		"TMPDIR": f.path("tmp"),
		"CI":     "true",
	}
	if h.sandbox != nil {
		env["TMPDIR"] = "/tmp"
	}
	maps.Copy(env, t.Secrets)
	maps.Copy(env, t.Environment)
	env["CODEBUILD_SRC_DIR"] = f.work()
	for i, artifact := range t.Inputs {
		if i > 0 {
			env["CODEBUILD_SRC_DIR_"+variableSuffix(artifact.Name)] = f.input(artifact.Name)
		}
	}
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}
