package githubapp

import "slices"

// Need is one permission that the app needs, and why. Nothing else is asked for.
type Need struct {
	Permission string // GitHub's name: pull_requests
	Level      string // read or write
	Reason     string // for people: what goes without it
}

// Needs are the permissions that the calls of this package take: setup asks for
// them, doctor compares with them, a test holds them against what is used.
func Needs() []Need {
	return []Need{
		{"metadata", "read", "to know repositories and who may do what in them; GitHub gives it to every app"},
		{"contents", "read", "to read pipeline files and to fetch the commits that run"},
		{"checks", "write", "to show each stage as a check, with buttons on gates"},
		{"statuses", "write", "to set the one status that branch protection can require"},
		{"pull_requests", "write", "to read pull requests and to comment on them"},
		{"merge_queues", "read", "to hear of the groups that a merge queue wants checked"},
		{"deployments", "write", "to show what is deployed to which environment"},
		{"members", "read", "to know who is in the teams that a gate asks; it is a permission of the organization"},
		{"issues", "write", "to hear commands in comments, and to answer with comments and reactions: GitHub counts these as an issue's"},
	}
}

// Listen is one event that the app subscribes to, and why.
type Listen struct {
	Event  string
	Reason string
	// Always says that GitHub sends it to every app that may write checks, whether
	// it subscribes or not.
	Always bool
}

// Listens are the events that ParseEvent has a use for, without those that GitHub
// sends to every app: ping and installations.
func Listens() []Listen {
	return []Listen{
		{Event: "push", Reason: "to run what is pushed"},
		{Event: "pull_request", Reason: "to run pull requests, and to stop when one is closed"},
		{Event: "merge_group", Reason: "to run the groups of a merge queue"},
		{Event: "issue_comment", Reason: "to hear /approve and other commands"},
		{Event: "check_run", Reason: "to hear Re-run and the buttons of gates", Always: true},
		{Event: "check_suite", Reason: "to hear Re-run all checks", Always: true},
	}
}

// Covers reports whether having a level of a permission is enough where another
// level is needed.
func Covers(have, need string) bool {
	levels := []string{"", "read", "write", "admin"}
	return slices.Index(levels, have) >= max(1, slices.Index(levels, need))
}
