package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/pipeline/definition"
)

// newInitCommand makes `penstock init`: it writes a first pipeline file for the
// repository it stands in, validates it, and says what to do next. It exits with 2
// if there is a pipeline file already.
func newInitCommand(catalog definition.Catalog) *cobra.Command {
	return newInitCommandIn("", catalog)
}

// newInitCommandIn makes the command for a working directory; empty means the
// process's own.
func newInitCommandIn(dir string, catalog definition.Catalog) *cobra.Command {
	force := false
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a first pipeline file for this repository",
		Long: "Write .penstock.yml for the repository around the working directory, and validate it.\n\n" +
			"What is found there decides what it does: go.mod, package.json, pyproject.toml or\n" +
			"requirements.txt, pom.xml, build.gradle, Dockerfile; a buildspec.yml is taken over\n" +
			"command by command. Nothing is run or sent anywhere.",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := validation{dir: dir, catalog: catalog, in: cmd.InOrStdin(), out: cmd.OutOrStdout(), output: "table"}
			v.colour = v.onTerminal() && os.Getenv("NO_COLOR") == ""
			return initialise(&v, force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over the .penstock.yml that is there")
	return cmd
}

func initialise(v *validation, force bool) error {
	root := v.root()
	target := filepath.Join(root, ".penstock.yml")
	name := filepath.ToSlash(v.fromHere(root, ".penstock.yml"))
	if have, _ := v.find(); len(have) > 0 && !force {
		return &exitError{exitUsage, fmt.Errorf("%s is there already; --force writes over .penstock.yml", strings.Join(have, ", "))}
	}
	found, err := detect(root)
	if err != nil {
		return &exitError{exitFailed, fmt.Errorf("look at %s: %w", root, err)}
	}
	content := firstFile(pipelineNameOf(root), found)
	if err := writeFirst(target, content, force); err != nil {
		return &exitError{exitFailed, fmt.Errorf("write %s: %w", name, err)}
	}
	fmt.Fprintf(v.out, "%s written for %s\n", printable(name), found.words())
	for _, note := range found.notes {
		fmt.Fprintf(v.out, "  note: %s\n", note)
	}
	if err := v.run([]string{v.fromHere(root, ".penstock.yml")}); err != nil {
		return err
	}
	_, err = fmt.Fprint(v.out, "\nNext:\n"+
		"  penstock run                         runs it here, on your working tree, without a server\n"+
		"  git add .penstock.yml && git commit  a push, or a pull request, starts it on the server\n"+
		"  penstock reference                   has every key\n")
	return err
}

// writeFirst writes the file; without force never over another.
func writeFirst(path, content string, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	return errors.Join(err, f.Close())
}

// pipelineNameOf is the name of the repository's folder, as far as it can name a
// pipeline.
func pipelineNameOf(root string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(".@-_", r):
			return r
		}
		return '-'
	}, filepath.Base(root))
	if name = strings.Trim(name, "-."); name == "" || len(name) > 100 {
		return "pipeline"
	}
	return name
}
