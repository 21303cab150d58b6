package actionlog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Sweep removes logs to which nothing was written since a time and that are still
// in their files, and returns how many. Those in the blob store are not touched:
// sweep that, too. On an error it goes on with the other logs and returns all
// errors.
func (s *Store) Sweep(ctx context.Context, before time.Time) (removed int, err error) {
	dirs, err := filepath.Glob(filepath.Join(s.options.Dir, "*", "*"))
	if err != nil {
		return 0, fmt.Errorf("log folder: %w", err)
	}
	var failed []error
	for _, dir := range dirs {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		repository, err := strconv.ParseInt(filepath.Base(filepath.Dir(dir)), 10, 64)
		if err != nil {
			continue // not ours
		}
		if strings.HasSuffix(dir, asideSuffix) { // a removal that was cut off
			failed = append(failed, os.RemoveAll(dir))
			continue
		}
		a, err := s.attempt(repository, filepath.Base(dir))
		if err != nil {
			continue
		}
		gone, err := a.removeOld(ctx, before)
		if err != nil {
			failed = append(failed, fmt.Errorf("log of %s: remove: %w", a.id, err))
		}
		if gone {
			removed++
		}
	}
	return removed, errors.Join(failed...)
}

// removeOld notes that a log is no longer kept before it removes it.
func (a attempt) removeOld(ctx context.Context, before time.Time) (bool, error) {
	unlock, err := a.s.locks.lock(ctx, a.dir)
	if err != nil {
		return false, err
	}
	defer unlock()
	written, err := a.lastWritten()
	if err != nil || !written.Before(before) {
		return false, err
	}
	pos, err := a.load(ctx)
	if err != nil {
		return false, err
	}
	if pos.Digest == "" && !pos.Removed {
		pos.Ended, pos.Removed = true, true
		if err := a.save(ctx, pos); err != nil {
			return false, err
		}
		a.s.watches.signal(a.dir)
	}
	return true, a.removeFiles()
}

// lastWritten is when anything in the log's folder, or the folder, changed.
func (a attempt) lastWritten() (time.Time, error) {
	var last time.Time
	err := filepath.WalkDir(a.dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		return time.Now(), nil // somebody else removed it
	}
	return last, err
}

// notKept is the answer for a log that was removed.
func notKept() error { return pipeline.Errorf(pipeline.NotFound, "this log is no longer kept") }
