package definition

import (
	"path"
	"slices"
	"strings"
)

// Files returns those of the paths that are pipeline files, sorted: .penstock.yml
// and .penstock.json at the root, and *.yml and *.json directly in .penstock.
// Paths are relative to the repository's root with forward slashes.
func Files(paths []string) []string {
	var files []string
	for _, p := range paths {
		if IsFile(p) {
			files = append(files, p)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// IsFile reports whether a path is that of a pipeline file.
func IsFile(p string) bool {
	dir, base := path.Split(p)
	ext := path.Ext(base)
	switch {
	case ext != ".yml" && ext != ".json":
		return false
	case dir == ".penstock/":
		return base != ext
	default:
		return dir == "" && base == ".penstock"+ext
	}
}

// Misnamed tells of a path that looks like a pipeline file and is not read, and
// how it would have to be named: .yaml instead of .yml.
func Misnamed(p string) (rename string, misnamed bool) {
	stem, ok := strings.CutSuffix(p, ".yaml")
	if !ok || !IsFile(stem+".yml") {
		return "", false
	}
	return stem + ".yml", true
}

// defaultName is the name of a pipeline whose file does not say one.
func defaultName(file string) string {
	base := path.Base(strings.ReplaceAll(file, "\\", "/"))
	base = strings.TrimSuffix(base, path.Ext(base))
	switch base {
	case "", ".", "-", "stdin", ".penstock", ".yml", ".json":
		return "pipeline"
	}
	return base
}
