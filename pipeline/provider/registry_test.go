package provider_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

func info(name string, err error) provider.Info {
	return provider.Info{
		ActionTypeInfo: pipeline.ActionTypeInfo{Name: name, Categories: []pipeline.Category{pipeline.CategoryBuild}},
		New:            func(provider.Env) (provider.Provider, error) { return nil, err },
	}
}

func TestNewRegistryRefuses(t *testing.T) {
	t.Parallel()
	noCategory, noConstructor := info("A", nil), info("A", nil)
	noCategory.Categories, noConstructor.New = nil, nil
	tests := []struct {
		name  string
		infos []provider.Info
		want  string
	}{
		{"twice", []provider.Info{info("A", nil), info("B", nil), info("A", nil)}, `"A" is registered twice`},
		{"no name", []provider.Info{info("", nil)}, "are needed"},
		{"no category", []provider.Info{noCategory}, "are needed"},
		{"no constructor", []provider.Info{noConstructor}, "are needed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := provider.NewRegistry(tt.infos...); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRegistryAnswers(t *testing.T) {
	t.Parallel()
	trouble := errors.New("trouble")
	registry, err := provider.NewRegistry(info("B", nil), info("A", trouble))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, known := range registry.ActionTypes() {
		names = append(names, known.Name)
	}
	if diff := cmp.Diff([]string{"B", "A"}, names); diff != "" {
		t.Errorf("not in the order of registration: %s", diff)
	}
	if _, ok := registry.Lookup("A"); !ok {
		t.Error("A is not found")
	}
	if _, ok := registry.Lookup("a"); ok {
		t.Error("a is found, but names are exact here")
	}
	if _, err := registry.Providers(provider.Env{}); !errors.Is(err, trouble) || !strings.Contains(err.Error(), "provider A") {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyRegistryIsOne(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry()
	if err != nil || len(registry.ActionTypes()) != 0 {
		t.Errorf("got %v, error %v", registry.ActionTypes(), err)
	}
}
