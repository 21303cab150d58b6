// Package bot is the GitHub App: webhooks in, decisions to the engine, answers
// back. It never decides what happens next, never runs anything, and does not
// know where things are stored.
//
//	webhook.go       a delivery at the door: verify, store, 202
//	delivery.go      a stored delivery, handled from its row
//	missed.go        deliveries that never arrived, from GitHub's list of them
//	compare.go       heads that ran nothing although they should have
//	push.go          one file per event ...
//	pull_request.go
//	issue_comment.go
//	check_run.go
//	check_suite.go
//	installation.go
//	start.go         a commit's pipeline files -> runs
//	thread.go        what a pull request's thread is about: runs, gates, announcements
//	vote.go          an answer to a gate, from any door
//	reporter.go      closes the difference between what we show and what is true
//	wanted.go        what a run should show
package bot
