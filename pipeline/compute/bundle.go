package compute

import (
	"fmt"
	"os"
	"path"
	"strings"
)

// A bundle is how files travel from action to action: a canonical tar,
// compressed with zstd. Canonical means that the same files always give the
// same bytes: entries are sorted by name, times are zero, owners are 0, modes
// are 0755 or 0644, and nothing but folders, regular files and links that stay
// inside is in it. Its digest is that of the tar, so another compressor or
// another level changes nothing.

// DigestPrefix starts every digest of a bundle.
const DigestPrefix = "sha256:"

// Limits bound what Unpack takes from an archive. Zero fields mean the defaults.
type Limits struct {
	Bytes   int64 // of all regular files together; default 20 GB
	Entries int   // folders, files and links together; default 2,000,000
}

const (
	defaultBytes   = 20 << 30
	defaultEntries = 2_000_000
	// maxName bounds the length of an entry's name and of a link's target.
	maxName = 4096
)

func (l Limits) withDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = defaultBytes
	}
	if l.Entries == 0 {
		l.Entries = defaultEntries
	}
	return l
}

// openRoot opens a folder, but not through a link that was put in its place.
func openRoot(dir string) (*os.Root, error) {
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &EntryError{dir, "the working folder was replaced by something else"}
	}
	return os.OpenRoot(dir)
}

// checkLink says why a link may not be in a bundle. A target may climb with
// leading ".." as far as the top of the tree, and then only descend. So every
// link that is allowed leads to a place inside, also through other links: each
// of them starts inside and ends inside.
func checkLink(name, target string) error {
	if target == "" || len(target) > maxName || strings.ContainsRune(target, 0) {
		return fmt.Errorf("link %s: its target is empty or too long", name)
	}
	if path.IsAbs(target) {
		return fmt.Errorf("link %s leads to the absolute path %s; links in artifacts must be relative", name, target)
	}
	depth := strings.Count(name, "/")
	descending := false
	for part := range strings.SplitSeq(target, "/") {
		switch {
		case part == "" || part == ".":
		case part != "..":
			descending = true
		case descending || depth == 0:
			return fmt.Errorf("link %s leads out of the folder or through another link: %s", name, target)
		default:
			depth--
		}
	}
	return nil
}
