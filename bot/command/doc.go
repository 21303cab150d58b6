// Package command turns slash commands in comments into typed commands. It is
// pure: it never asks who wrote a comment, what runs or what waits, and it never
// answers; those who call it do.
//
// What counts as a command is what a reader of the rendered comment would take
// for one: a line of plain text that starts with a slash. Code, quotes, HTML
// comments and folded details are somebody else's words and are never heard.
// Where Markdown can be read in two ways, a line is heard only if it is plain
// text in both: a command that is not heard costs a second comment, one that was
// not meant may open a gate.
package command
