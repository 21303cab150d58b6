// Package pipeline holds the words of continuous delivery: pipelines, stages,
// actions, lanes, executions, approvals, orders and events. It imports nothing
// but the standard library, and it never decides, stores or sends anything.
//
// How the words fit together:
//
//	Pipeline ── Stage ── Action          what a file declares
//	Lane                                 the queue of one ref in one pipeline
//	Execution ── StageExecution ── ActionExecution
//	                                     one run through the stages, one attempt of an action
//	Approval ── Vote ── Facts            one gate, one answer, what was known of the voter
//	State ── Input ── Decision           a lane's runs in flight, what happened, what follows
//	Order                                work that follows from a decision, kept until done
//	Event                                a fact, append-only
//	Delivery, Report                     what the forge told us, what we show there
//
// Package machine turns State and Input into a Decision; package engine carries
// Decisions out; package storage remembers them.
//
// Types that are stored as JSON carry a version in a field V. A field is never
// given a new meaning: it is added beside the old one and V is raised.
package pipeline
