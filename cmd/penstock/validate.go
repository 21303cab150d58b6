package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// newValidateCommand makes `penstock validate`: it reads pipeline files and tells
// every mistake. It exits with 0 if all are valid, and with 2 if one is not, if
// there is none, or if one cannot be read.
func newValidateCommand(catalog definition.Catalog) *cobra.Command {
	return newValidateCommandIn("", catalog)
}

// newValidateCommandIn makes the command for a working directory; empty means
// the process's own.
func newValidateCommandIn(dir string, catalog definition.Catalog) *cobra.Command {
	v := validation{dir: dir, catalog: catalog}
	cmd := &cobra.Command{
		Use:   "validate [FILE...]",
		Short: "Check pipeline files and show every mistake",
		Long: "Check pipeline files and show every mistake with its line.\n\n" +
			"Without FILE all pipeline files of this repository are checked: .penstock.yml,\n" +
			".penstock.json and those in .penstock/. FILE may be - for standard input.\n\n" +
			"What environments ask for is shown in words, and what can never open is warned of.\n" +
			"A server reads these rules from the default branch.",
		RunE: func(cmd *cobra.Command, args []string) error {
			v.in, v.out = cmd.InOrStdin(), cmd.OutOrStdout()
			v.colour = v.colour && v.onTerminal() && os.Getenv("NO_COLOR") == ""
			return v.run(args)
		},
		SilenceUsage: true,
	}
	cmd.Flags().StringVarP(&v.output, "output", "o", "table", "`format` of the output: table or json")
	noColour := cmd.Flags().Bool("no-color", false, "no colours, also on a terminal")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		v.colour = !*noColour
		if v.output != "table" && v.output != "json" {
			return &exitError{code: exitUsage, err: fmt.Errorf("-o %s: write table or json", v.output)}
		}
		return nil
	}
	return cmd
}

// validation is one call of the command.
type validation struct {
	dir     string
	catalog definition.Catalog
	in      io.Reader
	out     io.Writer
	output  string
	colour  bool
}

// validationReport is the answer as JSON.
type validationReport struct {
	Valid    bool                `json:"valid"`
	Problems definition.Problems `json:"problems"`
}

func (v *validation) run(args []string) error {
	names, problems := args, definition.Problems{}
	if len(args) == 0 {
		names, problems = v.find()
	}
	var files []definition.File
	for _, name := range names {
		content, err := v.read(name)
		if name == "-" {
			name = "stdin"
		}
		if err != nil {
			problems = append(problems, fileProblem(name, definition.SeverityError, "the file cannot be read: "+fileReason(err), ""))
			continue
		}
		files = append(files, definition.File{Path: filepath.ToSlash(name), Content: content})
	}
	pipelines, found := definition.ReadAll(files, definition.Options{Catalog: v.catalog})
	problems = append(problems, found...)
	valid := !problems.HasErrors()
	if err := v.print(validationReport{valid, problems}, files, pipelines); err != nil {
		return &exitError{code: exitFailed, err: fmt.Errorf("print the result: %w", err)}
	}
	if !valid {
		return &exitError{code: exitUsage}
	}
	return nil
}

// find returns the pipeline files of the repository around the working
// directory, as paths from there. Outside of a repository it is the working
// directory itself that is searched.
func (v *validation) find() ([]string, definition.Problems) {
	var paths []string
	root := v.root()
	for _, folder := range []string{"", ".penstock"} {
		entries, err := os.ReadDir(filepath.Join(root, folder))
		if err != nil {
			continue // a folder that is not there holds no files
		}
		for _, e := range entries {
			if !e.IsDir() {
				paths = append(paths, filepath.ToSlash(filepath.Join(folder, e.Name())))
			}
		}
	}
	var names []string
	var problems definition.Problems
	for _, path := range definition.Files(paths) {
		names = append(names, v.fromHere(root, path))
	}
	for _, path := range paths {
		if rename, ok := definition.Misnamed(path); ok {
			problems = append(problems, fileProblem(v.fromHere(root, path), definition.SeverityWarning,
				"this file is not read: pipeline files end in .yml or .json", "rename it to "+rename))
		}
	}
	if len(names) == 0 {
		problems = append(problems, fileProblem(v.fromHere(root, ".penstock.yml"), definition.SeverityError, "no pipeline file found",
			"write .penstock.yml at the root of the repository, or name a file"))
	}
	return names, problems
}

// root is the folder that holds .git, from the working directory upward.
func (v *validation) root() string {
	here, err := filepath.Abs(v.dir)
	if err != nil {
		return v.dir
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return here
		}
	}
}

// fromHere is the path of a file of the repository from the working directory.
func (v *validation) fromHere(root, path string) string {
	here, err := filepath.Abs(v.dir)
	if err != nil {
		return filepath.Join(root, path)
	}
	if rel, err := filepath.Rel(here, filepath.Join(root, path)); err == nil {
		return rel
	}
	return filepath.Join(root, path)
}

// read returns the content of a file, cut shortly behind the largest size that
// is valid.
func (v *validation) read(name string) ([]byte, error) {
	const enough = 2 << 20
	if name == "-" {
		return io.ReadAll(io.LimitReader(v.in, enough))
	}
	if v.dir != "" && !filepath.IsAbs(name) {
		name = filepath.Join(v.dir, name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, enough))
}

func (v *validation) print(r validationReport, files []definition.File, pipelines []*pipeline.Pipeline) error {
	if v.output == "json" {
		if r.Problems == nil {
			r.Problems = definition.Problems{}
		}
		e := newJSON(v.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	content := map[string][]byte{}
	for _, f := range files {
		content[f.Path] = f.Content
	}
	var b strings.Builder
	for _, p := range r.Problems {
		v.problem(&b, p, content[p.File])
	}
	for i, f := range files {
		if p := pipelines[i]; p != nil {
			fmt.Fprintf(&b, "%s: valid: pipeline %s with %s\n", printable(f.Path), p.Name, v.count(len(p.Stages), "stage"))
			for _, e := range p.Environments {
				fmt.Fprintf(&b, "  environment %s: %s\n", e.Name, printable(strings.Join(definition.RulesInWords(e, ""), "; ")))
			}
		}
	}
	if !r.Valid {
		mistakes := 0
		for _, p := range r.Problems {
			if p.Severity == definition.SeverityError {
				mistakes++
			}
		}
		fmt.Fprintf(&b, "%s\n", v.count(mistakes, "mistake"))
	}
	_, err := io.WriteString(v.out, b.String())
	return err
}

// problem writes one problem with its place in the source.
func (v *validation) problem(b *strings.Builder, p definition.Problem, content []byte) {
	const red, yellow, blue, bold = "31", "33", "34", "1"
	colour := red
	switch p.Severity {
	case definition.SeverityWarning:
		colour = yellow
	case definition.SeverityNote:
		colour = blue
	}
	fmt.Fprintf(b, "%s %s %s\n",
		v.paint(bold, fmt.Sprintf("%s:%d:%d:", printable(p.File), p.Line, p.Column)), v.paint(colour, string(p.Severity)+":"), p.Message)
	lines := definition.Excerpt(content, p.Line, p.Column)
	for i, line := range lines {
		if i == len(lines)-1 {
			line = strings.TrimSuffix(line, "^") + v.paint(colour, "^")
		}
		fmt.Fprintf(b, "  %s\n", line)
	}
	if p.Hint != "" {
		fmt.Fprintf(b, "  %s %s\n", v.paint(bold, "hint:"), p.Hint)
	}
	b.WriteByte('\n')
}

func (v *validation) paint(code, text string) string {
	if !v.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// fileProblem is a problem of a file as a whole.
func fileProblem(name string, severity definition.Severity, message, hint string) definition.Problem {
	return definition.Problem{File: filepath.ToSlash(name), Line: 1, Column: 1, Message: message, Hint: hint, Severity: severity}
}

// fileReason is the cause of a file error, without the path that is said already.
func fileReason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// printable is a file's name without what a terminal would act on.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '·'
	}, name)
}

func (v *validation) onTerminal() bool {
	f, ok := v.out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (v *validation) count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
