package actionlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/penstock-cd/penstock/pipeline"
)

// Read returns at most limit lines of the log, beginning with number fromLine;
// the first line is number 0. total is how many lines the log has now. A log
// that was never written has none. Kind NotFound if it is no longer kept.
func (s *Store) Read(ctx context.Context, repositoryID int64, attemptID string, fromLine, limit int) (lines []pipeline.LogLine, total int, err error) {
	return s.read(ctx, repositoryID, attemptID, limit, func(int64) int64 { return int64(max(fromLine, 0)) })
}

// Tail returns the last lines of the log, at most n. Kind NotFound if it is no
// longer kept.
func (s *Store) Tail(ctx context.Context, repositoryID int64, attemptID string, n int) ([]pipeline.LogLine, error) {
	lines, _, err := s.read(ctx, repositoryID, attemptID, n, func(total int64) int64 { return max(0, total-int64(n)) })
	return lines, err
}

// Finished reports whether no line will follow.
func (s *Store) Finished(ctx context.Context, repositoryID int64, attemptID string) (bool, error) {
	a, err := s.attempt(repositoryID, attemptID)
	if err != nil {
		return false, err
	}
	pos, err := a.load(ctx)
	return pos.Ended, err
}

func (s *Store) read(ctx context.Context, repositoryID int64, attemptID string, limit int, from func(total int64) int64) ([]pipeline.LogLine, int, error) {
	a, err := s.attempt(repositoryID, attemptID)
	if err != nil {
		return nil, 0, err
	}
	for {
		pos, err := a.load(ctx)
		if err != nil {
			return nil, 0, err
		}
		first := from(pos.Lines)
		if first >= pos.Lines || limit <= 0 {
			return nil, int(pos.Lines), nil
		}
		count := int(min(int64(limit), pos.Lines-first))
		lines, err := a.lines(ctx, pos, first, count)
		if err == nil && len(lines) != count {
			err = fmt.Errorf("line %d is missing", first+int64(len(lines)))
		}
		if err != nil && pos.Digest == "" && !pos.Removed {
			if now, loadErr := a.load(ctx); loadErr == nil && (now.Digest != "" || now.Removed) {
				continue // the log was finished or removed meanwhile
			}
		}
		if err != nil {
			return nil, 0, fmt.Errorf("log of %s: read: %w", attemptID, err)
		}
		return lines, int(pos.Lines), nil
	}
}

func (a attempt) lines(ctx context.Context, pos position, first int64, count int) ([]pipeline.LogLine, error) {
	if pos.Removed {
		return nil, notKept()
	}
	if pos.Digest != "" {
		return a.archived(ctx, pos, first, count)
	}
	segments, err := a.segments(pos)
	if err != nil {
		return nil, err
	}
	lines := make([]pipeline.LogLine, 0, min(count, 4096))
	for i, segment := range segments {
		if i+1 < len(segments) && segments[i+1] <= first {
			continue
		}
		if len(lines) >= count {
			break
		}
		skip := max(0, first-segment)
		if lines, err = a.segmentLines(pos, segment, skip, count, lines); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

func (a attempt) segmentLines(pos position, segment, skip int64, count int, lines []pipeline.LogLine) ([]pipeline.LogLine, error) {
	f, err := os.Open(a.segmentPath(segment))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	_, lines, err = take(a.counted(f, pos, segment), skip, count, lines)
	return lines, err
}

// counted cuts the last file where the position says that it ends.
func (a attempt) counted(f *os.File, pos position, segment int64) io.Reader {
	if segment == pos.Segment {
		return io.LimitReader(f, pos.Size)
	}
	return f
}

func (a attempt) archived(ctx context.Context, pos position, first int64, count int) ([]pipeline.LogLine, error) {
	if a.s.options.Blobs == nil {
		return nil, errors.New("it is in a blob store, and there is none")
	}
	bundle, err := a.s.options.Blobs.Get(ctx, a.repository, pos.Digest)
	if pipeline.KindOf(err) == pipeline.NotFound {
		return nil, notKept()
	}
	if err != nil {
		return nil, err
	}
	defer bundle.Close()
	text, err := zstd.NewReader(bundle, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer text.Close()
	_, lines, err := take(text, first, count, make([]pipeline.LogLine, 0, min(count, 4096)))
	return lines, err
}
