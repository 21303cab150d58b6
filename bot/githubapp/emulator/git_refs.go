package emulator

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// refStore reads and writes the refs of a bare repository as files, the way git
// keeps them: loose files first, then packed-refs. It needs no lock of ours;
// writing takes git's own.
type refStore struct{ dir string }

type ref struct{ name, sha string }

// get answers what a full ref name points to.
func (s refStore) get(name string) (string, bool) {
	if !validRef(name) {
		return "", false
	}
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err == nil {
		if sha := strings.TrimSpace(string(data)); isSHA(sha) {
			return sha, true
		}
		return "", false
	}
	sha, ok := s.packed()[name]
	return sha, ok
}

// list answers the refs below a prefix such as "refs/heads/", sorted by name.
func (s refStore) list(prefix string) []ref {
	found := map[string]string{}
	for name, sha := range s.packed() {
		if strings.HasPrefix(name, prefix) {
			found[name] = sha
		}
	}
	_ = filepath.WalkDir(filepath.Join(s.dir, prefix), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".lock") {
			return nil
		}
		name, err := filepath.Rel(s.dir, path)
		if err != nil {
			return nil
		}
		if data, err := os.ReadFile(path); err == nil {
			if sha := strings.TrimSpace(string(data)); isSHA(sha) {
				found[filepath.ToSlash(name)] = sha
			}
		}
		return nil
	})
	refs := make([]ref, 0, len(found))
	for name, sha := range found {
		refs = append(refs, ref{name, sha})
	}
	slices.SortFunc(refs, func(a, b ref) int { return strings.Compare(a.name, b.name) })
	return refs
}

func (s refStore) packed() map[string]string {
	file, err := os.Open(filepath.Join(s.dir, "packed-refs"))
	if err != nil {
		return nil
	}
	defer file.Close()
	refs := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if sha, name, ok := strings.Cut(lines.Text(), " "); ok && isSHA(sha) {
			refs[name] = sha
		}
	}
	return refs
}

// set points a ref at a commit.
func (s refStore) set(name, sha string) error {
	if !validRef(name) || !isSHA(sha) {
		return fmt.Errorf("ref %s cannot be %s", name, sha)
	}
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("ref %s: %w", name, err)
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("ref %s: %w", name, err)
	}
	_, err = lock.WriteString(sha + "\n")
	if err = errors.Join(err, lock.Close()); err == nil {
		err = os.Rename(lock.Name(), path)
	}
	if err != nil {
		_ = os.Remove(lock.Name())
		return fmt.Errorf("ref %s: %w", name, err)
	}
	return nil
}

// validRef keeps names inside refs/ and within git's rules as far as files care.
func validRef(name string) bool {
	if !strings.HasPrefix(name, "refs/") || strings.HasSuffix(name, "/") || strings.HasSuffix(name, ".lock") {
		return false
	}
	if strings.Contains(name, "..") || strings.Contains(name, "//") || strings.Contains(name, "/.") {
		return false
	}
	return !strings.ContainsAny(name, " ~^:?*[\\\x7f\x00\n\r\t")
}
