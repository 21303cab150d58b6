package pipeline_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestSourceVariables(t *testing.T) {
	t.Parallel()
	p := pipeline.Pipeline{Source: &pipeline.Source{Artifact: "Code", Namespace: "SourceVariables"}}
	run := &pipeline.Execution{
		Repository: pipeline.Repository{Owner: "acme", Name: "shop"}, Trigger: pipeline.Trigger{PullRequest: 7},
		Revision: pipeline.Revision{SHA: "0123456789", Branch: "main", Message: "fix", WebURL: "https://example.com/c"},
	}
	for key, want := range map[string]string{
		"BranchName": "main", "CommitId": "0123456789", "CommitMessage": "fix", "CommitUrl": "https://example.com/c",
		"FullRepositoryName": "acme/shop", "RepositoryName": "shop", "PullRequestId": "7",
	} {
		got, err := p.Lookup(run, pipeline.Reference{Namespace: "SourceVariables", Key: key})
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v", key, got, err)
		}
	}
	for _, key := range pipeline.SourceKeys() {
		if _, err := p.Lookup(run, pipeline.Reference{Namespace: "SourceVariables", Key: key}); err != nil {
			t.Error(err)
		}
	}
	if _, err := p.Lookup(run, pipeline.Reference{Namespace: "SourceVariables", Key: "AuthorDate"}); pipeline.KindOf(err) != pipeline.Invalid {
		t.Errorf("AuthorDate: %v", err)
	}
	if !p.IsSource("Code") || !p.IsSource("source") || p.IsSource("App") || (&pipeline.Pipeline{}).IsSource("") {
		t.Error("what is the source")
	}
}
