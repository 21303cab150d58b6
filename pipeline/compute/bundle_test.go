package compute_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

func TestBundleThereAndBack(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"a.txt": "one", "a/b": "two", "a/run.sh": "*#!/bin/sh", "empty/": "", "a/up": ">../a.txt", "here": ">a/b",
		strings.Repeat("long/", 40) + "ü": "three", ".git/config": "no", "sub/.git": "gitdir: no", ".github/x": "yes",
	})
	packed, bundle := pack(t, dir)
	out := t.TempDir()
	digest, err := compute.Unpack(t.Context(), bytes.NewReader(bundle), out, compute.Limits{})
	if err != nil || digest != packed.Digest {
		t.Fatalf("digest %s, want %s, error %v", digest, packed.Digest, err)
	}
	want := list(t, dir)
	delete(want, ".git/")
	delete(want, ".git/config")
	delete(want, "sub/.git")
	if diff := cmp.Diff(want, list(t, out)); diff != "" {
		t.Errorf("unpacked differs (-want +got):\n%s", diff)
	}
}

func TestDigestIsOfTheContentAlone(t *testing.T) {
	t.Parallel()
	files := map[string]string{"b": "1", "a": "2", "c/d": "*3"}
	first, second := tree(t, files), tree(t, files)
	if err := os.Chtimes(filepath.Join(second, "a"), time.Unix(99, 0), time.Unix(99, 0)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(filepath.Join(second, "a"), 0o600), os.Chmod(filepath.Join(second, "c"), 0o700),
		os.Chmod(filepath.Join(second, "c/d"), 0o711)); err != nil {
		t.Fatal(err)
	}
	one, bundleOne := pack(t, first)
	two, bundleTwo := pack(t, second)
	if one.Digest != two.Digest || !bytes.Equal(bundleOne, bundleTwo) {
		t.Errorf("digests differ: %s, %s", one.Digest, two.Digest)
	}
	if err := os.Chmod(filepath.Join(second, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	if three, _ := pack(t, second); three.Digest == one.Digest {
		t.Error("a file that became executable has not changed the digest")
	}
}

func TestPackSelects(t *testing.T) {
	t.Parallel()
	files := map[string]string{"out/a": "", "out/x/b": "", "out/x/c.txt": "", "src/main.go": "", "README": "", "empty/": ""}
	tests := []struct {
		name     string
		patterns []string
		want     []string
		wrong    string // the pattern that matches nothing
	}{
		{"everything below", []string{"out/**"}, []string{"out/a", "out/x/", "out/x/b", "out/x/c.txt"}, ""},
		{"one level", []string{"out/*"}, []string{"out/a", "out/x/", "out/x/b", "out/x/c.txt"}, ""},
		{"a folder by name", []string{"out/x/"}, []string{"out/x/", "out/x/b", "out/x/c.txt"}, ""},
		{"by ending", []string{"**/*.txt"}, []string{"out/x/c.txt"}, ""},
		{"the whole folder", []string{"."}, []string{"README", "empty/", "out/", "out/a", "out/x/", "out/x/b", "out/x/c.txt", "src/", "src/main.go"}, ""},
		{"several", []string{"README", "src/*.go"}, []string{"README", "src/main.go"}, ""},
		{"with a dot", []string{"./README"}, []string{"README"}, ""},
		{"nothing", []string{"README", "nope/**"}, nil, "nope/**"},
		{"empty folder has nothing below", []string{"empty/**"}, nil, "empty/**"},
		{"climbing matches nothing", []string{"../**"}, nil, "../**"},
		{"absolute matches nothing", []string{"/etc/*"}, nil, "/etc/*"},
		{"not a pattern", []string{"[a"}, nil, "[a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var bundle bytes.Buffer
			_, err := compute.Pack(t.Context(), &bundle, tree(t, files), tt.patterns)
			var wrong *compute.PatternError
			if errors.As(err, &wrong) || tt.wrong != "" {
				if wrong == nil || wrong.Pattern != tt.wrong {
					t.Fatalf("got error %v, want one about %q", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, names(t, bundle.Bytes())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPackRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		make func(dir string) error
	}{
		{"absolute link", func(d string) error { return os.Symlink("/etc/passwd", d+"/x") }},
		{"absolute link to itself", func(d string) error { return os.Symlink(d, d+"/x") }},
		{"climbing link", func(d string) error { return os.Symlink("../x", d+"/x") }},
		{"link through a link", func(d string) error {
			return errors.Join(os.MkdirAll(d+"/p/q", 0o755), os.Symlink("../..", d+"/p/q/s"), os.Symlink("s/../../x", d+"/p/q/x"))
		}},
		{"pipe", func(d string) error { return syscall.Mkfifo(d+"/x", 0o644) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := tt.make(dir); err != nil {
				t.Fatal(err)
			}
			var refused *compute.EntryError
			if _, err := compute.Pack(t.Context(), &bytes.Buffer{}, dir, nil); !errors.As(err, &refused) {
				t.Errorf("got error %v", err)
			}
		})
	}
}

func TestPackNeverFollowsALinkIntoAFolder(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"real/secret": "x", "link": ">real"})
	_, err := compute.Pack(t.Context(), &bytes.Buffer{}, dir, []string{"link/secret"})
	var wrong *compute.PatternError
	if !errors.As(err, &wrong) {
		t.Errorf("got error %v", err)
	}
}

func TestPackObeysItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := compute.Pack(ctx, &bytes.Buffer{}, tree(t, map[string]string{"a": ""}), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}

func TestAnyTreeComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c.]{0,2}[a-c](/[a-c-]{1,3}){0,3}`), 0, 8, rapid.ID).Draw(rt, "names")
		in, err := os.MkdirTemp("", "bundle")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(in)
		for _, name := range names {
			at := filepath.Join(in, name)
			if os.MkdirAll(filepath.Dir(at), 0o755) == nil {
				os.WriteFile(at, []byte(name), 0o644) // where a folder stands already, nothing is written
			}
		}
		var bundle bytes.Buffer
		packed, err := compute.Pack(context.Background(), &bundle, in, nil)
		if err != nil {
			rt.Fatal(err)
		}
		out := filepath.Join(in, ".git") // what Pack would not see
		os.Mkdir(out, 0o755)
		digest, err := compute.Unpack(context.Background(), &bundle, out, compute.Limits{})
		if err != nil || digest != packed.Digest {
			rt.Fatalf("digest %s, want %s, error %v", digest, packed.Digest, err)
		}
		again, err := compute.Pack(context.Background(), &bytes.Buffer{}, out, nil)
		if err != nil || again.Digest != packed.Digest {
			rt.Fatalf("packed again: %s, want %s, error %v", again.Digest, packed.Digest, err)
		}
	})
}

// tree makes a folder. Names that end in "/" are folders; content that starts
// with "*" is executable, with ">" a link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		at := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(at), 0o755)
		switch {
		case strings.HasSuffix(name, "/"):
			err = errors.Join(err, os.MkdirAll(at, 0o755))
		case strings.HasPrefix(content, ">"):
			err = errors.Join(err, os.Symlink(content[1:], at))
		case strings.HasPrefix(content, "*"):
			err = errors.Join(err, os.WriteFile(at, []byte(content[1:]), 0o755))
		default:
			err = errors.Join(err, os.WriteFile(at, []byte(content), 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// list is the opposite of tree.
func list(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(at string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, at)
		if err != nil || name == "." {
			return err
		}
		switch {
		case entry.IsDir():
			files[name+"/"] = ""
			return nil
		case entry.Type() == fs.ModeSymlink:
			target, err := os.Readlink(at)
			files[name] = ">" + target
			return err
		}
		content, err := os.ReadFile(at)
		if info, _ := entry.Info(); info.Mode()&0o100 != 0 {
			content = append([]byte("*"), content...)
		}
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func pack(t *testing.T, dir string, patterns ...string) (compute.Packed, []byte) {
	t.Helper()
	var bundle bytes.Buffer
	packed, err := compute.Pack(t.Context(), &bundle, dir, patterns)
	if err != nil {
		t.Fatal(err)
	}
	return packed, bundle.Bytes()
}
