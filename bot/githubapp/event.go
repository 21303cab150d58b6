package githubapp

import (
	"encoding/json"

	"github.com/penstock-cd/penstock/pipeline"
)

// Origin is what all events have: where they come from and who caused them.
type Origin struct {
	Action       string // opened, created ...; empty for events without
	Installation int64  // 0: the hook is not an app's
	// Repository is zero for events without one. Its Host is that of its pages.
	Repository pipeline.Repository
	Sender     Account
}

// About is the repository that an event is about, zero for events without one.
func (o Origin) About() pipeline.Repository { return o.Repository }

// Ping is sent when a hook is made.
type Ping struct {
	Origin
	HookID int64
	AppID  int64 // 0: the hook is not an app's
}

// Other is an event that we have no use for.
type Other struct {
	Origin
	Event string
}

// ParseEvent reads a delivery's payload into one of Push, PullRequestEvent,
// MergeGroup, IssueComment, CheckRunEvent, CheckSuiteEvent, Installation,
// InstallationRepositories, Ping or Other. Fields that we do not use may hold
// anything: GitHub adds to payloads, and examples of its own have malformed
// times. An error is of kind Invalid: what we need is missing or malformed.
func ParseEvent(event string, payload []byte) (any, error) {
	read := reader(event)
	if read == nil {
		var w wireOrigin
		if err := json.Unmarshal(payload, &w); err != nil {
			return nil, pipeline.Errorf(pipeline.Invalid, "%s event: %w", event, err)
		}
		return Other{Origin: w.origin(), Event: event}, nil
	}
	var w wireEvent
	if err := json.Unmarshal(payload, &w); err != nil {
		return nil, pipeline.Errorf(pipeline.Invalid, "%s event: %w", event, err)
	}
	parsed, problem := read(&w, w.origin())
	if problem != "" {
		return nil, pipeline.Errorf(pipeline.Invalid, "%s event: %s", event, problem)
	}
	return parsed, nil
}

// reader is what reads that event, or nil when we have no use for it. The text it
// returns says what is wrong, if anything is.
func reader(event string) func(*wireEvent, Origin) (any, string) {
	switch event {
	case "push":
		return (*wireEvent).push
	case "pull_request":
		return (*wireEvent).pullRequest
	case "merge_group":
		return (*wireEvent).mergeGroup
	case "issue_comment":
		return (*wireEvent).issueComment
	case "check_run":
		return (*wireEvent).checkRun
	case "check_suite":
		return (*wireEvent).checkSuite
	case "installation":
		return (*wireEvent).installation
	case "installation_repositories":
		return (*wireEvent).installationRepositories
	case "ping":
		return (*wireEvent).ping
	}
	return nil
}

func (w *wireEvent) ping(o Origin) (any, string) {
	p := Ping{Origin: o, HookID: w.HookID}
	if w.Hook != nil {
		p.AppID = w.Hook.AppID
	}
	return p, ""
}
