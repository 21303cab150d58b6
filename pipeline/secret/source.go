package secret

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxSize bounds a file with a secret, in bytes.
const maxSize = 64 << 10

// File is a file that holds one secret. One line end at its end does not count.
// It is read at each use, so that a new value needs no restart.
type File string

// Value reads the file. Others than its owner and group must not be able to read
// it.
func (f File) Value(context.Context) (string, error) {
	info, err := os.Stat(string(f))
	switch {
	case err != nil:
		return "", pipeline.Errorf(pipeline.Unavailable, "its file %s: %v", string(f), withoutPath(err))
	case !info.Mode().IsRegular():
		return "", pipeline.Errorf(pipeline.Unavailable, "%s is not a file", string(f))
	case info.Mode().Perm()&0o004 != 0:
		return "", pipeline.Errorf(pipeline.Unavailable, "everybody on this machine can read %s; say `chmod o-rwx`", string(f))
	case info.Size() > maxSize:
		return "", pipeline.Errorf(pipeline.Unavailable, "%s is too large for a secret", string(f))
	}
	content, err := os.ReadFile(string(f))
	if err != nil {
		return "", pipeline.Errorf(pipeline.Unavailable, "its file %s: %v", string(f), withoutPath(err))
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	switch {
	case value == "":
		return "", pipeline.Errorf(pipeline.Unavailable, "its file %s is empty", string(f))
	case strings.ContainsRune(value, 0):
		return "", pipeline.Errorf(pipeline.Unavailable, "its file %s holds a zero byte, which no variable can", string(f))
	}
	return value, nil
}

// withoutPath is a file error without the path, which is said already.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// Fixed is a value that was given when the server started, by a variable.
type Fixed string

// Value returns it.
func (f Fixed) Value(context.Context) (string, error) {
	if f == "" {
		return "", pipeline.Errorf(pipeline.Unavailable, "its variable was not set when the server started")
	}
	return string(f), nil
}
