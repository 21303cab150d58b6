package definition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline/definition"
)

// BenchmarkRead1000Actions validates a file with as many actions as a pipeline may
// have, each with an expression, references and artifacts.
func BenchmarkRead1000Actions(b *testing.B) {
	var file strings.Builder
	file.WriteString("variables: {REGION: eu-west-1}\nstages:\n")
	for stage := range 10 {
		fmt.Fprintf(&file, "- name: stage%d\n  actions:\n", stage)
		for action := range 100 {
			fmt.Fprintf(&file, `  - name: action%d
    provider: Commands
    runIf: branch == "main" || event == "pull_request" && "part%d" in pullRequest.labels
    inputArtifacts: [source]
    outputArtifacts: [{name: part-%d-%d, files: ["out/**"]}]
    commands: ["make part-%d REGION=#{variables.REGION}", "make test"]
    environmentVariables: {COMMIT: "#{penstock.Commit}", PART: "%d"}
    timeout: 30m
`, action, action, stage, action, action, action)
		}
	}
	content := []byte(file.String())
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		if p, problems := definition.Read("x.yml", content, options()); p == nil || len(problems) > 0 {
			b.Fatal(told(problems))
		}
	}
}
