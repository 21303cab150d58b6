package compute

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// PatternError is a file pattern that matches nothing, or is no pattern.
type PatternError struct {
	Pattern string
	Reason  string // a sentence for people
}

// Error returns the sentence for people.
func (e *PatternError) Error() string { return e.Reason }

// selectEntries lists what goes into a bundle, sorted by bytes, so that a
// folder comes before what it holds. It never enters a link.
func selectEntries(ctx context.Context, root *os.Root, patterns []string) ([]string, error) {
	globs := make([]string, len(patterns))
	for i, pattern := range patterns {
		globs[i] = strings.TrimSuffix(path.Clean(pattern), "/")
		if !doublestar.ValidatePattern(globs[i]) {
			return nil, &PatternError{pattern, fmt.Sprintf("%q is not a valid file pattern", pattern)}
		}
	}
	matched := make([]bool, len(globs))
	taken := map[string]bool{}
	var names []string
	err := fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name == ".":
			for i, glob := range globs {
				matched[i] = glob == "."
				taken["."] = taken["."] || matched[i]
			}
			return nil
		case entry.Name() == ".git" && entry.IsDir():
			return fs.SkipDir
		case entry.Name() == ".git":
			return nil
		}
		if len(globs) > 0 && !takes(globs, matched, name) && !taken[path.Dir(name)] {
			return nil
		}
		if entry.IsDir() {
			taken[name] = true
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if i := slices.Index(matched, false); i >= 0 {
		return nil, &PatternError{patterns[i], fmt.Sprintf("no file matches %q", patterns[i])}
	}
	slices.Sort(names)
	return names, nil
}

// takes reports whether a glob matches, and marks all that do. "out/**" takes
// what out holds; that it also matches out itself says nothing, so it counts
// only for what lies below.
func takes(globs []string, matched []bool, name string) bool {
	any := false
	for i, glob := range globs {
		if folder, ok := strings.CutSuffix(glob, "/**"); ok && doublestar.MatchUnvalidated(folder, name) {
			continue
		}
		if doublestar.MatchUnvalidated(glob, name) {
			matched[i], any = true, true
		}
	}
	return any
}
