package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/web/api"
)

func newStartCommand() *cobra.Command {
	var r remote
	var in api.Start
	var given []string
	var wait bool
	cmd := &cobra.Command{
		Use:     "start [PIPELINE]",
		Example: "  penstock start release --branch main --var REGION=eu-west-1 --wait",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			for _, v := range given {
				name, value, ok := strings.Cut(v, "=")
				if !ok || name == "" {
					return &exitError{exitUsage, fmt.Errorf("--var %q: write NAME=VALUE", v)}
				}
				if in.Variables == nil {
					in.Variables = map[string]string{}
				}
				in.Variables[name] = value
			}
			if len(args) > 0 {
				r.pipeline = args[0]
			}
			client, base, err := r.ofPipeline(c)
			if err != nil {
				return err
			}
			var run api.Run
			if err := client.write(c.Context(), c.ErrOrStderr(), http.MethodPost, base+"/runs", in, &run); err != nil {
				return err
			}
			return r.finish(c, client, run, wait)
		},
	}
	sameWords(cmd, command.Start, "It is of a branch, where that stands or at one of its commits, or of a tag. "+
		"The name may be left out while the repository has one pipeline.")
	r.command(cmd)
	waits(cmd, &wait)
	cmd.Flags().StringVar(&in.Branch, "branch", "", "`NAME` of the branch (default: the repository's default branch)")
	cmd.Flags().StringVar(&in.Tag, "tag", "", "`NAME` of a tag, instead of a branch")
	cmd.Flags().StringVar(&in.SHA, "sha", "", "a commit of that branch, the whole `ID` (default: where it stands)")
	cmd.Flags().StringArrayVar(&given, "var", nil, "`NAME=VALUE` of a variable; may be repeated")
	return cmd
}

// ofPipeline makes the client, and the beginning of the addresses of a pipeline: the
// one that is named, or the only one that has run lately.
func (r *remote) ofPipeline(c *cobra.Command) (*client, string, error) {
	client, err := r.open()
	if err != nil {
		return nil, "", err
	}
	name, err := r.repository(c.Context())
	if err != nil {
		return nil, "", err
	}
	owner, repo, _ := strings.Cut(name, "/")
	var newest api.Runs
	if err := client.get(c.Context(), "/runs?repository="+owner+"/"+repo, &newest); err != nil {
		return nil, "", err
	}
	if r.pipeline == "" {
		if r.pipeline, err = onlyPipeline(newest.Runs); err != nil {
			return nil, "", err
		}
	}
	return client, escaped("/repositories/{}/{}/pipelines/{}", owner, repo, r.pipeline), nil
}

// onlyPipeline is the one that all of these runs are of.
func onlyPipeline(runs []api.Run) (string, error) {
	var names []string
	for _, run := range runs {
		if !slices.Contains(names, run.Pipeline) {
			names = append(names, run.Pipeline)
		}
	}
	switch len(names) {
	case 0:
		return "", &exitError{exitUsage, errors.New("which pipeline? Nothing of this repository has run yet: name it")}
	case 1:
		return names[0], nil
	}
	return "", &exitError{exitUsage, fmt.Errorf("which pipeline? There is %s", onScreen(strings.Join(names, ", ")))}
}
