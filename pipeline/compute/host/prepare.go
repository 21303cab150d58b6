package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// prepare makes the folder ready for the commands. It may have been cut off
// before at any place, so it begins with removing what it makes.
func (h *Host) prepare(ctx context.Context, t *task) error {
	for _, name := range []string{"script", "work", "home", "tmp", "inputs"} {
		if err := removeAll(t.folder.path(name)); err != nil {
			return err
		}
	}
	folders := []string{"work", "home", "tmp"}
	if len(t.Inputs) > 1 {
		folders = append(folders, "inputs")
	}
	for _, name := range folders {
		if err := os.Mkdir(t.folder.path(name), 0o755); err != nil {
			return err
		}
	}
	if t.Checkout && len(t.Inputs) == 0 {
		if err := h.putSource(ctx, t, t.folder.work()); err != nil {
			return err
		}
	}
	for i, artifact := range t.Inputs {
		dir := t.folder.work()
		if i > 0 {
			dir = t.folder.input(artifact.Name)
			if err := os.Mkdir(dir, 0o755); err != nil {
				return err
			}
		}
		put := h.putArtifact
		if artifact.Digest == "" {
			put = func(ctx context.Context, t *task, _ pipeline.Artifact, dir string) error {
				return h.putSource(ctx, t, dir)
			}
		}
		if err := put(ctx, t, artifact, dir); err != nil {
			return err
		}
	}
	return t.folder.writeScript(t.Task)
}

// putSource puts the files of the revision into dir.
func (h *Host) putSource(ctx context.Context, t *task, dir string) error {
	begun := time.Now()
	what := "checkout of " + t.Revision.ShortSHA()
	err := h.retry(ctx, t, what, func(ctx context.Context) error {
		source, err := h.opt.Sources.Source(ctx, t.Repository, t.Revision)
		switch pipeline.KindOf(err) {
		case pipeline.Unavailable:
			return err
		case pipeline.NotFound:
			return failure(pipeline.RevisionUnavailable, "%s: %v", what, err)
		case pipeline.Forbidden:
			return failure(pipeline.PermissionError, "%s: %v", what, err)
		}
		if err != nil {
			return err
		}
		t.mask(source.Token, basic(source.Token))
		if err := empty(dir); err != nil {
			return err
		}
		if source.Dir != "" {
			return os.CopyFS(dir, os.DirFS(source.Dir))
		}
		return h.checkout(ctx, source, t.Revision.SHA, dir)
	})
	if err == nil {
		t.say(h, fmt.Sprintf("Checked out %s in %s", t.Revision.ShortSHA(), time.Since(begun).Round(time.Millisecond)))
	}
	return err
}

// putArtifact unpacks a bundle into dir and holds it against its digest.
func (h *Host) putArtifact(ctx context.Context, t *task, artifact pipeline.Artifact, dir string) error {
	what := "artifact " + artifact.Name
	err := h.retry(ctx, t, what, func(ctx context.Context) error {
		content, err := h.opt.Artifacts.Get(ctx, t.Repository.ID, artifact.Digest)
		if pipeline.KindOf(err) == pipeline.NotFound && err != nil {
			return failure(pipeline.SystemUnavailable, "%s is no longer stored", what)
		}
		if err != nil {
			return err
		}
		defer content.Close()
		if err := empty(dir); err != nil {
			return err
		}
		digest, err := compute.Unpack(ctx, content, dir, h.opt.Limits)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if digest != artifact.Digest {
			return failure(pipeline.SystemUnavailable, "%s is damaged: its digest is %s, not %s", what, digest, artifact.Digest)
		}
		return nil
	})
	if err == nil {
		t.say(h, "Unpacked artifact "+artifact.Name)
	}
	return err
}

// empty removes what an earlier try has left in dir.
func empty(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	_, err = f.Readdirnames(1)
	f.Close()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err := removeAll(dir); err != nil {
		return err
	}
	return os.Mkdir(dir, 0o755)
}
