package compute

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Packed tells what Pack has written.
type Packed struct {
	Digest  string // "sha256:" + hex, of the tar
	Bytes   int64  // of all regular files together
	Entries int
}

// Pack writes the files of dir as a bundle. No patterns mean everything; else
// an entry is taken if its path, or that of a folder above it, matches one of
// the doublestar patterns. Whatever is named .git is left out, with all it
// holds. A *PatternError means that a pattern matches nothing, a *EntryError
// that the folder holds something a bundle may not: a link that leads out, a
// device, a socket, a pipe. Links are never followed. What was written before
// an error is of no use.
func Pack(ctx context.Context, w io.Writer, dir string, patterns []string) (Packed, error) {
	root, err := openRoot(dir)
	if err != nil {
		return Packed{}, fmt.Errorf("pack: %w", err)
	}
	defer root.Close()
	names, err := selectEntries(ctx, root, patterns)
	if err != nil {
		return Packed{}, err
	}
	compressed, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return Packed{}, fmt.Errorf("pack: %w", err)
	}
	defer compressed.Close()
	sum := sha256.New()
	archive := tar.NewWriter(io.MultiWriter(sum, compressed))
	packed := Packed{Entries: len(names)}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return Packed{}, err
		}
		size, err := packEntry(archive, root, name)
		if err != nil {
			return Packed{}, err
		}
		packed.Bytes += size
	}
	if err := archive.Close(); err != nil {
		return Packed{}, fmt.Errorf("pack: %w", err)
	}
	if err := compressed.Close(); err != nil {
		return Packed{}, fmt.Errorf("pack: %w", err)
	}
	packed.Digest = DigestPrefix + hex.EncodeToString(sum.Sum(nil))
	return packed, nil
}

// EntryError is a file that may not be in a bundle.
type EntryError struct {
	Name   string
	Reason string // a sentence for people
}

// Error returns the sentence for people.
func (e *EntryError) Error() string { return e.Reason }

func packEntry(archive *tar.Writer, root *os.Root, name string) (int64, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return 0, fmt.Errorf("pack %s: %w", name, err)
	}
	header := &tar.Header{Name: name, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	switch mode := info.Mode(); mode.Type() {
	case fs.ModeDir:
		header.Typeflag, header.Mode = tar.TypeDir, 0o755
		header.Name += "/"
		return 0, writeHeader(archive, header)
	case fs.ModeSymlink:
		header.Typeflag, header.Mode = tar.TypeSymlink, 0o755
		if header.Linkname, err = root.Readlink(name); err != nil {
			return 0, fmt.Errorf("pack %s: %w", name, err)
		}
		if err := checkLink(name, header.Linkname); err != nil {
			return 0, &EntryError{name, err.Error()}
		}
		return 0, writeHeader(archive, header)
	case 0:
		return packFile(archive, root, header)
	default:
		return 0, &EntryError{name, fmt.Sprintf("%s is neither a file, a folder nor a link", name)}
	}
}

// packFile opens without waiting and without following a last link, and packs
// what it has opened, not what stood there a moment ago.
func packFile(archive *tar.Writer, root *os.Root, header *tar.Header) (int64, error) {
	f, err := root.OpenFile(header.Name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return 0, fmt.Errorf("pack %s: %w", header.Name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("pack %s: %w", header.Name, err)
	}
	if !info.Mode().IsRegular() {
		return 0, &EntryError{header.Name, fmt.Sprintf("%s is neither a file, a folder nor a link", header.Name)}
	}
	header.Typeflag, header.Size = tar.TypeReg, info.Size()
	if info.Mode()&0o111 != 0 {
		header.Mode = 0o755
	}
	if err := writeHeader(archive, header); err != nil {
		return 0, err
	}
	if _, err := io.CopyN(archive, f, header.Size); err != nil {
		return 0, fmt.Errorf("pack %s: %w", header.Name, err)
	}
	return header.Size, nil
}

func writeHeader(archive *tar.Writer, header *tar.Header) error {
	if len(header.Name) > maxName {
		return &EntryError{header.Name, fmt.Sprintf("%.80s...: the name is too long", header.Name)}
	}
	if err := archive.WriteHeader(header); err != nil {
		return fmt.Errorf("pack %s: %w", header.Name, err)
	}
	return nil
}
