package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/configs"
)

func TestJobsSeeNoConfiguration(t *testing.T) {
	t.Parallel()
	got := hidden(configs.Config{Data: "/data", SecretFiles: []string{"/srv/config.yml", "/srv/app.pem"}})
	if d := cmp.Diff([]string{"/data", "/etc/penstock", "/srv/config.yml", "/srv/app.pem"}, got); d != "" {
		t.Error(d)
	}
}
