package host

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// A frame is a piece of output as the supervisor has read it; see
// supervisor_spool.c for its form in the file.
type frame struct {
	at     time.Time
	stream byte
	data   []byte // valid until the next frame is read
	end    int64  // how many bytes of the spool lie before the next frame
}

const (
	frameStdout  = 0
	frameStderr  = 1
	frameControl = 2

	frameHeader = 16
	maxFrame    = 1 << 20 // far more than the supervisor writes: beyond it is damage
)

// spoolFile reads the frames of one file of a spool.
type spoolFile struct {
	file  *os.File
	start int64 // bytes of the spool before the file's first frame
	skip  int64 // bytes of the file before its first frame
	at    int64 // in the file
	held  []byte
}

// openSpool opens a file of the spool; nil if it is not there yet.
func openSpool(path string, tail bool) (*spoolFile, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s := &spoolFile{file: file}
	if tail {
		var start [8]byte
		if _, err := file.ReadAt(start[:], 0); err != nil {
			file.Close()
			if errors.Is(err, io.EOF) { // its maker was killed in between
				return nil, nil
			}
			return nil, err
		}
		s.start, s.skip, s.at = int64(binary.LittleEndian.Uint64(start[:])), 8, 8
	}
	return s, nil
}

// tails opens the files that hold the end of a spool that was cut, older first.
func (f folder) tails() ([]*spoolFile, error) {
	var found []*spoolFile
	for _, name := range []string{"tail.0", "tail.1"} {
		s, err := openSpool(f.path(name), true)
		if err != nil {
			return nil, err
		}
		if s != nil {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *spoolFile) int { return int(min(1, max(-1, a.start-b.start))) })
	return found, nil
}

// read calls take for every frame that is complete by now.
func (s *spoolFile) read(take func(frame) error) error {
	chunk := make([]byte, 256<<10)
	for {
		n, err := s.file.ReadAt(chunk, s.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		s.held = append(s.held, chunk[:n]...)
		s.at += int64(n)
		used, takeErr := s.frames(take)
		s.held = append(s.held[:0], s.held[used:]...)
		if takeErr != nil || n == 0 || err != nil {
			return takeErr
		}
	}
}

func (s *spoolFile) frames(take func(frame) error) (used int, err error) {
	before := s.start + s.at - s.skip - int64(len(s.held))
	for {
		rest := s.held[used:]
		if len(rest) < frameHeader {
			return used, nil
		}
		n := int(binary.LittleEndian.Uint32(rest[8:]))
		if n > maxFrame {
			return used, fmt.Errorf("the spool is damaged at byte %d", before+int64(used))
		}
		if len(rest) < frameHeader+n {
			return used, nil
		}
		used += frameHeader + n
		err := take(frame{
			at:     time.UnixMicro(int64(binary.LittleEndian.Uint64(rest))),
			stream: rest[12],
			data:   rest[frameHeader : frameHeader+n],
			end:    before + int64(used),
		})
		if err != nil {
			return used, err
		}
	}
}

// end is how many bytes of the spool lie before the place read up to.
func (s *spoolFile) end() int64 { return s.start + s.at - s.skip - int64(len(s.held)) }

func (s *spoolFile) close() { s.file.Close() }
