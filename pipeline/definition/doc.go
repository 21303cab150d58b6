// Package definition turns a pipeline file into a valid Pipeline, or into every
// mistake in it with its line. It never touches the network, the disk or a
// clock, never runs anything, and never guesses: a key or value that is unknown
// or not built yet is a problem that says so.
//
// The way of a file through the package:
//
//	bytes ── node            YAML or JSON, with positions and bounded in every way
//	node  ── pipeline        one small reader per thing: stages, actions, triggers ...
//	pipeline ── checks       what needs the whole: artifacts, references, sources
//
// Environments reads the rules of environments out of all files of the default
// branch, and nothing else of them; Admits and PolicyFor say what they mean for one
// run and its change.
//
// The tables in grammar*.go name every key there is: those that are built, and
// those that are refused by name.
package definition
