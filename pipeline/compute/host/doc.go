// Package host is the compute that runs commands on this machine, each task in
// a bubblewrap sandbox and under a supervisor that outlives the server. It never
// trusts what a task has left behind, never keeps a secret in a task's folder,
// and never runs a task's commands twice.
//
// # A task's life
//
// Start writes the task's folder and puts the task in a queue. When a slot is
// free, one goroutine takes it through its phases: Preparing (checkout, input
// artifacts), Running (the supervisor's time; we only read along), Uploading
// (output artifacts). The goroutine ends when the task does, or when the Host is
// closed; it is only the reader of files that say how far the task is:
//
//	<Dir>/<id>/
//	  task.json     what the task is, without its environment
//	  lock          flock: held by the preparing Host, handed to the supervisor
//	  stop          there: the task is to end, or not to begin
//	  script        what the shell runs, read-only to the task
//	  output        there: the commands have been started, once and for ever;
//	                and what they have printed, framed (spool.go)
//	  tail.0 tail.1 the end of it, when output is full
//	  vars          its output variables
//	  status        how the commands ended (supervisor.c)
//	  result        the answer of Poll, for ever
//	  work/ home/ tmp/ inputs/
//	                the task's own
//
// # After a restart
//
// With result, the task has ended. With status, it is finished from there. With
// output and the lock held, it is running. With output and the lock free, its
// supervisor is dead: the host lost this build. Without output, no command has
// run, and the phases begin anew. The lock is taken before the preparation and
// passed on to the supervisor as an open file, so there is no moment in which a
// supervisor that is about to claim looks dead to another Host.
//
// The server learns of all this from one inotify descriptor for all tasks;
// waiting costs no goroutine but that of a task that holds a slot.
package host
