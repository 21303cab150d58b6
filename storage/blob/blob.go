// Package blob keeps bundles by digest in a folder: artifacts and finished logs.
// It never looks inside a bundle, never compares it with its digest, and never
// decides how long one is kept.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/penstock-cd/penstock/pipeline"
)

// Store is a folder of bundles, one subfolder per repository. All methods may be
// called at once from many goroutines. Digests are "sha256:" and 64 lower-case
// hexadecimal digits, anything else is kind Invalid.
type Store struct {
	dir  string
	dirs sync.Mutex // held while folders are made
	age  sync.Mutex // held while a bundle is made new again or removed for its age
}

// Open makes the folder if it is missing, and removes what a crash left half
// written. The folder belongs to one process.
func Open(dir string) (*Store, error) {
	s := &Store{dir: dir}
	if err := os.MkdirAll(s.partial(), 0o700); err != nil {
		return nil, fmt.Errorf("blob folder: %w", err)
	}
	left, err := os.ReadDir(s.partial())
	for _, f := range left {
		err = errors.Join(err, os.Remove(filepath.Join(s.partial(), f.Name())))
	}
	if err != nil {
		return nil, fmt.Errorf("blob folder: %w", err)
	}
	return s, nil
}

func (s *Store) partial() string { return filepath.Join(s.dir, "partial") }

// Put stores what it reads, and returns the number of bytes. The digest is the
// caller's name for it, such as that of the canonical tar inside. When it
// returns nil the bundle is durable; on an error nothing of it is left. A bundle
// that is there already is kept and counts as new (see Sweep), and content is not
// read.
func (s *Store) Put(ctx context.Context, repositoryID int64, digest string, content io.Reader) (size int64, err error) {
	path, err := s.path(repositoryID, digest)
	if err != nil {
		return 0, err
	}
	if size, known, err := s.renew(path); known || err != nil {
		return size, err
	}
	if size, err = s.put(ctx, path, content); err != nil {
		return 0, fmt.Errorf("blob %s: put: %w", digest, err)
	}
	return size, nil
}

func (s *Store) put(ctx context.Context, path string, content io.Reader) (size int64, err error) {
	f, err := os.CreateTemp(s.partial(), "")
	if err != nil {
		return 0, err
	}
	defer func() {
		f.Close() // after a success the second close is harmless
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if size, err = io.Copy(f, untilDone{ctx, content}); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	if err := f.Close(); err != nil {
		return 0, err
	}
	if err := s.makeDir(filepath.Dir(path)); err != nil {
		return 0, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return 0, err
	}
	return size, syncDir(filepath.Dir(path))
}

// Get opens a bundle. Kind NotFound.
func (s *Store) Get(ctx context.Context, repositoryID int64, digest string) (io.ReadCloser, error) {
	path, err := s.path(repositoryID, digest)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, pipeline.Errorf(pipeline.NotFound, "blob %s is not stored", digest)
	}
	if err != nil {
		return nil, fmt.Errorf("blob %s: %w", digest, err)
	}
	return f, nil
}

// Remove deletes a bundle. It may be repeated.
func (s *Store) Remove(_ context.Context, repositoryID int64, digest string) error {
	path, err := s.path(repositoryID, digest)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob %s: remove: %w", digest, err)
	}
	return nil
}

// path is <folder>/<repository>/<first two digits>/<digits>. Nothing else than
// hexadecimal digits of the digest gets into it.
func (s *Store) path(repositoryID int64, digest string) (string, error) {
	hex, ok := strings.CutPrefix(digest, "sha256:")
	if !ok || len(hex) != 64 || strings.Trim(hex, "0123456789abcdef") != "" {
		return "", pipeline.Errorf(pipeline.Invalid, "%q is not a digest: sha256: and 64 hexadecimal digits are", digest)
	}
	if repositoryID <= 0 {
		return "", pipeline.Errorf(pipeline.Invalid, "blob %s: %d is not a repository", digest, repositoryID)
	}
	return filepath.Join(s.dir, strconv.FormatInt(repositoryID, 10), hex[:2], hex), nil
}

// makeDir makes a folder two below the store's, and its name durable, before
// anybody else sees it there.
func (s *Store) makeDir(dir string) error {
	s.dirs.Lock()
	defer s.dirs.Unlock()
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(dir)), syncDir(s.dir))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// untilDone reads until its context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

// Read reads on, or returns the context's error.
func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
