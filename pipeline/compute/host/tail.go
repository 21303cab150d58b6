package host

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	appendEvery = 100 * time.Millisecond // at most, while output keeps coming
	batchBytes  = 256 << 10
)

// tail reads a task's spool from its beginning and appends to the log what is
// not in it yet. The lines and their places follow from the bytes of the spool,
// so after a restart nothing is lost or repeated, and nothing but the log
// itself remembers how far we were.
type tail struct {
	h       *Host
	t       *task
	output  *spoolFile
	cutters [2]cutter // stdout, stderr
	durable int64     // the log covers this much
	covered int64     // this much was read

	batch []pipeline.LogLine
	size  int
	upTo  int64 // what the log covers after the batch
	last  time.Time
}

func (h *Host) newTail(ctx context.Context, t *task) (*tail, error) {
	l := &tail{h: h, t: t}
	err := h.patiently(ctx, t, func() (err error) {
		l.durable, err = h.opt.Logs.Offset(ctx, t.Repository.ID, t.ID)
		return err
	})
	return l, err
}

// more appends what has come since. Lines are given away frame by frame, so
// that those of one place are never in two batches.
func (l *tail) more(ctx context.Context) error {
	if l.output == nil {
		var err error
		if l.output, err = openSpool(l.t.folder.path("output"), false); err != nil || l.output == nil {
			return err
		}
	}
	if err := l.output.read(func(f frame) error { return l.frame(ctx, f) }); err != nil {
		return err
	}
	return l.flush(ctx)
}

// rest appends everything that is left after the supervisor's end.
func (l *tail) rest(ctx context.Context) error {
	if err := l.more(ctx); err != nil {
		return err
	}
	files, err := l.t.folder.tails()
	if err != nil {
		return err
	}
	l.endLines(time.Time{})
	for _, file := range files {
		defer file.close()
		if gap := file.start - l.covered; gap > 0 {
			l.add(file.start, pipeline.System, l.h.opt.Now(), fmt.Sprintf("... %d bytes of output are left out here: the log is limited to %d ...", gap, l.h.opt.LogLimit))
		}
		l.covered = max(l.covered, file.start)
		if err := file.read(func(f frame) error { return l.frame(ctx, f) }); err != nil {
			return err
		}
		l.covered = max(l.covered, file.end())
	}
	l.endLines(time.Time{})
	return l.flush(ctx)
}

func (l *tail) close() {
	if l.output != nil {
		l.output.close()
	}
}

func (l *tail) frame(ctx context.Context, f frame) error {
	before := f.end - int64(len(f.data))
	l.covered = f.end
	switch f.stream {
	case frameControl:
		l.endLines(f.at)
		l.step(f)
	case frameStdout, frameStderr:
		stream := pipeline.Stdout
		if f.stream == frameStderr {
			stream = pipeline.Stderr
		}
		l.cutters[f.stream].add(f.data, l.t.redactor, func(used int, text string) {
			l.add(before+int64(used), stream, f.at, text)
		})
	}
	if l.size >= batchBytes {
		return l.flush(ctx)
	}
	return nil
}

// step shows the command that begins.
func (l *tail) step(f frame) {
	n, err := strconv.Atoi(string(bytes.TrimSpace(f.data)))
	if err != nil || n < 1 || n > len(l.t.Commands) {
		return
	}
	prompt := "$ "
	for line := range strings.SplitSeq(strings.TrimRight(l.t.Commands[n-1], "\n"), "\n") {
		l.add(f.end, pipeline.System, f.at, prompt+cleanLine(l.t.redactor.String(line)))
		prompt = "> "
	}
}

// endLines gives away lines that have no end: before the next command, at a cut
// and at the end of all.
func (l *tail) endLines(at time.Time) {
	if at.IsZero() {
		at = l.h.opt.Now()
	}
	for i, stream := range []pipeline.Stream{pipeline.Stdout, pipeline.Stderr} {
		l.cutters[i].flush(l.t.redactor, func(text string) { l.add(l.covered, stream, at, text) })
	}
}

func (l *tail) add(upTo int64, stream pipeline.Stream, at time.Time, text string) {
	if upTo <= l.durable {
		return
	}
	l.batch = append(l.batch, pipeline.LogLine{At: at, Stream: stream, Text: text})
	l.size += len(text) + 64
	l.upTo = upTo
}

func (l *tail) flush(ctx context.Context) error {
	if len(l.batch) == 0 {
		return nil
	}
	lines := append(l.t.pending, l.batch...)
	err := l.h.patiently(ctx, l.t, func() error {
		return l.h.opt.Logs.Append(ctx, l.t.Repository.ID, l.t.ID, l.upTo, lines)
	})
	if err != nil {
		return err
	}
	l.durable, l.last = l.upTo, time.Now()
	l.t.pending, l.batch, l.size = nil, nil, 0
	return nil
}
