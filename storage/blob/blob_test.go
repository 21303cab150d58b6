package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage/blob"
)

var digest = "sha256:" + strings.Repeat("0a", 32)

func open(t *testing.T, dir string) *blob.Store {
	t.Helper()
	s, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(t *testing.T, s *blob.Store, repository int64, digest string) string {
	t.Helper()
	r, err := s.Get(t.Context(), repository, digest)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// files lists what is in a folder, by path.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestPutAndGet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	content := strings.Repeat("bundle ", 100_000)
	for range 2 {
		size, err := s.Put(t.Context(), 7, digest, strings.NewReader(content))
		if err != nil || size != int64(len(content)) {
			t.Fatalf("put: %d bytes, %v", size, err)
		}
	}
	// What is there is kept, and not read again.
	if size, err := s.Put(t.Context(), 7, digest, iotest.ErrReader(errors.New("read"))); err != nil || size != int64(len(content)) {
		t.Fatalf("put again: %d bytes, %v", size, err)
	}
	if got := get(t, open(t, dir), 7, digest); got != content {
		t.Fatalf("got %d bytes, want %d", len(got), len(content))
	}
	if got, want := fmt.Sprint(files(t, dir)), "[7/0a/"+digest[7:]+"]"; got != want {
		t.Fatalf("files %s, want %s", got, want)
	}
	if _, err := s.Get(t.Context(), 8, digest); pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatalf("another repository's bundle: %v", err)
	}
	for range 2 {
		if err := s.Remove(t.Context(), 7, digest); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get(t.Context(), 7, digest); pipeline.KindOf(err) != pipeline.NotFound {
		t.Fatalf("a removed bundle: %v", err)
	}
}

func TestNoPathClimbsOut(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "blobs"))
	for _, c := range []struct {
		repository int64
		digest     string
	}{
		{7, ""}, {7, "sha256:"}, {7, digest[7:]}, {7, "md5:" + digest[7:]}, {7, digest + "0"}, {7, digest[:len(digest)-1]},
		{7, strings.ToUpper(digest)}, {7, "sha256:" + strings.Repeat("g", 64)}, {7, "sha256:" + strings.Repeat("../", 21) + "a"},
		{7, "sha256:" + strings.Repeat("a", 63) + "/"}, {7, "sha256:" + strings.Repeat("a", 63) + "\x00"}, {0, digest}, {-7, digest},
	} {
		if _, err := s.Put(t.Context(), c.repository, c.digest, strings.NewReader("x")); pipeline.KindOf(err) != pipeline.Invalid {
			t.Errorf("put %d %q: %v", c.repository, c.digest, err)
		}
		if _, err := s.Get(t.Context(), c.repository, c.digest); pipeline.KindOf(err) != pipeline.Invalid {
			t.Errorf("get %d %q: %v", c.repository, c.digest, err)
		}
		if err := s.Remove(t.Context(), c.repository, c.digest); pipeline.KindOf(err) != pipeline.Invalid {
			t.Errorf("remove %d %q: %v", c.repository, c.digest, err)
		}
	}
}

func TestNothingIsLeftOfAFailure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("the line is cut")))
	if _, err := s.Put(t.Context(), 7, digest, broken); err == nil || !strings.Contains(err.Error(), "the line is cut") {
		t.Fatalf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancelling := io.MultiReader(strings.NewReader("half"), readerFunc(func(p []byte) (int, error) { cancel(); return copy(p, "x"), nil }))
	if _, err := s.Put(ctx, 7, digest, cancelling); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Fatalf("left: %v", left)
	}
	if err := os.WriteFile(filepath.Join(dir, "partial", "123"), []byte("half, then killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if left := files(t, dir); len(left) != 0 {
		t.Fatalf("left after the next start: %v", left)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			name := fmt.Sprintf("sha256:%064x", i%4)
			if _, err := s.Put(t.Context(), 7, name, bytes.NewReader(bytes.Repeat([]byte{byte(i % 4)}, 1000))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i := range 4 {
		if got := get(t, s, 7, fmt.Sprintf("sha256:%064x", i)); got != strings.Repeat(string(rune(i)), 1000) {
			t.Errorf("bundle %d is %d bytes", i, len(got))
		}
	}
}
