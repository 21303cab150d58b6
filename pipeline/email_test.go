package pipeline_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestEmailDigest(t *testing.T) {
	t.Parallel()
	want, ok := pipeline.EmailDigest("octocat@example.com")
	if !ok || want != pipeline.SecretHash("octocat@example.com") {
		t.Fatal(want, ok)
	}
	if got, ok := pipeline.EmailDigest("OctoCat@Example.COM"); !ok || got != want {
		t.Error("upper case counts")
	}
	for _, no := range []string{
		"", "@", "octocat", "@example.com", "octocat@", "a@b@c", " octocat@example.com", "octocat@example.com\n",
		"octo\u212aat@example.com", // the Kelvin sign, a k in lower case
		"octocat@exämple.com", strings.Repeat("a", 250) + "@b.com",
	} {
		if got, ok := pipeline.EmailDigest(no); ok || got != "" {
			t.Errorf("%q has a digest", no)
		}
	}
}
