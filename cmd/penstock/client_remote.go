package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
)

// remote is what the verbs have in common that ask a server.
type remote struct {
	output, repo, pipeline string
}

const remoteHelp = `

The server is PENSTOCK_SERVER (default ` + defaultServer + `); the API token is
PENSTOCK_TOKEN, or stands in the file that PENSTOCK_TOKEN_FILE names. A run is named
by its id, the address of its page, #142, PIPELINE#142, OWNER/NAME#142 or
OWNER/NAME/PIPELINE#142; without a repository it is one of --repo, or of the one that
this folder is a clone of. (In most shells # begins a comment: quote it, or write 142.)`

// command finishes the command of a verb that asks a server.
func (r *remote) command(cmd *cobra.Command) *cobra.Command {
	cmd.Long += remoteHelp
	cmd.Flags().StringVar(&r.repo, "repo", "", "the repository, `OWNER/NAME` (default: what this folder is a clone of)")
	cmd.Flags().StringVar(&r.pipeline, "pipeline", "", "the pipeline's `NAME`, where several have a run of that number")
	cmd.Flags().StringVarP(&r.output, "output", "o", "table", "`format` of the output: table, json or yaml")
	formats := []string{"table", "json", "yaml"}
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	run := cmd.RunE
	cmd.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(formats, r.output) {
			return &exitError{exitUsage, fmt.Errorf("-o %s: write %s", r.output, strings.Join(formats, ", "))}
		}
		return run(c, args)
	}
	return cmd
}

// open makes the client.
func (r *remote) open() (*client, error) { return newClient(os.Getenv) }

// print prints an answer of the API as JSON or YAML, or else has table print it.
func (r *remote) print(out io.Writer, answer any, table func(io.Writer) error) error {
	switch r.output {
	case "json":
		return printJSON(out, answer)
	case "yaml":
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(answer); err != nil {
			return err
		}
		if hides(text.String()) {
			return printJSON(out, answer) // which is YAML too, and escapes what does something to a terminal
		}
		converted, err := yaml.JSONToYAML(text.Bytes())
		if err != nil {
			return err
		}
		_, err = out.Write(converted)
		return err
	}
	return table(out)
}

// hides reports whether JSON holds what cannot be seen, escaped or not.
func hides(text string) bool {
	for _, escaped := range []string{`\u00`, `\r`, `\b`, `\f`} {
		if strings.Contains(text, escaped) {
			return true
		}
	}
	return strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
}
