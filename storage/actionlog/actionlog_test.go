package actionlog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage/actionlog"
	"github.com/penstock-cd/penstock/storage/blob"
)

const id = "0192f0c4-0000-8000-a000-000000000001"

// records keeps the records in memory, and fails when told to.
type records struct {
	mu   sync.Mutex
	byID map[string][]byte
	fail error
}

func (r *records) LogRecord(_ context.Context, repositoryID int64, attemptID string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[fmt.Sprint(repositoryID, attemptID)], nil
}

func (r *records) SaveLogRecord(_ context.Context, repositoryID int64, attemptID string, record []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	if r.byID == nil {
		r.byID = map[string][]byte{}
	}
	r.byID[fmt.Sprint(repositoryID, attemptID)] = record
	return nil
}

// brokenBlobs is a blob store that takes nothing.
type brokenBlobs struct{ actionlog.Blobs }

func (brokenBlobs) Put(context.Context, int64, string, io.Reader) (int64, error) {
	return 0, errors.New("the disk is full")
}

// bench is a log store and what it stands on.
type bench struct {
	*actionlog.Store
	dir     string
	records *records
}

func open(t *testing.T, segment int64, blobs func(dir string) actionlog.Blobs) *bench {
	t.Helper()
	b := &bench{dir: t.TempDir(), records: &records{}}
	options := actionlog.Options{Dir: filepath.Join(b.dir, "logs"), Records: b.records, SegmentSize: segment, Logger: slog.New(slog.DiscardHandler)}
	if blobs != nil {
		options.Blobs = blobs(filepath.Join(b.dir, "blobs"))
	}
	var err error
	if b.Store, err = actionlog.Open(options); err != nil {
		t.Fatal(err)
	}
	return b
}

func realBlobs(t *testing.T) func(dir string) actionlog.Blobs {
	return func(dir string) actionlog.Blobs {
		s, err := blob.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func line(text string) pipeline.LogLine {
	return pipeline.LogLine{At: time.UnixMicro(1_900_000_000_123_456).UTC(), Stream: pipeline.Stdout, Text: text}
}

func numbered(from, to int) []pipeline.LogLine {
	var lines []pipeline.LogLine
	for i := from; i < to; i++ {
		lines = append(lines, line(fmt.Sprint("line ", i)))
	}
	return lines
}

func (b *bench) append(t *testing.T, offset int64, lines ...pipeline.LogLine) {
	t.Helper()
	if err := b.Append(t.Context(), 7, id, offset, lines); err != nil {
		t.Fatal(err)
	}
}

// wantAll fails unless the log is exactly these lines.
func (b *bench) wantAll(t *testing.T, want []pipeline.LogLine) {
	t.Helper()
	got, total, err := b.Read(t.Context(), 7, id, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || total != len(want) {
		t.Fatalf("%d lines (-want +got):\n%s", total, diff)
	}
}

func (b *bench) segments(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(b.dir, "logs", "7", id))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestTexts(t *testing.T) {
	t.Parallel()
	b := open(t, 0, realBlobs(t))
	var want []pipeline.LogLine
	for i, text := range []string{"", " ", "plain", "two\nlines", `back\slash`, `\n`, `\\n`, "\\\n\\", "bar\rbar", "\x00\xff\xfe", "\x1b[31mred", "ünïcödé ✓", strings.Repeat("long ", 40_000)} {
		l := line(text)
		l.Stream = []pipeline.Stream{pipeline.Stdout, pipeline.Stderr, pipeline.System}[i%3]
		want = append(want, l)
	}
	b.append(t, 10, want...)
	b.wantAll(t, want)
	if err := b.Finish(t.Context(), 7, id); err != nil {
		t.Fatal(err)
	}
	b.wantAll(t, want)
}

func TestRead(t *testing.T) {
	t.Parallel()
	b := open(t, 200, realBlobs(t)) // a segment has about seven lines
	want := numbered(0, 100)
	for i := range 25 {
		b.append(t, int64(i+1), want[i*4:i*4+4]...)
	}
	if n := len(b.segments(t)); n < 10 {
		t.Fatalf("%d segments", n)
	}
	check := func() {
		t.Helper()
		b.wantAll(t, want)
		for from := 0; from <= 101; from++ {
			for _, limit := range []int{0, 1, 3, 50} {
				got, total, err := b.Read(t.Context(), 7, id, from, limit)
				first, last := min(from, 100), min(from+limit, 100)
				if diff := cmp.Diff(append([]pipeline.LogLine(nil), want[first:last]...), got); err != nil || total != 100 || diff != "" {
					t.Fatalf("read %d lines from %d: total %d, %v\n%s", limit, from, total, err, diff)
				}
			}
		}
		for _, n := range []int{0, 1, 9, 100, 1000} {
			got, err := b.Tail(t.Context(), 7, id, n)
			if diff := cmp.Diff(append([]pipeline.LogLine(nil), want[max(0, 100-n):]...), got); err != nil || diff != "" {
				t.Fatalf("tail %d: %v\n%s", n, err, diff)
			}
		}
	}
	check()
	if err := b.Finish(t.Context(), 7, id); err != nil {
		t.Fatal(err)
	}
	if left := b.segments(t); len(left) != 0 {
		t.Fatalf("segments of a finished log: %v", left)
	}
	check()
}

func TestNothingWritten(t *testing.T) {
	t.Parallel()
	b := open(t, 0, realBlobs(t))
	b.wantAll(t, nil)
	if offset, err := b.Offset(t.Context(), 7, id); err != nil || offset != 0 {
		t.Fatalf("offset %d, %v", offset, err)
	}
	for range 2 {
		if err := b.Finish(t.Context(), 7, id); err != nil {
			t.Fatal(err)
		}
	}
	b.wantAll(t, nil)
	if done, err := b.Finished(t.Context(), 7, id); err != nil || !done {
		t.Fatalf("finished %t, %v", done, err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	b := open(t, 0, nil)
	b.append(t, 10, line("a"))
	b.append(t, 10, line("said by us")) // covers no output
	b.append(t, 20)                     // output without lines
	for _, offset := range []int64{0, 10, 19} {
		if err := b.Append(t.Context(), 7, id, offset, numbered(0, 1)); pipeline.KindOf(err) != pipeline.Conflict {
			t.Errorf("append at %d: %v", offset, err)
		}
	}
	if offset, err := b.Offset(t.Context(), 7, id); err != nil || offset != 20 {
		t.Fatalf("offset %d, %v", offset, err)
	}
	if err := b.Finish(t.Context(), 7, id); err != nil {
		t.Fatal(err)
	}
	if err := b.Append(t.Context(), 7, id, 30, numbered(0, 1)); pipeline.KindOf(err) != pipeline.Conflict {
		t.Errorf("append to a finished log: %v", err)
	}
	b.wantAll(t, []pipeline.LogLine{line("a"), line("said by us")})
	for _, bad := range []string{"", "..", "../x", "a/b", "A", "a\x00", strings.Repeat("a", 65)} {
		if err := b.Append(t.Context(), 7, bad, 1, nil); pipeline.KindOf(err) != pipeline.Invalid {
			t.Errorf("attempt %q: %v", bad, err)
		}
	}
	if _, _, err := b.Read(t.Context(), 0, id, 0, 1); pipeline.KindOf(err) != pipeline.Invalid {
		t.Errorf("repository 0: %v", err)
	}
}

// What was written and not noted does not count, and does not come back.
func TestNotNoted(t *testing.T) {
	t.Parallel()
	for name, segment := range map[string]int64{"in a segment": 1 << 20, "at the border of a segment": 60} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, segment, nil)
			want := numbered(0, 2)
			b.append(t, 1, want...)
			b.records.fail = errors.New("killed")
			if err := b.Append(t.Context(), 7, id, 2, []pipeline.LogLine{line("lost"), line("lost too"), line("and this")}); err == nil {
				t.Fatal("no error")
			}
			b.records.fail = nil
			b.wantAll(t, want)
			if offset, err := b.Offset(t.Context(), 7, id); err != nil || offset != 1 {
				t.Fatalf("offset %d, %v", offset, err)
			}
			for i := 2; i < 40; i++ { // shorter ones now, that fit where the long one did not
				want = append(want, line(fmt.Sprint(i)))
				b.append(t, int64(i), want[i])
				b.wantAll(t, want)
			}
		})
	}
}

func TestFinishIsRepeated(t *testing.T) {
	t.Parallel()
	b := open(t, 100, realBlobs(t))
	want := numbered(0, 50)
	b.append(t, 1, want[:25]...)
	b.append(t, 2, want[25:]...)
	b.records.fail = errors.New("killed") // after the log went into the blob store
	if err := b.Finish(t.Context(), 7, id); err == nil {
		t.Fatal("no error")
	}
	b.records.fail = nil
	b.wantAll(t, want)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Finish(ctx, 7, id); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	for range 2 {
		if err := b.Finish(t.Context(), 7, id); err != nil {
			t.Fatal(err)
		}
		b.wantAll(t, want)
	}
}

func TestBlobStoreFails(t *testing.T) {
	t.Parallel()
	b := open(t, 0, func(string) actionlog.Blobs { return brokenBlobs{} })
	want := numbered(0, 5)
	b.append(t, 1, want...)
	if err := b.Finish(t.Context(), 7, id); err != nil {
		t.Fatal(err)
	}
	b.wantAll(t, want)
	if done, err := b.Finished(t.Context(), 7, id); err != nil || !done {
		t.Fatalf("finished %t, %v", done, err)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	b := open(t, 0, nil)
	signal, stop := b.Watch(7, id)
	other, stopOther := b.Watch(7, "b")
	defer stopOther()
	b.append(t, 1, numbered(0, 1)...)
	b.append(t, 2, numbered(1, 2)...)
	<-signal // of both
	if err := b.Finish(t.Context(), 7, id); err != nil {
		t.Fatal(err)
	}
	<-signal
	stop()
	select {
	case <-signal:
		t.Fatal("a signal after the end")
	case <-other:
		t.Fatal("a signal for another log")
	default:
	}
}

// Readers see whole prefixes of a log that grows, also while it is moved.
func TestReadWhileItGrows(t *testing.T) {
	t.Parallel()
	b := open(t, 300, realBlobs(t))
	const lines = 150
	want := numbered(0, lines)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for done := false; !done; {
				var err error
				if done, err = b.Finished(t.Context(), 7, id); err != nil {
					t.Error(err)
				}
				got, total, err := b.Read(t.Context(), 7, id, 0, lines)
				if err != nil {
					t.Error(err)
					return
				}
				if diff := cmp.Diff(append([]pipeline.LogLine(nil), want[:total]...), got); diff != "" {
					t.Errorf("not a prefix:\n%s", diff)
					return
				}
			}
		})
	}
	for i := range lines {
		b.append(t, int64(i+1), want[i])
	}
	if err := b.Finish(t.Context(), 7, id); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	b.wantAll(t, want)
}
