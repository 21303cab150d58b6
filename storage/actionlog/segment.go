package actionlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// segmentPath names a file by the number of its first line.
func (a attempt) segmentPath(first int64) string {
	return filepath.Join(a.dir, fmt.Sprintf("%012d.log", first))
}

// segments lists the first lines of the files that count, in order.
func (a attempt) segments(pos position) ([]int64, error) {
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		return nil, err
	}
	var firsts []int64
	for _, entry := range entries {
		digits, ok := strings.CutSuffix(entry.Name(), ".log")
		first, err := strconv.ParseInt(digits, 10, 64)
		if ok && err == nil && first <= pos.Segment {
			firsts = append(firsts, first)
		}
	}
	slices.Sort(firsts)
	return firsts, nil
}

// write puts lines behind the position and makes them durable. It returns the
// new position; until that is saved, nobody reads them.
func (a attempt) write(pos position, lines []pipeline.LogLine) (position, error) {
	var data []byte
	for _, line := range lines {
		data = appendLine(data, line)
	}
	if len(data) == 0 {
		return pos, nil
	}
	switch {
	case pos.Size > 0 && pos.Size+int64(len(data)) > a.s.options.SegmentSize:
		pos.Segment, pos.Size = pos.Lines, 0
	case pos.Lines > pos.Segment:
		// A file may be left that was begun behind the position and not noted.
		if err := os.Remove(a.segmentPath(pos.Lines)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return pos, err
		}
	}
	if err := a.writeAt(pos, data); err != nil {
		return pos, err
	}
	pos.Lines += int64(len(lines))
	pos.Size += int64(len(data))
	return pos, nil
}

func (a attempt) writeAt(pos position, data []byte) error {
	if pos.Lines == 0 {
		if err := a.makeDir(); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(a.segmentPath(pos.Segment), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	switch {
	case info.Size() < pos.Size:
		return fmt.Errorf("%s has %d bytes, %d were written", f.Name(), info.Size(), pos.Size)
	case info.Size() > pos.Size:
		if err := f.Truncate(pos.Size); err != nil {
			return err
		}
	}
	if _, err := f.WriteAt(data, pos.Size); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if pos.Size == 0 {
		return syncDir(a.dir)
	}
	return nil
}

// makeDir makes the attempt's folder and its name durable.
func (a attempt) makeDir() error {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return err
	}
	repository := filepath.Dir(a.dir)
	return errors.Join(syncDir(repository), syncDir(filepath.Dir(repository)))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
