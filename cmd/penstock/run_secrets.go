package main

import (
	"context"
	"os"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/secret"
)

// localSecrets are the variables of whoever runs a pipeline on their own machine
// that they have said its actions may use.
type localSecrets []string

// Values takes them from the environment. Connections are the server's.
func (l localSecrets) Values(ctx context.Context, use secret.Use) (secret.Given, error) {
	if use.Connection != "" {
		return secret.Given{}, pipeline.Errorf(pipeline.Forbidden, "connection %s is known to the server only, and this runs without one", use.Connection)
	}
	for _, name := range use.Names {
		switch value, set := os.LookupEnv(name); {
		case !slices.Contains(l, name):
			return secret.Given{}, pipeline.Errorf(pipeline.Forbidden, "secret %s is not given: set the variable %s and add --secret %s", name, name, name)
		case !set || len(value) < secret.MinLength:
			return secret.Given{}, pipeline.Errorf(pipeline.Forbidden, "secret %s: the variable %s is not set, or shorter than %d characters", name, name, secret.MinLength)
		}
	}
	return l.Known(ctx, use)
}

// Known returns what Values does.
func (l localSecrets) Known(_ context.Context, use secret.Use) (secret.Given, error) {
	values := map[string]string{}
	for _, name := range use.Names {
		values[name] = os.Getenv(name)
	}
	return secret.Given{Secrets: values}, nil
}
