package githubapp

import (
	"context"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// MaxFile is the size of the largest pipeline file that is read, in bytes.
	MaxFile = 1 << 20
	// MaxFiles is how many pipeline files one commit may have.
	MaxFiles = 32

	rootFile   = ".penstock.yml"
	rootJSON   = ".penstock.json"
	fileFolder = ".penstock"
)

// File is a pipeline file of a commit.
type File struct {
	Path    string // ".penstock.yml", ".penstock/release.yml"
	Content []byte // read-only: shared with other callers
}

// PipelineFiles reads the pipeline files of a commit: .penstock.yml and .json at
// the root and in the folder .penstock, in this order and by name. No files and
// no error means that the commit has none. Kind Invalid means that they are there
// and cannot be used (too large, too many, not files), NotFound that GitHub does
// not have the commit, or not yet.
//
// A commit never changes, so answers are kept for a while: the newest few
// hundred.
func (a *App) PipelineFiles(ctx context.Context, r pipeline.Repository, sha string) ([]File, error) {
	if err := checkSHA(sha); err != nil {
		return nil, err
	}
	key := fileKey{repository: r.ID, sha: sha}
	if files, ok := a.files.get(key); ok {
		return files, nil
	}
	return a.reading.do(ctx, key, func(ctx context.Context) ([]File, error) {
		if files, ok := a.files.get(key); ok { // somebody else was faster
			return files, nil
		}
		var files []File
		err := a.do(ctx, call{r, "pipeline files of " + pipeline.ShortSHA(sha), "contents: read"},
			func(ctx context.Context, client *github.Client) (err error) {
				files, err = contents{client, r, sha}.pipelineFiles(ctx)
				return err
			})
		if err == nil {
			a.files.put(key, files)
		}
		return files, err
	})
}
