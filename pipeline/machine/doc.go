// Package machine decides what happens next in a lane: a function of state,
// input and time. It has no clock, no network, no database, no goroutine and no
// randomness, and it never carries anything out.
//
// Next is the only door. It applies the input, then settles the lane: runs that
// can move are moved until none can. The rules, each in its own file:
//
//	start.go   a new run takes its place in the order of the ref
//	enter.go       who may enter a stage: mode, supersede, stage lock, order of the ref
//	transition.go  doors that people close and open
//	advance.go     what a stage goes through, and the end of stage and run
//	waits.go       why a run stands where it stands, for people
//	action.go      attempts of actions
//	environment.go one run at a time in an environment
//	condition.go   runIf, entry, success and failure conditions, and their override
//	vote.go        gates: votes, expiry
//	stop.go        stopping, cancel-in-progress, a closed pull request
//	retry.go       failed or all actions of a stage once more, by people or by itself
//	rollback.go    a stage as it was in an earlier run
//
// An error of Next means "this makes no sense now", a sentence to show to a
// person. A failed action is no error: it is an input.
package machine
