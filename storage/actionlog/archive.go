package actionlog

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// archive puts the whole log into the blob store, compressed, under the digest
// of its text, which it returns.
func (a attempt) archive(ctx context.Context, pos position) (string, error) {
	sum := sha256.New()
	if err := a.copyText(ctx, sum, pos); err != nil {
		return "", err
	}
	digest := fmt.Sprintf("sha256:%x", sum.Sum(nil))
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.CloseWithError(a.compress(ctx, w, pos))
	}()
	_, err := a.s.options.Blobs.Put(ctx, a.repository, digest, r)
	r.Close() // ends the goroutine if not everything was read
	<-done
	return digest, err
}

func (a attempt) compress(ctx context.Context, w io.Writer, pos position) error {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	if err := a.copyText(ctx, z, pos); err != nil {
		z.Close() // the error above tells more
		return err
	}
	return z.Close()
}

func (a attempt) copyText(ctx context.Context, w io.Writer, pos position) error {
	segments, err := a.segments(pos)
	if err != nil {
		return err
	}
	for _, segment := range segments {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := os.Open(a.segmentPath(segment))
		if err != nil {
			return err
		}
		_, err = io.Copy(w, a.counted(f, pos, segment))
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
