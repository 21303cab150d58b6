package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/secret"
)

// newVault makes the secrets of the configuration available. Names that no
// command could get are refused; a value that cannot be read is told, and then
// only those fail who need it.
func newVault(ctx context.Context, config configs.Config, logger *slog.Logger) (*secret.Vault, error) {
	var declarations []secret.Declaration
	for _, s := range config.Secrets {
		if why := pipeline.CheckSecretName(s.Name); why != "" {
			return nil, &exitError{exitUsage, fmt.Errorf("the settings are not complete:\nline %d: secrets.%s: %s", s.Line, s.Name, why)}
		}
		var source secret.Source = secret.Fixed(s.Value.Reveal())
		if s.File != "" {
			source = secret.File(s.File)
		}
		if _, err := source.Value(ctx); err != nil {
			logger.Warn("a secret has no value", "secret", s.Name, "error", err)
		}
		declarations = append(declarations, secret.Declaration{
			Name: s.Name, Repositories: s.Repositories, Refs: s.Refs, Environments: s.Environments,
			PullRequests: s.PullRequests, Source: source,
		})
	}
	return secret.NewVault(declarations...), nil
}
