package standard_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

func TestProvidersMakeARegistry(t *testing.T) {
	t.Parallel()
	registry, err := provider.NewRegistry(standard.Providers()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range registry.ActionTypes() {
		if info.Owner == "" || info.MaxInputs < info.MinInputs || info.MaxOutputs < info.MinOutputs {
			t.Errorf("%s: incomplete: %+v", info.Name, info)
		}
	}
}
