package bot

import (
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// Judgement is what became of a stored delivery. It is false for deliveries that are
// about no change that could start a run.
func Judgement(d pipeline.Delivery) (j pipeline.Judgement, ok bool) {
	switch d.Event {
	case "push", "pull_request", "merge_group":
	default:
		return j, false
	}
	if len(d.Body) > 0 {
		event, err := githubapp.ParseEvent(d.Event, d.Body)
		if err == nil { // what cannot be read was judged all the same
			j = changeOf(event)
		}
	}
	d.Headers, d.Body = nil, nil
	j.Delivery = d
	return j, true
}

func changeOf(event any) pipeline.Judgement {
	switch e := event.(type) {
	case githubapp.Push:
		return pipeline.Judgement{Ref: e.Ref, SHA: e.After}
	case githubapp.PullRequestEvent:
		return pipeline.Judgement{Ref: "refs/heads/" + e.PullRequest.HeadRef, SHA: e.PullRequest.HeadSHA, PullRequest: e.PullRequest.Number}
	case githubapp.MergeGroup:
		return pipeline.Judgement{Ref: e.HeadRef, SHA: e.HeadSHA}
	}
	return pipeline.Judgement{}
}
