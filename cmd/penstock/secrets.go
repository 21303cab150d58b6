package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/secret"
)

// newVault makes the secrets and connections of the configuration available. What
// no action could use is refused; a value that cannot be read is told, and then
// only those fail who need it.
func newVault(ctx context.Context, config configs.Config, logger *slog.Logger) (*secret.Vault, error) {
	secrets, wrong := vaultSecrets(config)
	connections, more := vaultConnections(config)
	if wrong = append(wrong, more...); len(wrong) > 0 {
		return nil, &exitError{exitUsage, fmt.Errorf("the settings are not complete:\n%s", strings.Join(wrong, "\n"))}
	}
	for _, s := range secrets {
		if _, err := s.Source.Value(ctx); err != nil {
			logger.Warn("a secret has no value", "secret", s.Name, "error", err)
		}
	}
	for _, c := range connections {
		for setting, source := range c.Secrets {
			if _, err := source.Value(ctx); err != nil {
				logger.Warn("a connection has no value", "connection", c.Name, "setting", setting, "error", err)
			}
		}
	}
	return secret.NewVault(secrets, connections), nil
}

func vaultSecrets(config configs.Config) (list []secret.Declaration, wrong []string) {
	for _, s := range config.Secrets {
		if why := pipeline.CheckSecretName(s.Name); why != "" {
			wrong = append(wrong, fmt.Sprintf("line %d: secrets.%s: %s", s.Line, s.Name, why))
		}
		list = append(list, secret.Declaration{Name: s.Name, Binding: secret.Binding(s.Binding), Source: source(s.SecretValue)})
	}
	return list, wrong
}

func vaultConnections(config configs.Config) (list []secret.ConnectionDeclaration, wrong []string) {
	for _, c := range config.Connections {
		d := secret.ConnectionDeclaration{
			Name: c.Name, Type: c.Type, Binding: secret.Binding(c.Binding), Settings: c.Settings, Secrets: map[string]secret.Source{},
		}
		for setting, value := range c.Secrets {
			d.Secrets[setting] = source(value)
		}
		for _, why := range d.Check() {
			wrong = append(wrong, fmt.Sprintf("line %d: connections.%s: %s", c.Line, c.Name, why))
		}
		list = append(list, d)
	}
	return list, wrong
}

func source(value configs.SecretValue) secret.Source {
	if value.File != "" {
		return secret.File(value.File)
	}
	return secret.Fixed(value.Value.Reveal())
}
