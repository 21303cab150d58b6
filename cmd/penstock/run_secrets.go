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

// Values takes them from the environment.
func (l localSecrets) Values(ctx context.Context, use secret.Use) (map[string]string, error) {
	for _, name := range use.Names {
		switch value, set := os.LookupEnv(name); {
		case !slices.Contains(l, name):
			return nil, pipeline.Errorf(pipeline.Forbidden, "secret %s is not given: set the variable %s and add --secret %s", name, name, name)
		case !set || len(value) < secret.MinLength:
			return nil, pipeline.Errorf(pipeline.Forbidden, "secret %s: the variable %s is not set, or shorter than %d characters", name, name, secret.MinLength)
		}
	}
	return l.Known(ctx, use.Names)
}

// Known returns what Values does.
func (l localSecrets) Known(_ context.Context, names []string) (map[string]string, error) {
	values := map[string]string{}
	for _, name := range names {
		values[name] = os.Getenv(name)
	}
	return values, nil
}
