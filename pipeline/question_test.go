package pipeline_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestAsked(t *testing.T) {
	t.Parallel()
	run := func(branch, site string) *pipeline.Execution {
		return &pipeline.Execution{Revision: pipeline.Revision{Branch: branch}, Variables: map[string]string{"SITE": site}}
	}
	for _, test := range []struct{ name, message, link, branch, site, wantMessage, wantLink string }{
		{"no references", "Ship?", "https://example.com/", "main", "", "Ship?", "https://example.com/"},
		{"values", "Ship #{penstock.Branch}?", "https://example.com/#{penstock.Branch}", "main", "", "Ship main?", "https://example.com/main"},
		{"an address from a variable", "", "#{variables.SITE}/new", "main", "https://site.example.com", "", "https://site.example.com/new"},
		{"no value", "Ship #{build.X}?", "https://example.com/#{build.X}", "main", "", "Ship #{build.X}?", ""},
		{"a branch that would be another host", "", "https://pr-#{penstock.Branch}.example.com", "evil.example/", "", "", ""},
		{"a branch that would make a user of the host", "", "https://pr-#{penstock.Branch}.example.com", "x@evil.example/", "", "", ""},
		{"a branch that would add to the query", "", "https://example.com/?b=#{penstock.Branch}", "x&token=y#", "", "", "https://example.com/?b=x%26token%3Dy%23"},
		{"a variable that is no address", "", "#{variables.SITE}", "main", "javascript:alert(1)", "", ""},
		{"a variable with a password", "", "#{variables.SITE}", "main", "https://a:b@example.com", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var p pipeline.Pipeline
			got := p.Asked(run(test.branch, test.site), pipeline.Policy{Message: test.message, Link: test.link})
			if got.Message != test.wantMessage || got.Link != test.wantLink {
				t.Errorf("got %q and %q", got.Message, got.Link)
			}
		})
	}
}
