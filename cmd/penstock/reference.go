package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// newReferenceCommand makes `penstock reference`: it prints the reference of the
// pipeline file, with the providers of this binary.
func newReferenceCommand(catalog definition.Catalog) *cobra.Command {
	return &cobra.Command{
		Use:   "reference [limits | commands]",
		Short: "Print the reference of the pipeline file",
		Long: "Print the reference of the pipeline file in Markdown: every key, every provider with its\n" +
			"configuration, references and expressions. With limits it is the table of how large\n" +
			"things may be, with commands what can be asked for in comments.",
		Args:         cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs:    []string{"limits", "commands"},
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			page := ""
			switch {
			case len(args) == 0:
				page = definition.Page(catalog)
			case args[0] == "limits":
				page = definition.LimitsPage()
			default:
				page = command.Page()
			}
			return printAll(cmd.OutOrStdout(), []byte(page))
		},
	}
}

// newSchemaCommand makes `penstock schema`: it prints the JSON Schema of pipeline
// files, with the providers of this binary.
func newSchemaCommand(catalog definition.Catalog) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of pipeline files, for editors",
		Long: "Print the JSON Schema (draft 2020-12) of pipeline files.\n\n" +
			"An editor with a YAML language server uses it if it is saved in the repository and the\n" +
			"file begins with\n" +
			"  # yaml-language-server: $schema=penstock.schema.json\n\n" +
			"It knows less than validate does: references and artifacts need the whole file.",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema, err := definition.Schema(catalog)
			if err != nil {
				return err
			}
			return printAll(cmd.OutOrStdout(), schema)
		},
	}
}

func printAll(out io.Writer, content []byte) error {
	if _, err := out.Write(content); err != nil {
		return &exitError{code: exitFailed, err: fmt.Errorf("print: %w", err)}
	}
	return nil
}
