// Package report turns an execution into what people see of it on the forge and in
// Slack: commit status, checks, comments, replies and messages. It is pure: it never sends
// anything, knows no clock, and the same input always gives the same content.
//
// Everything that somebody else wrote (branch names, commit messages, reasons,
// logins, log lines) is shown as text: it pings nobody, links nowhere, opens no
// markup and ends none. No text of ours has a line that would be heard as a
// command.
package report
