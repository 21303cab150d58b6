package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// runOptions are the flags of `penstock run`.
type runOptions struct {
	file    string
	approve string // ask, auto or deny
	until   string
	noColor bool
	secrets []string
	// variables are NAME=VALUE, of the pipeline.
	variables []string
}

// newRunCommand makes `penstock run`: this working tree's pipeline on this
// machine, without a server.
func newRunCommand(registry *provider.Registry) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run this working tree's pipeline on this machine",
		Long: `Run this working tree's pipeline on this machine, without a server.

It works on a copy of the tree: tracked and untracked files, not ignored ones,
and no .git folder.
Actions that need a server or a cloud are shown as skipped. Gates ask at the terminal,
for one answer whatever their rules are; without a terminal they are rejected. A stage
whose environment this file does not declare has such a gate, too.

Exit codes: 0 succeeded; 1 failed; 2 invalid file or usage; 3 rejected;
4 expired; 5 stopped; 130 interrupted.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.approve != "ask" && o.approve != "auto" && o.approve != "deny" {
				return &exitError{exitUsage, fmt.Errorf("--approve %s: write ask, auto or deny", o.approve)}
			}
			return runLocally(c.Context(), registry, o, c.InOrStdin(), c.OutOrStdout())
		},
	}
	cmd.Flags().StringVarP(&o.file, "file", "f", "", "the pipeline `FILE` to run (default: the only one of this repository)")
	cmd.Flags().StringVar(&o.approve, "approve", "ask", "what answers gates: ask, auto or deny")
	cmd.Flags().StringVar(&o.until, "until", "", "the last `STAGE` to run")
	cmd.Flags().StringSliceVar(&o.secrets, "secret", nil, "`NAME` of a variable of yours that actions may use as a secret; may be repeated")
	cmd.Flags().StringArrayVar(&o.variables, "var", nil, "`NAME=VALUE` of a variable; may be repeated")
	cmd.Flags().BoolVar(&o.noColor, "no-color", false, "no colours, also on a terminal")
	_ = cmd.RegisterFlagCompletionFunc("approve", cobra.FixedCompletions([]string{"ask", "auto", "deny"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// runLocally reads the file, copies the tree, and takes one run to its end.
func runLocally(ctx context.Context, registry *provider.Registry, o runOptions, in io.Reader, out io.Writer) error {
	root, err := workTree(ctx)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	declared, err := readLocalPipeline(root, o, registry, out)
	if err != nil {
		return err
	}
	variables, err := pairs(o.variables)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if _, err := declared.ResolveVariables(variables); err != nil {
		return &exitError{exitUsage, fmt.Errorf("%w; write --var NAME=VALUE", err)}
	}
	terminal := isTerminal(in) && isTerminal(out)
	screen := newScreen(out, isTerminal(out) && !o.noColor && os.Getenv("NO_COLOR") == "")
	local, err := newLocalRun(ctx, registry, root, declared, o.secrets, screen)
	if err != nil {
		return err
	}
	local.first.Execution.Variables = variables
	local.answer = gateAnswer(o.approve, terminal, in, screen)
	run, err := local.run(ctx)
	if err != nil {
		return errors.Join(err, local.close(true))
	}
	screen.summary(run, declared)
	keep := run.Status != pipeline.ExecutionSucceeded
	if keep {
		screen.kept(local.dir, local.logs)
	}
	if err := local.close(keep); err != nil {
		return err
	}
	return localExit(ctx, run)
}

// localExit turns the end of a run into an exit code. The summary has told it in
// words.
func localExit(ctx context.Context, run *pipeline.Execution) error {
	code := exitFailed
	switch {
	case run.Status == pipeline.ExecutionSucceeded:
		return nil
	case ctx.Err() != nil:
		code = exitInterrupted
	case run.Status != pipeline.ExecutionFailed:
		code = exitStopped
	case run.FailureType == pipeline.Rejected:
		code = exitRejected
	case run.FailureType == pipeline.Expired:
		code = exitExpired
	}
	return &exitError{code: code}
}

// gateAnswer decides how gates are answered: by rule, or by whoever sits at the
// terminal. The answer blocks until there is one or ctx ends.
func gateAnswer(mode string, terminal bool, in io.Reader, screen *screen) func(context.Context, *pipeline.Approval) (pipeline.Verdict, string) {
	if mode == "ask" && !terminal {
		mode = "deny"
	}
	lines := make(chan string)
	reading := false
	return func(ctx context.Context, gate *pipeline.Approval) (pipeline.Verdict, string) {
		switch mode {
		case "auto":
			screen.note("%s: approved by --approve auto", gate.Name)
			return pipeline.Approve, "--approve auto"
		case "deny":
			screen.note("%s: rejected: nobody can be asked (see --approve)", gate.Name)
			return pipeline.Reject, "nobody could be asked"
		}
		if !reading {
			reading = true
			go readLines(in, lines)
		}
		for {
			screen.prompt("%s waits for approval. Approve? [y/n] ", gate.Name)
			select {
			case line, open := <-lines:
				switch strings.ToLower(strings.TrimSpace(line)) {
				case "y", "yes":
					return pipeline.Approve, ""
				case "n", "no":
					return pipeline.Reject, "answered no at the terminal"
				}
				if !open {
					return pipeline.Reject, "the terminal was closed"
				}
			case <-ctx.Done():
				return pipeline.Reject, "interrupted"
			}
		}
	}
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
