package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// workTree finds the top of the git working tree we stand in.
func workTree(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", errors.New("this is not a git working tree: run 'git init' first, or change to one")
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// readLocalPipeline reads the file that was named, or the only one there is, and
// cuts the pipeline off after --until. Mistakes are shown as validate shows them.
func readLocalPipeline(root string, o runOptions, catalog definition.Catalog, out io.Writer) (*pipeline.Pipeline, error) {
	file := o.file
	if file == "" {
		found, err := pipelineFiles(root)
		switch {
		case err != nil:
			return nil, err
		case len(found) == 0:
			return nil, &exitError{exitUsage, fmt.Errorf("%s has no pipeline file: write .penstock.yml, or name one with --file", root)}
		case len(found) > 1:
			return nil, &exitError{exitUsage, fmt.Errorf("there are several pipeline files: choose one with --file: %s", strings.Join(found, ", "))}
		}
		file = filepath.Join(root, found[0])
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	name, err := filepath.Rel(root, file)
	if err != nil {
		name = file
	}
	declared, problems := definition.Read(filepath.ToSlash(name), content, definition.Options{Catalog: catalog, Local: true})
	for _, problem := range problems {
		fmt.Fprintln(out, problem)
	}
	if problems.HasErrors() {
		return nil, &exitError{exitUsage, fmt.Errorf("%s is not valid; 'penstock validate' shows the lines", name)}
	}
	if o.until == "" {
		return declared, nil
	}
	var names []string
	for i, stage := range declared.Stages {
		if names = append(names, stage.Name); stage.Name == o.until {
			declared.Stages = declared.Stages[:i+1]
			return declared, nil
		}
	}
	return nil, &exitError{exitUsage, fmt.Errorf("--until %s: there is no such stage; there are %s", o.until, strings.Join(names, ", "))}
}

// pipelineFiles lists the pipeline files below a folder, relative to it.
func pipelineFiles(root string) ([]string, error) {
	var paths []string
	for _, dir := range []string{".", ".penstock"} {
		entries, err := os.ReadDir(filepath.Join(root, dir))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			paths = append(paths, filepath.ToSlash(filepath.Join(dir, e.Name())))
		}
	}
	return definition.Files(paths), nil
}

// copyTree copies tracked and untracked files that are not ignored, as they are
// now. Links are copied as links.
func copyTree(ctx context.Context, root, to string) error {
	list := exec.CommandContext(ctx, "git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for name := range strings.SplitSeq(string(out), "\x00") {
		if name == "" {
			continue
		}
		if err := copyFile(filepath.Join(root, name), filepath.Join(to, name)); err != nil {
			return fmt.Errorf("copy %s: %w", name, err)
		}
	}
	return nil
}

func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // tracked, and deleted in the working tree
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case !info.Mode().IsRegular():
		return nil // a submodule's folder, a socket: nothing to copy
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

func readLines(in io.Reader, lines chan<- string) {
	defer close(lines)
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		lines <- scanner.Text()
	}
}
