package blob_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/storage/blob"
)

// shelf is a store with bundles of one, two, three ... bytes, each a day older
// than the one after it; the last is as old as now.
func shelf(t *testing.T, n int) (*blob.Store, string, []string) {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	var digests []string
	for i := range n {
		digest := fmt.Sprintf("sha256:%064x", i+1)
		digests = append(digests, digest)
		if _, err := s.Put(t.Context(), 7, digest, strings.NewReader(strings.Repeat("x", i+1))); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-time.Duration(n-1-i) * 24 * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, "7", digest[7:9], digest[7:]), then, then); err != nil {
			t.Fatal(err)
		}
	}
	return s, dir, digests
}

func TestSweep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		sweep blob.Sweep
		keep  []int
		left  string // sizes
	}{
		{"nothing to do", blob.Sweep{}, nil, "1 2 3 4 5"},
		{"by age", blob.Sweep{Before: time.Now().Add(-60 * time.Hour)}, nil, "3 4 5"},
		{"by age, some stay", blob.Sweep{Before: time.Now().Add(-60 * time.Hour)}, []int{0}, "1 3 4 5"},
		{"by size", blob.Sweep{MaxBytes: 12}, nil, "3 4 5"},
		{"by size, just so", blob.Sweep{MaxBytes: 15}, nil, "1 2 3 4 5"},
		{"by size, some stay", blob.Sweep{MaxBytes: 12}, []int{1}, "2 4 5"},
		{"by size, all stay", blob.Sweep{MaxBytes: 1}, []int{0, 1, 2, 3, 4}, "1 2 3 4 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, dir, digests := shelf(t, 5)
			if err := os.WriteFile(filepath.Join(dir, "7", "00", "not-ours"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			stay := map[string]bool{}
			for _, i := range c.keep {
				stay[digests[i]] = true
			}
			c.sweep.Keep = func(repository int64, digest string) bool { return repository == 7 && stay[digest] }
			swept, err := s.Sweep(t.Context(), c.sweep)
			if err != nil {
				t.Fatal(err)
			}
			var left []string
			var bytes int64
			for i, d := range digests {
				if r, err := s.Get(t.Context(), 7, d); err == nil {
					r.Close()
					left = append(left, fmt.Sprint(i+1))
					bytes += int64(i + 1)
				}
			}
			if got := strings.Join(left, " "); got != c.left {
				t.Errorf("left: %s, want %s", got, c.left)
			}
			if want := (blob.Swept{Removed: 5 - len(left), RemovedBytes: 15 - bytes, Left: len(left), LeftBytes: bytes}); swept != want {
				t.Errorf("told %+v, want %+v", swept, want)
			}
			if _, err := os.Stat(filepath.Join(dir, "7", "00", "not-ours")); err != nil {
				t.Errorf("a file that is no bundle: %v", err)
			}
		})
	}
}

func TestStoredAgainIsNew(t *testing.T) {
	t.Parallel()
	s, _, digests := shelf(t, 3)
	if _, err := s.Put(t.Context(), 7, digests[0], strings.NewReader("never read")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sweep(t.Context(), blob.Sweep{Before: time.Now().Add(-12 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, 7, digests[0]); got != "x" {
		t.Errorf("got %q", got)
	}
	if _, err := s.Get(t.Context(), 7, digests[1]); err == nil {
		t.Error("the one that nobody stored again is still there")
	}
}
