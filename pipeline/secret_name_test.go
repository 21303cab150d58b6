package pipeline_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestSecretNames(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"TOKEN", "_X", "A1", "MODULE_TOKEN"} {
		if why := pipeline.CheckSecretName(good); why != "" {
			t.Errorf("%s: %s", good, why)
		}
	}
	for _, bad := range []string{"", "token", "1A", "A-B", "A B", "A\nB", "A=B", "LD_PRELOAD", "PATH", "PENSTOCK_COMMIT", "BASH_ENV", "ENV", strings.Repeat("A", 101)} {
		if pipeline.CheckSecretName(bad) == "" {
			t.Errorf("%q is let through", bad)
		}
	}
}
