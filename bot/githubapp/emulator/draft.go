package emulator

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// commitDraft is a commit to be written without a working tree.
type commitDraft struct {
	ref       string // full name of the ref that shall point to it
	parent    string // SHA; "" for none
	committer User
	author    string // "Name <address>"; the committer when empty
	message   string
	files     map[string]string // path to whole new content
	deleted   []string
}

// writeCommit writes a commit and moves its ref there, in one git fast-import.
// Files that start with "#!" are executable. It needs no lock of GitHub's.
func (g *GitHub) writeCommit(ctx context.Context, r *repository, d commitDraft) (string, error) {
	if !validRef(d.ref) {
		return "", fmt.Errorf("ref %q is not usable", d.ref)
	}
	committer := fmt.Sprintf("%s <%s>", d.committer.Login, d.committer.Email)
	author := or(d.author, committer)
	if !strings.HasSuffix(author, ">") || !strings.Contains(author, " <") || strings.ContainsAny(author, "\n\x00") {
		return "", fmt.Errorf("author %q is not usable: write Name <address>", author)
	}
	var in bytes.Buffer
	if d.parent == "" {
		fmt.Fprintf(&in, "reset %s\n", d.ref)
	}
	fmt.Fprintf(&in, "commit %s\nauthor %s %[3]d +0000\ncommitter %[4]s %[3]d +0000\n", d.ref, author, g.now().Unix(), committer)
	writeData(&in, d.message)
	if d.parent != "" {
		fmt.Fprintf(&in, "from %s\n", d.parent)
	}
	for _, path := range d.deleted {
		fmt.Fprintf(&in, "D %s\n", path)
	}
	for _, path := range slices.Sorted(maps.Keys(d.files)) {
		if strings.ContainsAny(path, "\n\"") {
			return "", fmt.Errorf("path %q is not usable", path)
		}
		mode := "100644"
		if strings.HasPrefix(d.files[path], "#!") {
			mode = "100755"
		}
		fmt.Fprintf(&in, "M %s inline %s\n", mode, path)
		writeData(&in, d.files[path])
	}
	if _, err := g.git.run(ctx, r.dir, in.Bytes(), "fast-import", "--quiet", "--force"); err != nil {
		return "", err
	}
	sha, ok := r.refs.get(d.ref)
	if !ok {
		return "", fmt.Errorf("%s: %w", d.ref, errMissing)
	}
	return sha, nil
}

func writeData(in *bytes.Buffer, s string) { fmt.Fprintf(in, "data %d\n%s\n", len(s), s) }
