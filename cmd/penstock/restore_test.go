package main

import (
	"archive/tar"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// A backup that was made to do harm is refused, and leaves nothing behind.
func TestHostileBackups(t *testing.T) {
	t.Parallel()
	about := tar.Header{Name: backupManifest, Typeflag: tar.TypeReg}
	for _, test := range []struct {
		name    string
		entries []tar.Header
		want    string
	}{
		{"climbs out", []tar.Header{about, {Name: "artifacts/../../escaped", Typeflag: tar.TypeReg}}, "does not belong into a backup"},
		{"is absolute", []tar.Header{about, {Name: "/etc/cron.d/escaped", Typeflag: tar.TypeReg}}, "does not belong into a backup"},
		{"brings other files", []tar.Header{about, {Name: "app.pem", Typeflag: tar.TypeReg}}, "does not belong into a backup"},
		{"brings a link", []tar.Header{about, {Name: "logs/link", Typeflag: tar.TypeSymlink, Linkname: "/etc"}}, "does not belong into a backup"},
		{"brings a hard link", []tar.Header{about, {Name: "logs/link", Typeflag: tar.TypeLink, Linkname: "penstock.db"}}, "does not belong into a backup"},
		{"writes a file twice", []tar.Header{about, {Name: "logs/a", Typeflag: tar.TypeReg}, {Name: "logs/a", Typeflag: tar.TypeReg}}, "does not belong into a backup"},
		{"is another archive", []tar.Header{{Name: "penstock.db", Typeflag: tar.TypeReg}}, "not a backup of Penstock"},
		{"has no database", []tar.Header{about}, "there is no database in it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "x.backup")
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := zstd.NewWriter(file)
			if err != nil {
				t.Fatal(err)
			}
			archive := tar.NewWriter(packed)
			for _, header := range test.entries {
				content := ""
				if header.Name == backupManifest {
					content = `{"v":1}`
				}
				header.Size, header.Mode = int64(len(content)), 0o644
				if err := archive.WriteHeader(&header); err != nil {
					t.Fatal(err)
				}
				if _, err := archive.Write([]byte(content)); err != nil {
					t.Fatal(err)
				}
			}
			for _, c := range []io.Closer{archive, packed, file} {
				if err := c.Close(); err != nil {
					t.Fatal(err)
				}
			}
			err = restore(t.Context(), io.Discard, path, filepath.Join(dir, "data"), false)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}
