package blob

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Sweep says what Store.Sweep removes.
type Sweep struct {
	// Before: bundles that were last stored before this time go.
	Before time.Time
	// MaxBytes: when all bundles together are larger, the oldest go until they are
	// not; 0: any size.
	MaxBytes int64
	// Keep names bundles that stay, whatever their age and size; nil: none.
	Keep func(repositoryID int64, digest string) bool
}

// Swept is what was removed, and what is there after it.
type Swept struct {
	Removed      int
	RemovedBytes int64
	Left         int
	LeftBytes    int64
}

// bundle is one file of the store.
type bundle struct {
	path       string
	repository int64
	digest     string
	size       int64
	stored     time.Time
}

// Sweep removes bundles by age and size, the oldest first. Storing a bundle that
// is there already makes it new again, also while Sweep is at work. On an error it
// goes on with the other bundles and returns all errors.
func (s *Store) Sweep(ctx context.Context, sweep Sweep) (Swept, error) {
	bundles, err := s.bundles(ctx)
	if err != nil {
		return Swept{}, fmt.Errorf("blob folder: %w", err)
	}
	slices.SortFunc(bundles, func(a, b bundle) int {
		return cmp.Or(a.stored.Compare(b.stored), cmp.Compare(a.path, b.path))
	})
	var done Swept
	for _, b := range bundles {
		done.Left++
		done.LeftBytes += b.size
	}
	var failed []error
	for _, b := range bundles {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		old := b.stored.Before(sweep.Before)
		large := sweep.MaxBytes > 0 && done.LeftBytes > sweep.MaxBytes
		if !old && !large {
			break // the others are newer
		}
		if sweep.Keep != nil && sweep.Keep(b.repository, b.digest) {
			continue
		}
		removed, err := s.removeUnchanged(b)
		failed = append(failed, err)
		if removed {
			done.Removed++
			done.RemovedBytes += b.size
			done.Left--
			done.LeftBytes -= b.size
		}
	}
	return done, errors.Join(failed...)
}

// removeUnchanged removes a bundle unless it was stored again meanwhile.
func (s *Store) removeUnchanged(b bundle) (bool, error) {
	s.age.Lock()
	defer s.age.Unlock()
	info, err := os.Stat(b.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Equal(b.stored) {
		return false, nil
	}
	if err == nil {
		err = os.Remove(b.path)
	}
	if err != nil {
		return false, fmt.Errorf("blob %s: remove: %w", b.digest, err)
	}
	return true, nil
}

// renew makes a bundle that is there as young as a new one.
func (s *Store) renew(path string) (size int64, ok bool, err error) {
	s.age.Lock()
	defer s.age.Unlock()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	now := time.Now()
	return info.Size(), true, os.Chtimes(path, now, now)
}

// bundles lists what is in the store; a file that is no bundle is not ours.
func (s *Store) bundles(ctx context.Context) ([]bundle, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, "*", "??", "*"))
	if err != nil {
		return nil, err
	}
	var list []bundle
	for _, path := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		repository, err := strconv.ParseInt(filepath.Base(filepath.Dir(filepath.Dir(path))), 10, 64)
		digest := "sha256:" + filepath.Base(path)
		if own, wrong := s.path(repository, digest); err != nil || wrong != nil || own != path {
			continue
		}
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, bundle{path, repository, digest, info.Size(), info.ModTime()})
	}
	return list, nil
}
