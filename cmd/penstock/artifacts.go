package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// newArtifactsCommand makes `penstock artifacts`.
func newArtifactsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "artifacts", Short: "List and download what a run has made"}
	cmd.AddCommand(newArtifactsListCommand(), newArtifactsGetCommand())
	return cmd
}

func newArtifactsListCommand() *cobra.Command {
	var r remote
	cmd := &cobra.Command{
		Use:   "list RUN",
		Short: "List the artifacts of a run",
		Args:  oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			client, err := r.open()
			if err != nil {
				return err
			}
			run, err := r.run(c.Context(), client, args[0])
			if err != nil {
				return err
			}
			var answer api.Artifacts
			if err := client.get(c.Context(), escaped("/runs/{}/artifacts", run.ID), &answer); err != nil {
				return err
			}
			return r.print(c.OutOrStdout(), answer, func(out io.Writer) error {
				w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "NAME\tMADE BY\tBYTES\tDIGEST")
				for _, a := range answer.Artifacts {
					made := "-"
					if a.Stage != "" {
						made = onScreen(a.Stage + "/" + a.Action)
					}
					fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", onScreen(a.Name), made, a.Size, onScreen(a.Digest))
				}
				return w.Flush()
			})
		},
	}
	return r.command(cmd)
}

func newArtifactsGetCommand() *cobra.Command {
	var r remote
	var file, into string
	cmd := &cobra.Command{
		Use:   "get RUN NAME",
		Short: "Download an artifact, as an archive or unpacked",
		Long: `Download an artifact: as NAME.tar.zst, as the file that --file names (- is standard
output), or unpacked into a new folder with --into. Unpacking checks the digest, and
nothing is ever written outside of that folder.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return &exitError{exitUsage, fmt.Errorf("name a run and an artifact\nSee '%s --help'", c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if file != "" && into != "" {
				return &exitError{exitUsage, errors.New("--file keeps the archive and --into unpacks it: give one of them")}
			}
			client, err := r.open()
			if err != nil {
				return err
			}
			run, err := r.run(c.Context(), client, args[0])
			if err != nil {
				return err
			}
			request, err := client.request(c.Context(), http.MethodGet, escaped("/runs/{}/artifacts/{}", run.ID, args[1]), nil)
			if err != nil {
				return err
			}
			answer, err := client.send(request)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			switch {
			case into != "":
				return unpackInto(c, answer, into)
			case file == "-":
				_, err := io.Copy(c.OutOrStdout(), answer.Body)
				return err
			}
			return saveAs(c, answer.Body, cmp.Or(file, unusual.ReplaceAllString(args[1], "_")+".tar.zst"))
		},
	}
	r.command(cmd)
	cmd.Flags().StringVar(&file, "file", "", "`FILE` to write; it must not exist")
	cmd.Flags().StringVar(&into, "into", "", "new `FOLDER` to unpack into")
	return cmd
}

var unusual = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// saveAs writes a new file, whole or not at all.
func saveAs(c *cobra.Command, content io.Reader, name string) (err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(name)
		}
	}()
	n, err := io.Copy(f, content)
	if err == nil {
		fmt.Fprintf(c.OutOrStdout(), "%s, %d bytes\n", name, n)
	}
	return err
}

// unpackInto unpacks a bundle into a new folder, and takes it away again if it is
// not what the server says it is.
func unpackInto(c *cobra.Command, answer *http.Response, dir string) (err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	digest, err := compute.Unpack(c.Context(), answer.Body, dir, compute.Limits{})
	if err != nil {
		return err
	}
	if want := answer.Header.Get("Penstock-Digest"); digest != want {
		return fmt.Errorf("the artifact is not what the server says it is: %s instead of %q", digest, want)
	}
	fmt.Fprintf(c.OutOrStdout(), "%s\n%s\n", filepath.Clean(dir), digest)
	return nil
}
