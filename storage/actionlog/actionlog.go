// Package actionlog keeps what actions print, while they print it, and lets it
// be read line by line, live too. It never masks secrets, never limits what is
// kept, and never decides when a log is removed.
//
// While an attempt runs, its lines are appended to files (segments) in a folder
// of its own; the database holds how much of them counts. File data is durable
// before the database says so, and whatever a file has beyond that is cut off by
// the next Append: a line is there exactly once, however often the process is
// killed. A finished log becomes one compressed bundle in the blob store.
package actionlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Records keeps a small record per attempt, durable when it returns.
type Records interface {
	LogRecord(ctx context.Context, repositoryID int64, attemptID string) ([]byte, error)
	SaveLogRecord(ctx context.Context, repositoryID int64, attemptID string, record []byte) error
}

// Blobs keeps finished logs.
type Blobs interface {
	Put(ctx context.Context, repositoryID int64, digest string, content io.Reader) (int64, error)
	Get(ctx context.Context, repositoryID int64, digest string) (io.ReadCloser, error)
}

// Options say where logs are kept.
type Options struct {
	Dir     string // folder of the segments
	Records Records
	Blobs   Blobs // nil: finished logs stay in their files
	// Logger gets what does not concern the caller. Nil: slog.Default().
	Logger *slog.Logger
	// SegmentSize is how large a file grows, in bytes; 0: 4 MiB.
	SegmentSize int64
}

// Store holds the logs of all attempts. All methods may be called at once from
// many goroutines; appends to one log wait for each other.
type Store struct {
	options Options
	locks   locks
	watches watches
}

// Open makes the folder if it is missing. The folder belongs to one process.
func Open(options Options) (*Store, error) {
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("log folder: %w", err)
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.SegmentSize <= 0 {
		options.SegmentSize = 4 << 20
	}
	return &Store{options: options}, nil
}

// position is the record of a log: how much of it counts.
type position struct {
	V       int    `json:"v"`
	Offset  int64  `json:"offset"`  // bytes of the task's raw output that are covered
	Lines   int64  `json:"lines"`   // in all
	Segment int64  `json:"segment"` // number of the last file's first line
	Size    int64  `json:"size"`    // bytes of the last file
	Ended   bool   `json:"ended,omitempty"`
	Digest  string `json:"digest,omitempty"`  // of the whole text, if it is in the blob store
	Removed bool   `json:"removed,omitempty"` // it was in files and is no longer kept
}

// attempt is one log.
type attempt struct {
	s          *Store
	repository int64
	id         string
	dir        string
}

// attempt checks the ids, of which a path is made.
func (s *Store) attempt(repositoryID int64, attemptID string) (attempt, error) {
	if repositoryID <= 0 || attemptID == "" || len(attemptID) > 64 || strings.Trim(attemptID, "0123456789abcdef-") != "" {
		return attempt{}, pipeline.Errorf(pipeline.Invalid, "log: %q in repository %d is not an attempt", attemptID, repositoryID)
	}
	dir := filepath.Join(s.options.Dir, strconv.FormatInt(repositoryID, 10), attemptID)
	return attempt{s, repositoryID, attemptID, dir}, nil
}

func (a attempt) load(ctx context.Context) (position, error) {
	pos := position{V: 1}
	record, err := a.s.options.Records.LogRecord(ctx, a.repository, a.id)
	if err != nil || record == nil {
		return pos, err
	}
	if err := json.Unmarshal(record, &pos); err != nil {
		return pos, fmt.Errorf("log of %s: record: %w", a.id, err)
	}
	return pos, nil
}

// save notes the position. It is not cut short by the end of the context: an
// outcome that is not known would leave the files in doubt.
func (a attempt) save(ctx context.Context, pos position) error {
	record, err := json.Marshal(pos)
	if err != nil {
		return err
	}
	return a.s.options.Records.SaveLogRecord(context.WithoutCancel(ctx), a.repository, a.id, record)
}

// Offset returns how many bytes of the attempt's raw output are durable as
// lines, 0 for a log that was never written.
func (s *Store) Offset(ctx context.Context, repositoryID int64, attemptID string) (int64, error) {
	a, err := s.attempt(repositoryID, attemptID)
	if err != nil {
		return 0, err
	}
	pos, err := a.load(ctx)
	return pos.Offset, err
}

// Append adds lines to the log; offset is how many bytes of the task's raw
// output are covered with them. When it returns nil they are durable. Kind
// Conflict if the log is finished, or if it covers more than offset already: ask
// for the Offset. After any other error nothing was added. A context that ends
// ends the wait for other appends, but not what has been begun.
func (s *Store) Append(ctx context.Context, repositoryID int64, attemptID string, offset int64, lines []pipeline.LogLine) error {
	a, err := s.attempt(repositoryID, attemptID)
	if err != nil {
		return err
	}
	unlock, err := s.locks.lock(ctx, a.dir)
	if err != nil {
		return err
	}
	defer unlock()
	pos, err := a.load(ctx)
	switch {
	case err != nil:
		return err
	case pos.Ended:
		return pipeline.Errorf(pipeline.Conflict, "log of %s: it is finished", attemptID)
	case offset < pos.Offset:
		return pipeline.Errorf(pipeline.Conflict, "log of %s: %d bytes of output are covered already, not %d", attemptID, pos.Offset, offset)
	case offset == pos.Offset && len(lines) == 0:
		return nil
	}
	if pos, err = a.write(pos, lines); err == nil {
		pos.Offset = offset
		err = a.save(ctx, pos)
	}
	if err != nil {
		return fmt.Errorf("log of %s: append: %w", attemptID, err)
	}
	s.watches.signal(a.dir)
	return nil
}

// Finish says that no line will follow, and moves the log into the blob store.
// If that does not work, the log stays in its files and can be read there. It may
// be repeated.
func (s *Store) Finish(ctx context.Context, repositoryID int64, attemptID string) error {
	a, err := s.attempt(repositoryID, attemptID)
	if err != nil {
		return err
	}
	unlock, err := s.locks.lock(ctx, a.dir)
	if err != nil {
		return err
	}
	defer unlock()
	pos, err := a.load(ctx)
	if err != nil {
		return err
	}
	if !pos.Ended {
		pos.Ended = true
		if pos.Lines > 0 && s.options.Blobs != nil {
			began := time.Now()
			if pos.Digest, err = a.archive(ctx, pos); err != nil {
				if ctx.Err() != nil {
					return ctx.Err() // whoever finishes it again has more time
				}
				pos.Digest = ""
				s.options.Logger.Warn("a finished log stays in its files", "attempt", attemptID, "after", time.Since(began), "error", err)
			}
		}
		if err := a.save(ctx, pos); err != nil {
			return fmt.Errorf("log of %s: finish: %w", attemptID, err)
		}
	}
	s.watches.signal(a.dir)
	if pos.Digest == "" {
		return nil
	}
	if err := a.removeFiles(); err != nil {
		return fmt.Errorf("log of %s: remove files: %w", attemptID, err)
	}
	return nil
}

// asideSuffix marks a folder that is on its way out.
const asideSuffix = ".finished"

// removeFiles moves the files out of the readers' sight first: one that is in the
// middle of them must miss a file rather than a line. It may be repeated.
func (a attempt) removeFiles() error {
	aside := a.dir + asideSuffix
	if err := os.RemoveAll(aside); err != nil {
		return err
	}
	if err := os.Rename(a.dir, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.RemoveAll(aside)
}
