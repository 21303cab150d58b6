package provider

import (
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

// Registry is a fixed set of providers. It is the catalog that the reader of
// pipeline files asks. It is read-only after NewRegistry.
type Registry struct {
	infos map[string]Info
	names []string
}

// NewRegistry makes a registry. A name that stands twice, an empty name and a
// missing constructor are errors.
func NewRegistry(infos ...Info) (*Registry, error) {
	r := &Registry{infos: map[string]Info{}}
	for _, info := range infos {
		switch _, twice := r.infos[info.Name]; {
		case info.Name == "" || info.New == nil || len(info.Categories) == 0:
			return nil, fmt.Errorf("provider %q: a name, a category and a constructor are needed", info.Name)
		case twice:
			return nil, fmt.Errorf("provider %q is registered twice", info.Name)
		}
		r.infos[info.Name] = info
		r.names = append(r.names, info.Name)
	}
	return r, nil
}

// Lookup returns a provider's info by its name.
func (r *Registry) Lookup(name string) (Info, bool) {
	info, ok := r.infos[name]
	return info, ok
}

// ActionTypes returns what the reader of pipeline files must know, in the order
// of registration. Those whose first category is Rule are for conditions.
func (r *Registry) ActionTypes() []pipeline.ActionTypeInfo {
	types := make([]pipeline.ActionTypeInfo, 0, len(r.names))
	for _, name := range r.names {
		types = append(types, r.infos[name].ActionTypeInfo)
	}
	return types
}

// Providers makes one provider of each kind.
func (r *Registry) Providers(env Env) (map[string]Provider, error) {
	made := map[string]Provider{}
	for _, name := range r.names {
		p, err := r.infos[name].New(env)
		if err != nil {
			return nil, fmt.Errorf("provider %s: %w", name, err)
		}
		made[name] = p
	}
	return made, nil
}
