// Package condition decides, from facts that it is given, whether something may
// go on: expressions in CEL, windows of time, schedules and comparisons of
// variables. It never touches the network, the disk or a clock, and the same
// facts always give the same answer.
//
// # Expressions
//
// runIf and skipIf are expressions in CEL, the Common Expression Language, with
// its standard functions and macros (startsWith, endsWith, contains, matches,
// size, in, exists, all, has ...). They know these names:
//
//	event        string        push, pull_request, merge_group, schedule, manual, comment, retry, rollback or api
//	branch       string        the branch of the run; of a pull request: the one it comes from; empty for a tag
//	tag          string        the tag that was pushed, or empty
//	ref          string        the full ref: refs/heads/main, refs/tags/v1, refs/pull/7/head
//	sha          string        the commit, 40 hexadecimal digits
//	message      string        the commit's message
//	author       string        who wrote the commit: a login, or a name if the forge knows none
//	actor        string        the login of whoever started the run
//	pipeline     string        the pipeline's name
//	stage        string        the name of the stage that is to be entered
//	pullRequest  {number int, base, head, title string, labels list of string, draft bool}
//	variables    map of string the run's values of the pipeline's variables
//	files        list of string the paths that the change touches
//
// A run without a pull request has one with the number 0, empty texts and no
// labels, so that an expression needs no test for it. Nothing is ever null, and
// the word is refused.
//
// An expression is checked when the file is read: its syntax, its types, that it
// is true or false, its regular expressions, and the words it compares event
// with. When it runs, its cost is bounded.
package condition
