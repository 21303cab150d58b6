package command

import "strings"

// Page is the page about commands, in Markdown.
func Page() string {
	var b strings.Builder
	b.WriteString(pageTop)
	b.WriteString("\n| command | what it does | it takes |\n|---|---|---|\n")
	for _, s := range Verbs() {
		b.WriteString("| `" + s.Line() + "` | [" + s.Does + "](#" + string(s.Verb) + ") | " + string(s.Needs) + " |\n")
	}
	b.WriteString(pageRules)
	for _, s := range Verbs() {
		b.WriteString("\n### " + string(s.Verb) + "\n\n`" + s.Line() + "`\n\n")
		for line := range strings.SplitSeq(Fold(s.Does+". "+s.More, pageWidth), "\n") {
			b.WriteString(line + "\n")
		}
		if s.Client != "" {
			b.WriteString("\nOn the [command line](cli.md): `penstock " + s.Client + "`.\n")
		}
	}
	return b.String()
}

const pageWidth = 95

// Fold breaks a text into lines of at most width characters, between words.
func Fold(text string, width int) string {
	var b strings.Builder
	at := 0
	for _, word := range strings.Fields(text) {
		switch {
		case at == 0:
		case at+1+len(word) > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}

const pageTop = `# Commands in comments

Who can comment on a pull request can ask Penstock for something there: with a line that
begins with a slash. This page is made from the table that comments are read with
(` + "`penstock reference commands`" + `); ` + "`/help`" + ` in a pull request says which of them you may
give there and then.
`

const pageRules = `
**The rules of the gate** are those of its environment or action
([the pipeline file](pipeline.md)): a listed team or person may vote with read access only,
and where others are listed, write access is not enough. The rest takes write access to the
repository, looked up at GitHub for each comment. What cannot be looked up is never a yes.

## How they are written

- A command is a line of its own, with at most three spaces before it. Several lines of one
  comment are several commands, ten at most. Letters may be small or large.
- ` + "`/penstock approve`" + ` always works; where other bots listen too, the operator can make a
  word of their own the only other form (` + "`PENSTOCK_COMMAND_PREFIX`" + `).
- What stands in code, quotes, folded details or HTML comments is not heard, and neither is
  anything that Markdown could show as such. A comment counts as it was created: edits and
  deletion change nothing. Bots give no commands.
- **A gate** is named as in its announcement: by its environment, or ` + "`stage/action`" + `. The first
  word is a gate only if it is the name of an open one; where several are open and none is
  named, nothing is counted and the answer lists the lines to copy. Where two pipelines have
  a gate of one name, write ` + "`pipeline:gate`" + `.
- **A commit** is its first seven characters or more. With it, a vote counts whenever it is
  written; without, only for a gate that was announced in this pull request before. In a pull
  request a gate counts votes only while its commit is the head.
- **A reason** is the rest of the line, at most 1,000 characters (300 for a transition or a
  lock). People will read it.

Penstock puts 👀 on a comment that it has read, then 🚀 when it was carried out, 👍 when a
vote was counted, 👎 when it was refused, and 😕 when it makes no sense there. It answers in
words only to say what was wrong, who can do it, and the line to copy.

## One by one
`
