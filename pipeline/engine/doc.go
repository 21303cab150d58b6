// Package engine carries out what the machine decides: it takes orders from the
// store, launches and polls actions through providers, and turns what comes of
// it into inputs. It never decides what happens next, and it talks neither to a
// forge nor to people.
//
// One turn is: load the lane, ask machine.Next, save everything that changed in
// one transaction guarded by the lane's version. What was saved and not carried
// out is found again at start-up, so every order bears being carried out twice.
//
//	engine.go   the engine, its start and its end
//	submit.go   a turn
//	dispatch.go orders from the store to the hands that carry them out
//	action.go   start, poll and stop of an attempt
//	job.go      an attempt with everything resolved, for its provider
//	recover.go  what a restart looks at first
package engine
