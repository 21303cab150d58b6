package compute

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that a hostile frame can make the decoder use.
const maxWindow = 64 << 20

// Unpack writes a bundle into dir, which exists and is empty, and returns the
// digest of the tar: compare it before using the files. It never writes outside
// of dir, whatever the archive says: entries that climb, absolute names, links
// that lead out, entries below a link, hard links, devices, names that come
// twice or out of order, and more than the limits allow are errors. After an
// error dir holds a part of the files.
func Unpack(ctx context.Context, r io.Reader, dir string, limits Limits) (digest string, err error) {
	limits = limits.withDefaults()
	root, err := openRoot(dir)
	if err != nil {
		return "", fmt.Errorf("unpack: %w", err)
	}
	defer root.Close()
	plain, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return "", fmt.Errorf("unpack: %w", err)
	}
	defer plain.Close()
	sum := sha256.New()
	// A header may say that a file is small and PAX records may go on for ever:
	// the tar as a whole is bounded too.
	bound := limits.Bytes + int64(limits.Entries)*4096 + 1<<20
	stream := &io.LimitedReader{R: io.TeeReader(plain, sum), N: bound}
	u := unpacker{root: root, limits: limits, links: map[string]bool{}}
	archive := tar.NewReader(stream)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("unpack: %w", err)
		}
		if err := u.entry(header, archive); err != nil {
			return "", fmt.Errorf("unpack: %w", err)
		}
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		return "", fmt.Errorf("unpack: %w", err)
	}
	if stream.N == bound {
		return "", errors.New("unpack: the archive is empty")
	}
	if stream.N == 0 {
		return "", errors.New("unpack: the archive is too large")
	}
	return DigestPrefix + hex.EncodeToString(sum.Sum(nil)), nil
}

type unpacker struct {
	root    *os.Root
	limits  Limits
	entries int
	bytes   int64
	last    string          // the name before, as names must ascend
	links   map[string]bool // names that are links
}

func (u *unpacker) entry(header *tar.Header, content io.Reader) error {
	name := header.Name
	if header.Typeflag == tar.TypeDir {
		name = strings.TrimSuffix(name, "/")
	}
	if err := u.check(name); err != nil {
		return err
	}
	if parent := path.Dir(name); parent != "." {
		if err := u.root.MkdirAll(parent, 0o755); err != nil {
			return err
		}
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return u.root.Mkdir(name, 0o755)
	case tar.TypeSymlink:
		if err := checkLink(name, header.Linkname); err != nil {
			return err
		}
		u.links[name] = true
		return u.root.Symlink(header.Linkname, name)
	case tar.TypeReg:
		return u.file(name, header, content)
	default:
		return fmt.Errorf("%q has a type that is not allowed: %q", name, header.Typeflag)
	}
}

func (u *unpacker) check(name string) error {
	u.entries++
	switch {
	case u.entries > u.limits.Entries:
		return fmt.Errorf("more than %d entries", u.limits.Entries)
	case len(name) > maxName, strings.ContainsAny(name, "\x00\\"),
		!filepath.IsLocal(name), path.Clean(name) != name, name == ".":
		return fmt.Errorf("%q is not a name an entry may have", name)
	case name <= u.last:
		return fmt.Errorf("%q comes twice or out of order", name)
	}
	u.last = name
	for above := path.Dir(name); above != "."; above = path.Dir(above) {
		if u.links[above] {
			return fmt.Errorf("%q lies behind the link %q", name, above)
		}
	}
	return nil
}

func (u *unpacker) file(name string, header *tar.Header, content io.Reader) error {
	if u.bytes += header.Size; header.Size < 0 || u.bytes > u.limits.Bytes {
		return fmt.Errorf("more than %d bytes of files", u.limits.Bytes)
	}
	mode := os.FileMode(0o644)
	if header.Mode&0o111 != 0 {
		mode = 0o755
	}
	f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}
