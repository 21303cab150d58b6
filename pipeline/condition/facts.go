package condition

import "github.com/penstock-cd/penstock/pipeline"

// Facts are what an expression may ask about a run. The zero value is a run of
// which nothing is known.
type Facts struct {
	Event       string // a word of Events
	Branch      string
	Tag         string
	Ref         string
	SHA         string
	Message     string
	Author      string
	Actor       string
	Pipeline    string
	Stage       string
	PullRequest PullRequest // the zero value: the run is not of a pull request
	Variables   map[string]string
	// Files are the paths that the change touches. Nil means that they are not
	// known, which is an error for an expression that asks for them; a change
	// without files has an empty list.
	Files []string
}

// PullRequest is what an expression may ask about a run's pull request.
type PullRequest struct {
	Number int      `cel:"number"`
	Base   string   `cel:"base"` // the branch it is to be merged into
	Head   string   `cel:"head"` // the branch it comes from
	Title  string   `cel:"title"`
	Labels []string `cel:"labels"`
	Draft  bool     `cel:"draft"`
}

// Event returns the word of an expression for what started a run.
func Event(kind pipeline.TriggerKind) string {
	switch kind {
	case pipeline.TriggerPush:
		return "push"
	case pipeline.TriggerPullRequest:
		return "pull_request"
	case pipeline.TriggerMergeGroup:
		return "merge_group"
	case pipeline.TriggerSchedule:
		return "schedule"
	case pipeline.TriggerComment:
		return "comment"
	case pipeline.TriggerRetry:
		return "retry"
	case pipeline.TriggerRollback:
		return "rollback"
	case pipeline.TriggerAPI:
		return "api"
	}
	return "manual"
}

// Events returns every word that Event may return.
func Events() []string {
	return []string{"push", "pull_request", "merge_group", "schedule", "manual", "comment", "retry", "rollback", "api"}
}

// FactsOf are the facts of a run that is about to enter a stage, or to start one
// of its actions.
func FactsOf(run *pipeline.Execution, stage string) Facts {
	f := Facts{
		Event: Event(run.Trigger.Kind), Branch: run.Revision.Branch, Ref: run.Revision.Ref, SHA: run.Revision.SHA,
		Message: run.Revision.Message, Author: run.Revision.Author, Actor: run.Trigger.By.Login,
		Pipeline: run.Pipeline, Stage: stage, Variables: run.Variables, Files: run.Revision.Files,
	}
	if run.Lane.Kind == pipeline.LaneTag {
		f.Tag = run.Lane.Name
	}
	if run.Trigger.PullRequest != 0 {
		f.PullRequest = PullRequest{
			Number: run.Trigger.PullRequest, Base: run.Revision.BaseRef, Head: run.Revision.Branch,
			Title: run.Trigger.Title, Labels: run.Trigger.Labels, Draft: run.Trigger.Draft,
		}
	}
	return f
}
