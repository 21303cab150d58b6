package compute_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

func TestUnpackRefusesHostileArchives(t *testing.T) {
	t.Parallel()
	file := func(name string) *tar.Header {
		return &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: 4}
	}
	link := func(name, target string) *tar.Header {
		return &tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: target}
	}
	tests := []struct {
		name    string
		limits  compute.Limits
		headers []*tar.Header
	}{
		{"climbs", compute.Limits{}, []*tar.Header{file("../evil")}},
		{"climbs later", compute.Limits{}, []*tar.Header{file("a/../../evil")}},
		{"climbs and comes back", compute.Limits{}, []*tar.Header{file("a/../b")}},
		{"absolute", compute.Limits{}, []*tar.Header{file("/evil")}},
		{"backslash", compute.Limits{}, []*tar.Header{file(`..\evil`)}},
		{"no name", compute.Limits{}, []*tar.Header{file("")}},
		{"the folder itself", compute.Limits{}, []*tar.Header{{Name: "./", Typeflag: tar.TypeDir}}},
		{"link out", compute.Limits{}, []*tar.Header{link("a", "../evil")}},
		{"absolute link", compute.Limits{}, []*tar.Header{link("a", "/etc")}},
		{"empty link", compute.Limits{}, []*tar.Header{link("a", "")}},
		{"file through a link", compute.Limits{}, []*tar.Header{link("a", "b"), file("a/x")}},
		{"file through a link to the top", compute.Limits{}, []*tar.Header{link("a", "."), file("a/x")}},
		{"link through a link", compute.Limits{}, []*tar.Header{{Name: "a/", Typeflag: tar.TypeDir}, link("a/b", ".."), link("a/c", "b/../../evil")}},
		{"file over a link", compute.Limits{}, []*tar.Header{link("a", "b"), file("a")}},
		{"link over a folder", compute.Limits{}, []*tar.Header{file("a/x"), link("a", "b")}},
		{"twice", compute.Limits{}, []*tar.Header{file("a"), file("a")}},
		{"out of order", compute.Limits{}, []*tar.Header{file("b"), file("a")}},
		{"hard link", compute.Limits{}, []*tar.Header{{Name: "a", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}}},
		{"character device", compute.Limits{}, []*tar.Header{{Name: "a", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3}}},
		{"block device", compute.Limits{}, []*tar.Header{{Name: "a", Typeflag: tar.TypeBlock, Devmajor: 8}}},
		{"pipe", compute.Limits{}, []*tar.Header{{Name: "a", Typeflag: tar.TypeFifo}}},
		{"too many bytes", compute.Limits{Bytes: 7}, []*tar.Header{file("a"), file("b")}},
		{"too many entries", compute.Limits{Entries: 2}, []*tar.Header{file("a"), file("b"), file("c")}},
		{"a very long name", compute.Limits{}, []*tar.Header{file(strings.Repeat("a/", 3000) + "a")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			outside := t.TempDir()
			dir := filepath.Join(outside, "in")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			_, err := compute.Unpack(t.Context(), bytes.NewReader(archive(t, tt.headers)), dir, tt.limits)
			if err == nil {
				t.Error("was unpacked")
			}
			entries, err := os.ReadDir(outside)
			if err != nil || len(entries) != 1 {
				t.Errorf("left outside: %v, error %v", entries, err)
			}
		})
	}
}

func TestUnpackDoesNotFollowALinkThatStoodThere(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	bundle := archive(t, []*tar.Header{{Name: "a/x", Typeflag: tar.TypeReg, Mode: 0o644, Size: 4}})
	if _, err := compute.Unpack(t.Context(), bytes.NewReader(bundle), dir, compute.Limits{}); err == nil {
		t.Error("was unpacked")
	}
	if entries, _ := os.ReadDir(outside); len(entries) != 0 {
		t.Errorf("left outside: %v", entries)
	}
}

func TestUnpackBoundsWhatIsNoFile(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	w, err := zstd.NewWriter(&bomb)
	if err != nil {
		t.Fatal(err)
	}
	// The end of an archive, then zeros without end.
	if _, err := io.CopyN(w, zeros{}, 64<<20); err != nil {
		t.Fatal(err)
	}
	w.Close()
	_, err = compute.Unpack(t.Context(), &bomb, t.TempDir(), compute.Limits{Bytes: 1, Entries: 1})
	if err == nil {
		t.Error("was unpacked")
	}
}

func TestUnpackTellsOfDamage(t *testing.T) {
	t.Parallel()
	_, bundle := pack(t, tree(t, map[string]string{"a": strings.Repeat("content ", 1000)}))
	for _, damaged := range [][]byte{nil, []byte("no archive"), bundle[:len(bundle)/2], bundle[:len(bundle)-1]} {
		if _, err := compute.Unpack(t.Context(), bytes.NewReader(damaged), t.TempDir(), compute.Limits{}); err == nil {
			t.Errorf("%d of %d bytes were unpacked", len(damaged), len(bundle))
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// archive makes a bundle of headers that Pack would never write; every regular
// file holds "evil".
func archive(t *testing.T, headers []*tar.Header) []byte {
	t.Helper()
	var bundle bytes.Buffer
	compressed, err := zstd.NewWriter(&bundle)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(compressed)
	for _, header := range headers {
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if header.Typeflag == tar.TypeReg {
			fmt.Fprint(w, "evil")
		}
	}
	if err := errors.Join(w.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return bundle.Bytes()
}

// names lists the entries of a bundle.
func names(t *testing.T, bundle []byte) []string {
	t.Helper()
	plain, err := zstd.NewReader(bytes.NewReader(bundle))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	var found []string
	for r := tar.NewReader(plain); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, header.Name)
	}
}
