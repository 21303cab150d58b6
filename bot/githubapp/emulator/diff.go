package emulator

import (
	"bytes"
	"context"
	"strconv"
	"strings"
)

// fileDiff is one file of a comparison.
type fileDiff struct {
	name, previous       string
	sha                  string // of the blob after, "" when removed
	status               string // added, removed, modified, renamed
	additions, deletions int
	patch                string
}

// diff compares what head has changed since it left base: git diff base...head.
func (g *GitHub) diff(ctx context.Context, r *repository, base, head string, patches bool) ([]fileDiff, error) {
	return g.diffRange(ctx, r, patches, base+"..."+head)
}

// diffCommit compares a commit with its first parent.
func (g *GitHub) diffCommit(ctx context.Context, r *repository, c *commit) ([]fileDiff, error) {
	const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	before := emptyTree
	if len(c.parents) > 0 {
		before = c.parents[0]
	}
	return g.diffRange(ctx, r, true, before, c.sha)
}

func (g *GitHub) diffRange(ctx context.Context, r *repository, patches bool, revisions ...string) ([]fileDiff, error) {
	args := append([]string{"diff", "--raw", "--numstat", "-z", "-M", "--no-abbrev"}, revisions...)
	out, err := g.git.run(ctx, r.dir, nil, args...)
	if err != nil {
		return nil, err
	}
	files := parseDiff(out)
	if !patches || len(files) == 0 {
		return files, nil
	}
	args = append([]string{"diff", "--patch", "-M", "--no-color"}, revisions...)
	if out, err = g.git.run(ctx, r.dir, nil, args...); err != nil {
		return nil, err
	}
	for i, patch := range splitPatches(string(out)) {
		if i < len(files) {
			files[i].patch = patch
		}
	}
	return files, nil
}

// parseDiff reads git diff --raw --numstat -z: first all raw entries, then all
// numbers, in the same order.
func parseDiff(out []byte) []fileDiff {
	fields := strings.Split(string(bytes.TrimSuffix(out, []byte{0})), "\x00")
	var files []fileDiff
	i := 0
	for ; i+1 < len(fields) && strings.HasPrefix(fields[i], ":"); i += 2 {
		raw := strings.Fields(fields[i]) // :mode mode sha sha status
		if len(raw) < 5 {
			return files
		}
		f := fileDiff{name: fields[i+1], sha: raw[3], status: "modified"}
		switch raw[4][0] {
		case 'A':
			f.status = "added"
		case 'D':
			f.status, f.sha = "removed", ""
		case 'R':
			if i+2 >= len(fields) {
				return files
			}
			f.status, f.previous, f.name = "renamed", fields[i+1], fields[i+2]
			i++
		}
		files = append(files, f)
	}
	for n := range files {
		if i >= len(fields) {
			break
		}
		numbers := strings.SplitN(fields[i], "\t", 3)
		if len(numbers) == 3 {
			files[n].additions, _ = strconv.Atoi(numbers[0]) // "-" for binary files
			files[n].deletions, _ = strconv.Atoi(numbers[1])
			if numbers[2] == "" {
				i += 2 // renames name both files after the numbers
			}
		}
		i++
	}
	return files
}

// splitPatches cuts a patch into files and drops their headers, as the API does.
func splitPatches(out string) []string {
	var patches []string
	for _, part := range strings.Split("\n"+out, "\ndiff --git ")[1:] {
		if i := strings.Index(part, "\n@@ "); i >= 0 {
			patches = append(patches, strings.TrimSuffix(part[i+1:], "\n"))
		} else {
			patches = append(patches, "")
		}
	}
	return patches
}
