package host_test

import (
	"bytes"
	"io/fs"
	"testing"
)

// grep returns the name of a file that holds a text, or nothing.
func grep(t *testing.T, in fs.FS, text string) string {
	t.Helper()
	found := ""
	err := fs.WalkDir(in, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := fs.ReadFile(in, name)
		if bytes.Contains(content, []byte(text)) {
			found = name
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
