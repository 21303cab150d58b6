package report_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/explain"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// hostile makes strings that try to be something else than words.
func hostile() *rapid.Generator[string] {
	scrap := rapid.SampledFrom([]string{
		"@octocat", "@octo-org/team", "#123", "octo/shop#7", "GH-9", "gh-9", "https://evil.example/x", "www.evil.example", "WwW.evil.example",
		"a@evil.example", "4f2c9d1e8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e", "deadbee", "<!-- penstock:gate:gate-1 -->", "<!--", "-->", "</details>", "<img src=x>",
		"`", "``", "```", "~~~", "|", "\\", "\\|", "\n", "\r\n", "\n\n/approve\n", "/approve", "> ", "- ", "# ", "    ", "\t", "[a](https://evil.example)",
		"![a](b)", "*", "_", "**", "~~", "$", "&lt;", "\u202e", "\u200b", "\u2028", "\x00", "\x1b[31m", "\xff", "{{.}}", "x", " ", "ö", "😀", "1. ", "+", "=", "---", ":",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(scrap, 0, 8).Draw(t, "scraps"), "")
	})
}

// foreign is what no word of somebody else may become outside of code.
var foreign = map[string]*regexp.Regexp{
	"a mention":      regexp.MustCompile(`@[\w-]`),
	"a reference":    regexp.MustCompile(`(^|[^&])#\d|(?i)\bgh-\d`),
	"an address":     regexp.MustCompile(`(?i)(^|[^(])https?://|www\.`),
	"a foreign link": regexp.MustCompile(`\]\((https?://)?evil`),
	"a commit":       regexp.MustCompile(`\b[0-9a-f]{7,40}\b`),
	"an image":       regexp.MustCompile(`(^|[^\\])!\[`),
}

var (
	ownLink = regexp.MustCompile(`\]\(http[^)]*\)`)
	ownTags = regexp.MustCompile(`(?m)^<!-- penstock:gate:gate-1 -->$|^<details>$|^</details>$|^<summary><b>|</b> |</summary>$`)
	anyTag  = regexp.MustCompile(`(^|[^\\])<`)
	border  = regexp.MustCompile(`(^|[^\\])\|`)
)

// checkMarkdown holds a text of ours to what no foreign word in it may break.
func checkMarkdown(t *rapid.T, name, text string) {
	outside := withoutCode(text)
	own := ownLink.ReplaceAllString(outside, "]")
	for what, pattern := range foreign {
		if found := pattern.FindString(own); found != "" {
			t.Fatalf("%s has %s, %q:\n%s", name, what, found, text)
		}
	}
	tags := ownTags.ReplaceAllString(outside, "")
	if i := anyTag.FindStringIndex(tags); i != nil {
		t.Fatalf("%s has a foreign tag, %q:\n%s", name, tags[i[0]:], text)
	}
	if n := strings.Count(text, "<!--"); n > 1 || n == 1 && !strings.HasPrefix(text, "<!-- penstock:gate:gate-1 -->\n") {
		t.Fatalf("%s has a foreign HTML comment:\n%s", name, text)
	}
	if command.HasLiveCommand(text) {
		t.Fatalf("%s would be heard as a command:\n%s", name, text)
	}
	if !utf8.ValidString(text) {
		t.Fatalf("%s is not UTF-8: %q", name, text)
	}
	columns := 0
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := len(border.FindAllString(line, -1))
		if columns != 0 && n != columns {
			t.Fatalf("%s has a row with %d borders instead of %d:\n%s", name, n, columns, text)
		}
		columns = n
	}
}

// withoutCode removes inline code and fenced blocks as the forge would see them.
func withoutCode(text string) string {
	var out strings.Builder
	fence := ""
	for line := range strings.SplitSeq(text, "\n") {
		run := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(run) > 2 && !strings.Contains(line[len(run):], "`"):
			fence = run
		case fence != "" && len(run) >= len(fence) && line == run:
			fence = ""
		case fence == "":
			for i := 0; i < len(line); {
				if line[i] == '\\' && i+1 < len(line) {
					out.WriteString(line[i : i+2])
					i += 2
					continue
				}
				n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
				if n == 0 {
					out.WriteByte(line[i])
					i++
					continue
				}
				end := regexp.MustCompile("(^|[^`])`{" + strconv.Itoa(n) + "}($|[^`])").FindStringIndex(line[i+n:])
				if end == nil {
					out.WriteString(line[i : i+n])
					i += n
					continue
				}
				i += n + strings.Index(line[i+n+end[0]:], strings.Repeat("`", n)) + end[0] + n
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// TestForeignWords puts hostile strings wherever somebody else's words go.
func TestForeignWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := func(name string) string { return hostile().Draw(t, name) }
		run := newRun()
		buildFailed(run)
		e := run.Execution
		e.Revision.Branch, e.Revision.Message, e.Revision.Author = word("branch"), word("message"), word("author")
		e.Revision.WebURL, e.Trigger.By.Login, e.Pipeline = "https://github.com/o/r/"+word("url"), word("starter"), word("pipeline")
		run.Pipeline.Stages[0].Actions[0].Name = word("action")
		e.Stages[0].Actions[0].Name = run.Pipeline.Stages[0].Actions[0].Name
		e.Stages[0].Actions[1].Summary = word("summary")
		tail := []pipeline.LogLine{{Text: word("log")}, {Text: word("log"), Stream: pipeline.System}}
		gateRun := newRun()
		gate := decided(gateRun, rapid.SampledFrom([]pipeline.ApprovalStatus{
			pipeline.ApprovalPending, pipeline.ApprovalApproved, pipeline.ApprovalRejected, pipeline.ApprovalCancelled,
		}).Draw(t, "status"))
		gate.Name, gate.Stage, gate.Policy.Message, gate.Policy.Link = word("gate"), word("stage"), word("ask"), word("link")
		gate.Votes = append(gate.Votes, vote(pipeline.Reject, 3, word("voter"), word("reason")))
		foreignBrief(t, gateRun, gate)
		gateRun.Execution.Reason = word("why")
		gateRun.Execution.Revision = e.Revision
		asked := report.Asked{Line: "/" + word("line"), Login: word("login")}
		lines := []string{"/approve " + word("copy")}

		r := renderer()
		check := r.StageCheck(run, "Build", tail)
		gateCheck := r.GateCheck(gateRun, gate)
		file := r.FileCheck(word("file"), []report.Problem{{File: word("path"), Line: 1, Message: word("problem"), Hint: word("hint")}})
		status := r.Status(run)
		for name, text := range map[string]string{
			"summary": check.Summary, "text": check.Text, "gate check": gateCheck.Summary, "file": file.Summary,
			"comment":     r.GateComment(gateRun, gate),
			"permission":  r.NoPermission(asked, word("who can")),
			"refused":     r.VoteRefused(asked, word("why")),
			"ambiguous":   r.Ambiguous(asked, lines),
			"not open":    r.NotOpen(asked, word("named"), lines),
			"wrong":       r.WrongCommit(asked, word("commit"), lines),
			"decided":     r.GateDecided(asked, gateRun, gate),
			"unknown":     r.UnknownCommand(asked, word("word"), lines[0]),
			"retried":     r.Retried(asked, run, word("stage")),
			"not named":   r.NotNamed(asked, lines),
			"not voted":   r.NotVoted(asked, word("gate named"), lines),
			"help":        r.Help(word("reader"), []report.HelpLine{{Line: lines[0], Does: word("does")}}, word("lacks")),
			"standing":    r.Standing(asked, []report.Explained{{Execution: gateRun.Execution, Lines: []explain.Line{{Text: word("state")}}}, {Execution: run.Execution}}),
			"not allowed": r.Refused(asked, word("sentence")),
			"why":         r.Why(asked, []report.Explained{{Execution: gateRun.Execution, Lines: []explain.Line{{Text: word("text"), Move: word("move")}}}}),
		} {
			checkMarkdown(t, name, text)
		}
		for _, line := range []string{check.Title, gateCheck.Title, file.Title, status.Description} {
			if line == "" || strings.ContainsAny(line, "\n\r\x00\u202e") || !utf8.ValidString(line) {
				t.Fatalf("%q is not one line", line)
			}
		}
	})
}

// TestLimits: however much there is to say, the forge takes it.
func TestLimits(t *testing.T) {
	t.Parallel()
	run := newRun()
	buildFailed(run)
	s := run.Execution.Stage("Build")
	long := strings.Repeat("größer ", 20000)
	for range 2000 {
		s.Actions = append(s.Actions, attempt(long[:300]+time.Duration(len(s.Actions)).String(), 1, pipeline.ActionSucceeded, 1, 2))
	}
	s.Actions[1].Summary = long
	run.Execution.Revision.Message = long
	var tail []pipeline.LogLine
	for range 5000 {
		tail = append(tail, pipeline.LogLine{Text: strings.Repeat("`", 100) + long[:200]})
	}
	c := renderer().StageCheck(run, "Build", tail)
	checkLimits(t, c)
	if !strings.HasSuffix(strings.TrimSpace(c.Summary), "/runs/"+run.Execution.ID+").") {
		t.Errorf("the cut is not stated: %q", c.Summary[len(c.Summary)-200:])
	}
	if len(c.Text) < 60000 || !strings.Contains(c.Text[len(c.Text)-300:], "Whole log") {
		t.Errorf("the text has %d bytes and ends in %q", len(c.Text), c.Text[len(c.Text)-300:])
	}

	gateRun := newRun()
	gate := waiting(gateRun)
	gate.Policy.Message, gate.Policy.Required = long, 100
	for i := range 5000 {
		gate.Votes = append(gate.Votes, vote(pipeline.Approve, int64(i%50), long[:100], long))
	}
	fullBrief(gateRun, gate, long)
	checkLimits(t, renderer().GateCheck(gateRun, gate))
	for _, status := range []pipeline.ApprovalStatus{pipeline.ApprovalPending, pipeline.ApprovalApproved} {
		gate.Status = status
		comment := renderer().GateComment(gateRun, gate)
		if len(comment) > 60000 || !utf8.ValidString(comment) {
			t.Errorf("a comment of %d bytes", len(comment))
		}
		if strings.Count(comment, "<details>") != strings.Count(comment, "</details>") || !strings.Contains(comment, "The rest is on [the page of the run](") {
			t.Errorf("the cut is not clean, or not stated: %q", comment[len(comment)-300:])
		}
	}

	var problems []report.Problem
	for i := range 1000 {
		problems = append(problems, report.Problem{Line: i, Message: long, Hint: long})
	}
	f := renderer().FileCheck(".penstock.yml", problems)
	checkLimits(t, f)
	if len(f.Annotations) != 1000 {
		t.Errorf("%d annotations", len(f.Annotations))
	}
	for _, a := range f.Annotations {
		if len(a.Message) > 64<<10 {
			t.Fatalf("a message of %d bytes", len(a.Message))
		}
	}
}
