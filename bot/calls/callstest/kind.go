package callstest

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// WantKind fails a test whose error is not of a kind or does not say all these parts.
func WantKind(t *testing.T, err error, kind pipeline.Kind, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := pipeline.KindOf(err); got != kind {
		t.Errorf("kind %d, want %d: %v", got, kind, err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}
