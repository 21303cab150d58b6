package pipeline

import (
	"path"
	"strconv"
)

// Source is the Source action of a file in AWS's form that stands for the commit
// which started the run. It is no action of the pipeline: the commit is there
// before the run begins.
type Source struct {
	Stage     string `json:"stage"`
	Action    string `json:"action"`
	Artifact  string `json:"artifact,omitempty"`  // what the commit is called, besides "source"
	Namespace string `json:"namespace,omitempty"` // of its variables: see SourceKeys
	Branch    string `json:"branch,omitempty"`    // that it names
}

// SourceKeys are the variables of a source that a run has. AWS has others, such as
// AuthorDate, which have no value here.
func SourceKeys() []string {
	return []string{"BranchName", "CommitId", "CommitMessage", "CommitUrl", "FullRepositoryName", "RepositoryName", "PullRequestId"}
}

// IsSource reports whether an artifact of that name is the commit itself.
func (p *Pipeline) IsSource(artifact string) bool {
	return artifact == SourceArtifact || p.Source != nil && p.Source.Artifact == artifact
}

// SourceArtifact is the name of the artifact that is the commit, in every pipeline.
const SourceArtifact = "source"

// sourceFact is a variable of the source.
func (e *Execution) sourceFact(key string) (string, bool) {
	switch key {
	case "BranchName":
		return e.Revision.Branch, true
	case "CommitId":
		return e.Revision.SHA, true
	case "CommitMessage":
		return e.Revision.Message, true
	case "CommitUrl":
		return e.Revision.WebURL, true
	case "FullRepositoryName":
		return e.Repository.FullName(), true
	case "RepositoryName":
		return path.Base(e.Repository.FullName()), true
	case "PullRequestId":
		if e.Trigger.PullRequest == 0 {
			return "", true
		}
		return strconv.Itoa(e.Trigger.PullRequest), true
	}
	return "", false
}
