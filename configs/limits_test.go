package configs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/configs"
)

func TestRates(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, "github:\n  pointLimits: [1200/1m]\n", map[string]string{"PENSTOCK_GITHUB_CONTENT_LIMITS": "80/1m, 500/1h"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]configs.Rate{{80, time.Minute}, {500, time.Hour}}, c.GitHub.ContentLimits); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]configs.Rate{{1200, time.Minute}}, c.GitHub.PointLimits); d != "" {
		t.Error(d)
	}
	for _, bad := range []string{"80", "80/", "/1m", "0/1m", "-1/1m", "80/0s", "80/1", "80/1ms", "80/25h", "80/1m 9999999/1h", "x/1m", "80/1m/1m"} {
		_, _, err := load(t, "", map[string]string{"PENSTOCK_GITHUB_POINT_LIMITS": bad})
		if err == nil || !strings.Contains(err.Error(), "such as 80/1m") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
