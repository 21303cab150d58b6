// Package machine decides what happens next in a lane: a function of state,
// input and time. It has no clock, no network, no database, no goroutine and no
// randomness, and it never carries anything out.
//
// Next is the only door. It applies the input, then settles the lane: runs that
// can move are moved until none can. The rules, each in its own file:
//
//	start.go   a new run takes its place in the order of the ref
//	enter.go   who may enter a stage: supersede, stage lock, order of the ref, gate
//	advance.go run-order groups inside a stage, and the end of stage and run
//	vote.go    gates: votes, expiry
//	stop.go    stopping, cancel-in-progress, a closed pull request
//	retry.go   the failed actions of a stage once more
//
// An error of Next means "this makes no sense now", a sentence to show to a
// person. A failed action is no error: it is an input.
package machine
