package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline/definition"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/standard"
)

// file measures how long a pipeline file with 1,000 actions takes to be read and
// checked, without a server.
func file(context.Context) ([]row, error) {
	registry, err := provider.NewRegistry(standard.Providers()...)
	if err != nil {
		return nil, err
	}
	content := thousandActions()
	var took []time.Duration
	for range 10 {
		start := time.Now()
		if _, problems := definition.Read("x.yml", content, definition.Options{Catalog: registry}); problems.HasErrors() {
			return nil, fmt.Errorf("the file of 1,000 actions: %s", problems[0])
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return []row{{
		What:  "validating a file of 1,000 actions",
		Value: fmt.Sprintf("%d ms (%d kB, median of %d)", took[len(took)/2].Milliseconds(), len(content)>>10, len(took)),
	}}, nil
}

// thousandActions is a file in which each action has an expression, references and
// artifacts.
func thousandActions() []byte {
	var b strings.Builder
	b.WriteString("variables: {REGION: eu-west-1}\nstages:\n")
	for stage := range 10 {
		fmt.Fprintf(&b, "- name: stage%d\n  actions:\n", stage)
		for action := range 100 {
			fmt.Fprintf(&b, "  - name: action%d\n    provider: Commands\n    runIf: branch == \"main\" || \"part%d\" in pullRequest.labels\n"+
				"    inputArtifacts: [source]\n    outputArtifacts: [{name: part-%d-%d, files: [\"out/**\"]}]\n"+
				"    commands: [\"make part-%d REGION=#{variables.REGION}\", \"make test\"]\n", action, action, stage, action, action)
		}
	}
	return []byte(b.String())
}
