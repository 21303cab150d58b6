package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/storage"
)

// beside is what the verbs have in common that operators run on the server's
// machine, while the server runs or not.
type beside struct {
	config, data, output string
}

// flags adds --config and --data to a command, and -o where it prints something.
func (b *beside) flags(cmd *cobra.Command, prints bool) {
	cmd.Flags().StringVar(&b.config, "config", "", "configuration `FILE` of the server (default "+configs.DefaultPath+" if it is there)")
	cmd.Flags().StringVar(&b.data, "data", "", "data `FOLDER` of the server (default: what the configuration or PENSTOCK_DATA says)")
	if prints {
		cmd.Flags().StringVarP(&b.output, "output", "o", "table", "`format` of the output: table or json")
		cmd.PreRunE = func(*cobra.Command, []string) error {
			if b.output != "table" && b.output != "json" {
				return &exitError{exitUsage, fmt.Errorf("-o %s: write table or json", b.output)}
			}
			return nil
		}
	}
}

// folder is the server's data folder. What else is wrong with the settings does
// not matter here.
func (b *beside) folder() (string, error) {
	config, _, _ := configs.Load(b.config, os.Environ())
	if dir := cmp.Or(b.data, config.Data); dir != "" {
		return dir, nil
	}
	return "", &exitError{exitUsage, errors.New("which data folder? Name it with --data, in PENSTOCK_DATA, or in the configuration file")}
}

// open opens the database.
func (b *beside) open(ctx context.Context) (*storage.DB, error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	return storage.OpenBeside(ctx, storage.Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
}

// printJSON prints one value.
func printJSON(w io.Writer, v any) error {
	encoder := newJSON(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// operator is who runs this program, as the machine knows them.
func operator() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "somebody"
}
