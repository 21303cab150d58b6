// Package storage remembers what delivery knows: lanes, runs, orders, events,
// deliveries, reports and repositories, in SQLite. It never decides anything,
// never talks to a forge and never starts work: it hands orders to whoever asks
// for the next one.
//
// One goroutine writes, through a connection of its own, one short transaction
// after the other; a pool of read-only connections reads beside it:
//
//	caller ── encode ──> write queue ──> writer: BEGIN IMMEDIATE, statements, COMMIT
//	                                        │
//	                                        ├─> orders that are due: NextOrder
//	                                        └─> answer to the caller
//	caller ── read pool ──> one snapshot
//
// What a caller passes in is encoded before the write is queued, so nothing of
// the caller's is touched after its context has ended. No caller is answered and
// no order is handed over before COMMIT has returned. A write that was queued is
// carried out whatever becomes of its caller. Other programs that hold the file
// are outwaited.
//
// Each noun has a file with its statements on top. Columns exist for what is
// searched; everything else is in a JSON document with a version inside. Every
// table has a repository_id; times are Unix microseconds, UTC, 0 for none.
package storage
