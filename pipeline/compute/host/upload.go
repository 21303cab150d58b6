package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// upload packs and stores the output artifacts. A restart packs again: the
// folder is as the commands have left it, so the digests are the same.
func (h *Host) upload(ctx context.Context, t *task) ([]pipeline.Artifact, error) {
	var stored []pipeline.Artifact
	for _, output := range t.Outputs {
		artifact, err := h.uploadOne(ctx, t, output)
		if err != nil {
			return nil, err
		}
		stored = append(stored, artifact)
	}
	return stored, nil
}

// uploadOne packs into a file first, because the digest must be known before the
// first byte is stored.
func (h *Host) uploadOne(ctx context.Context, t *task, output pipeline.OutputArtifact) (pipeline.Artifact, error) {
	what := "output artifact " + output.Name
	none := pipeline.Artifact{}
	file, err := os.OpenFile(t.folder.path("pack"), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return none, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	packed, err := compute.Pack(ctx, file, t.folder.work(), output.Files)
	var pattern *compute.PatternError
	var entry *compute.EntryError
	switch {
	case errors.As(err, &pattern), errors.As(err, &entry):
		return none, failure(pipeline.JobFailed, "%s: %v", what, err)
	case err != nil:
		return none, fmt.Errorf("%s: %w", what, err)
	}
	var size int64
	err = h.retry(ctx, t, what, func(ctx context.Context) (err error) {
		if _, err = file.Seek(0, io.SeekStart); err == nil {
			size, err = h.opt.Artifacts.Put(ctx, t.Repository.ID, packed.Digest, file)
		}
		return err
	})
	if err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	t.say(h, fmt.Sprintf("Stored artifact %s: %d entries, %d bytes of files, %s", output.Name, packed.Entries, packed.Bytes, packed.Digest))
	return pipeline.Artifact{Name: output.Name, Digest: packed.Digest, Size: size}, nil
}
