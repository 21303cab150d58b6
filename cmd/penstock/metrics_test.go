package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline/engine"
	"github.com/penstock-cd/penstock/storage"

	"github.com/penstock-cd/penstock/pipeline"
)

// docs/metrics.md lists every metric of ours, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	db, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	forge, err := githubapp.New(githubapp.Options{AppID: 1, APIURL: "http://127.0.0.1:1/",
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})})
	if err != nil {
		t.Fatal(err)
	}
	m := newMetrics()
	m.registry.MustRegister(backlog{db: db, forge: forge, data: t.TempDir(), logger: slog.New(slog.DiscardHandler), now: time.Now})
	m.delivery("push", "done", time.Second)
	m.turned(engine.Turned{Events: []pipeline.Event{{Kind: pipeline.EventExecutionStarted}}})
	m.actionDuration.WithLabelValues("Succeeded")
	m.slackCall("chat.postMessage", "ok", time.Second)
	m.slackSockets(func() int { return 2 })
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	// Known only once GitHub has answered.
	real := []string{"penstock_github_requests_remaining", "penstock_github_reset_seconds"}
	for _, f := range families {
		if name := f.GetName(); strings.HasPrefix(name, "penstock_") {
			real = append(real, name)
		}
	}
	slices.Sort(real)
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(penstock_[a-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		documented = append(documented, row[1])
	}
	slices.Sort(documented)
	if !slices.Equal(real, documented) {
		t.Errorf("the program has\n%s\nand the page\n%s", strings.Join(real, "\n"), strings.Join(documented, "\n"))
	}
}
