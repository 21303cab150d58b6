package calls_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want, refused string }{
		{"https://api.example.com", "https://api.example.com/", ""},
		{"https://example.com/api/v3/", "https://example.com/api/v3/", ""},
		{"http://127.0.0.1:3000/api", "http://127.0.0.1:3000/api/", ""},
		{"http://LocalHost", "http://LocalHost/", ""},
		{"http://[::1]:3000/", "http://[::1]:3000/", ""},
		{"http://localhost.example.com/", "", "plain http"},
		{"http://10.0.0.1/", "", "plain http"},
		{"ftp://127.0.0.1/", "", "want https://HOST/"},
		{"api.example.com", "", "want https://HOST/"},
		{"https://user:hunter2@example.com/", "", "no user"},
		{"https://example.com/?token=hunter2", "", "no user, query"},
		{"https://example.com/#hunter2", "", "no user, query or fragment"},
		{"https://user:hunter2@exam ple.com/", "", "is not a URL"},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			u, err := calls.ParseURL(test.text, "GitHub", "https://HOST/")
			if test.refused == "" {
				if err != nil || u.String() != test.want {
					t.Errorf("%v, %v; want %s", u, err, test.want)
				}
				return
			}
			if pipeline.KindOf(err) != pipeline.Invalid || !strings.HasPrefix(err.Error(), "GitHub's API URL") ||
				!strings.Contains(err.Error(), test.refused) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want %q", err, test.refused)
			}
		})
	}
}
