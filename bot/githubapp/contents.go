package githubapp

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// contents reads files of one commit.
type contents struct {
	client     *github.Client
	repository pipeline.Repository
	sha        string
}

// pipelineFiles asks for the usual file and for the list of the root at once, so
// that one round trip is enough for commits with that file only, and for those
// with none.
func (c contents) pipelineFiles(ctx context.Context) ([]File, error) {
	var usual *github.RepositoryContent
	var usualErr error
	var group sync.WaitGroup
	group.Go(func() { usual, _, usualErr = c.get(ctx, rootFile) })
	_, root, err := c.get(ctx, "")
	group.Wait()
	if err != nil {
		return nil, err
	}
	var files []File
	if usualErr == nil {
		file, err := read(rootFile, usual)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	} else if statusOf(usualErr) != http.StatusNotFound {
		return nil, usualErr
	}
	var rest []string
	for _, entry := range root {
		switch name := entry.GetName(); name {
		case rootFile:
			if usualErr != nil { // listed and not found: GitHub is not of one mind yet
				return nil, usualErr
			}
		case rootJSON:
			rest = append(rest, name)
		case fileFolder:
			if entry.GetType() != "dir" {
				return nil, pipeline.Errorf(pipeline.Invalid, "%s is not a folder", fileFolder)
			}
			listed, err := c.list(ctx)
			if err != nil {
				return nil, err
			}
			rest = append(rest, listed...)
		}
	}
	more, err := c.readAll(ctx, rest)
	if err != nil {
		return nil, err
	}
	files = append(files, more...)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(order(a.Path), order(b.Path)) })
	return files, nil
}

// order sorts the root before the folder, and .yml before .json there.
func order(path string) string {
	switch path {
	case rootFile:
		return "0"
	case rootJSON:
		return "1"
	}
	return "2" + path
}

// list names the pipeline files in the folder.
func (c contents) list(ctx context.Context) ([]string, error) {
	_, entries, err := c.get(ctx, fileFolder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if ext := path.Ext(entry.GetName()); entry.GetType() == "dir" || ext != ".yml" && ext != ".json" {
			continue
		}
		name := fileFolder + "/" + entry.GetName()
		switch {
		case entry.GetSize() > MaxFile:
			return nil, tooLarge(name)
		case strings.Contains(name, ".."): // go-github refuses these, for fear of climbing
			return nil, pipeline.Errorf(pipeline.Invalid, "%s: a pipeline file's name must not contain two dots in a row", name)
		}
		names = append(names, name)
	}
	if len(names) > MaxFiles {
		return nil, pipeline.Errorf(pipeline.Invalid, "%s holds %d pipeline files, more than %d", fileFolder, len(names), MaxFiles)
	}
	return names, nil
}

// readAll reads several files, eight at a time.
func (c contents) readAll(ctx context.Context, names []string) ([]File, error) {
	files, errs := make([]File, len(names)), make([]error, len(names))
	slots := make(chan struct{}, 8)
	var group sync.WaitGroup
	for i, name := range names {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			entry, _, err := c.get(ctx, name)
			if err == nil {
				files[i], err = read(name, entry)
			}
			errs[i] = err
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (c contents) get(ctx context.Context, path string) (*github.RepositoryContent, []*github.RepositoryContent, error) {
	file, folder, _, err := c.client.Repositories.GetContents(ctx, c.repository.Owner, c.repository.Name, path,
		&github.RepositoryContentGetOptions{Ref: c.sha})
	return file, folder, err
}

// read takes the content out of GitHub's answer.
func read(name string, entry *github.RepositoryContent) (File, error) {
	switch {
	case entry == nil || entry.GetType() != "file":
		return File{}, pipeline.Errorf(pipeline.Invalid, "%s is not a file", name)
	case entry.GetSize() > MaxFile || entry.GetEncoding() == "none":
		return File{}, tooLarge(name)
	}
	content, err := entry.GetContent()
	if err != nil {
		return File{}, pipeline.Errorf(pipeline.Internal, "%s: GitHub's answer cannot be read: %w", name, err)
	}
	return File{Path: name, Content: []byte(content)}, nil
}

func tooLarge(name string) error {
	return pipeline.Errorf(pipeline.Invalid, "%s is larger than 1 MB, which no pipeline file may be", name)
}
