package emulator

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
)

type treeEntry struct {
	name, mode, sha string
}

func (e treeEntry) isDir() bool       { return e.mode == "40000" }
func (e treeEntry) isSymlink() bool   { return e.mode == "120000" }
func (e treeEntry) isSubmodule() bool { return e.mode == "160000" }

// tree reads one level of a tree. The empty name is the empty tree.
func (o *objects) tree(sha string) ([]treeEntry, error) {
	if sha == "" {
		return nil, nil
	}
	obj, err := o.get(sha)
	if err != nil {
		return nil, err
	}
	if obj.kind != "tree" {
		return nil, errMissing
	}
	return parseTree(obj.data), nil
}

func parseTree(data []byte) []treeEntry {
	var entries []treeEntry
	for len(data) > 0 {
		space, end := bytes.IndexByte(data, ' '), bytes.IndexByte(data, 0)
		if space < 0 || end < space || len(data) < end+21 {
			return entries
		}
		entries = append(entries, treeEntry{
			mode: string(data[:space]),
			name: string(data[space+1 : end]),
			sha:  hex.EncodeToString(data[end+1 : end+21]),
		})
		data = data[end+21:]
	}
	return entries
}

// find walks a path down from a tree.
func (o *objects) find(tree, path string) (treeEntry, error) {
	entry := treeEntry{mode: "40000", sha: tree}
	for _, name := range strings.Split(path, "/") {
		if name == "" {
			continue
		}
		if !entry.isDir() {
			return treeEntry{}, errMissing
		}
		entries, err := o.tree(entry.sha)
		if err != nil {
			return treeEntry{}, err
		}
		i := slices.IndexFunc(entries, func(e treeEntry) bool { return e.name == name })
		if i < 0 {
			return treeEntry{}, errMissing
		}
		entry = entries[i]
	}
	return entry, nil
}

// treeChanges are the paths that differ between two trees.
type treeChanges struct {
	added, removed, modified []string
}

// diffTrees compares two trees; empty names are empty trees. Renames are a
// removal and an addition, as in push payloads.
func (o *objects) diffTrees(before, after string) (treeChanges, error) {
	d := treeChanges{added: []string{}, removed: []string{}, modified: []string{}}
	return d, o.diffInto(&d, "", before, after)
}

func (o *objects) diffInto(d *treeChanges, prefix, before, after string) error {
	if before == after {
		return nil
	}
	olds, err := o.tree(before)
	if err != nil {
		return err
	}
	news, err := o.tree(after)
	if err != nil {
		return err
	}
	old := make(map[string]treeEntry, len(olds))
	for _, e := range olds {
		old[e.name] = e
	}
	for _, e := range news {
		was, existed := old[e.name]
		delete(old, e.name)
		if err := o.diffEntry(d, prefix, was, e, existed); err != nil {
			return err
		}
	}
	for _, e := range olds {
		if _, gone := old[e.name]; !gone {
			continue
		}
		if err := o.diffEntry(d, prefix, e, treeEntry{}, true); err != nil {
			return err
		}
	}
	return nil
}

// diffEntry compares what one name was and is; no mode means it is gone.
func (o *objects) diffEntry(d *treeChanges, prefix string, was, is treeEntry, existed bool) error {
	name := prefix + is.name
	if is.mode == "" {
		name = prefix + was.name
	}
	if existed && was.sha == is.sha && was.mode == is.mode {
		return nil
	}
	oldDir, newDir := "", ""
	if was.isDir() {
		oldDir = was.sha
	}
	if is.isDir() {
		newDir = is.sha
	}
	wasFile, isFile := existed && !was.isDir(), is.mode != "" && !is.isDir()
	switch {
	case wasFile && isFile:
		d.modified = append(d.modified, name)
	case wasFile:
		d.removed = append(d.removed, name)
	case isFile:
		d.added = append(d.added, name)
	}
	return o.diffInto(d, name+"/", oldDir, newDir)
}
