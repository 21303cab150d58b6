package report

import (
	"strings"

	"github.com/penstock-cd/penstock/bot/explain"
	"github.com/penstock-cd/penstock/pipeline"
)

// Asked is the command that a reply answers. Both are as somebody wrote them.
type Asked struct {
	Line  string // the line of the comment
	Login string // who wrote it
}

// HelpLine is one command in the list of /help.
type HelpLine struct {
	Line string // to copy: "/stop abandon"
	Does string // what it does, in the imperative
}

// replyView is what the templates of replies are filled with. Its strings are as
// somebody wrote them.
type replyView struct {
	Asked, Login string
	Lines        []string // commands to copy
	Help         []HelpLine
	Name         string // a gate, a word, a stage
	Why          string
	RunURL, Run  string
	Abandon      bool
	HelpCommand  string
	WhyCommand   string
	Explained    []explainedView
	Runs         []standingView
}

type explainedView struct {
	Run, URL string
	Lines    []explain.Line
}

// reply fills one reply in.
func (r *Renderer) reply(name string, a Asked, v replyView) string {
	v.Asked, v.Login = line(a.Line, 120), a.Login
	v.Why = strings.TrimRight(line(v.Why, maxWords), ".")
	v.HelpCommand = r.form + "help"
	return cutLines(r.execute("reply_"+name, v), maxComment, "…")
}

// NoPermission: the person may not do this. who is a sentence saying who can.
func (r *Renderer) NoPermission(a Asked, who string) string {
	if who == "" {
		who = "People with write access to this repository can."
	}
	return r.reply("no_permission", a, replyView{Why: who})
}

// VoteRefused: the policy of the gate does not take this person's vote. why is
// its sentence.
func (r *Renderer) VoteRefused(a Asked, why string) string {
	return r.reply("vote_refused", a, replyView{Why: why})
}

// LookupFailed: whether the person may do this could not be found out.
func (r *Renderer) LookupFailed(a Asked) string {
	return r.reply("lookup_failed", a, replyView{})
}

// NoOpenGate: nothing waits for an answer here.
func (r *Renderer) NoOpenGate(a Asked) string {
	return r.reply("no_open_gate", a, replyView{})
}

// Ambiguous: several gates wait. lines are the commands to copy, one per gate.
func (r *Renderer) Ambiguous(a Asked, lines []string) string {
	return r.reply("ambiguous", a, replyView{Lines: lines})
}

// NotOpen: the gate that was named does not wait, or is misspelt. lines are for
// those that do wait.
func (r *Renderer) NotOpen(a Asked, named string, lines []string) string {
	return r.reply("not_open", a, replyView{Name: named, Lines: lines})
}

// WrongCommit: the commit that was named is not the one that waits.
func (r *Renderer) WrongCommit(a Asked, named string, lines []string) string {
	return r.reply("wrong_commit", a, replyView{Name: named, Lines: lines})
}

// StaleVote: the comment is older than the announcement of the gate, or the pull
// request has moved on since; it may have meant another commit. No lines means
// that nothing waits for the commit that is the head now.
func (r *Renderer) StaleVote(a Asked, lines []string) string {
	return r.reply("stale_vote", a, replyView{Lines: lines})
}

// GateDecided: the gate has its answer already.
func (r *Renderer) GateDecided(a Asked, run Run, gate *pipeline.Approval) string {
	return r.reply("gate_decided", a, r.ofRun(run, replyView{Name: gate.Name, Why: GateSentence(gate)}))
}

// NeedsReason: a rejection, and an override, must say why. lines are the commands to complete.
func (r *Renderer) NeedsReason(a Asked, lines []string) string {
	return r.reply("needs_reason", a, replyView{Lines: lines})
}

// UnknownCommand: there is no such command. suggestion is the whole command that
// was probably meant, or empty.
func (r *Renderer) UnknownCommand(a Asked, word, suggestion string) string {
	v := replyView{Name: word}
	if suggestion != "" {
		v.Lines = []string{suggestion}
	}
	return r.reply("unknown_command", a, v)
}

// NotSupported: the command is known but not built yet.
func (r *Renderer) NotSupported(a Asked) string {
	return r.reply("not_supported", a, replyView{})
}

// Malformed: the command is known, what follows it makes no sense with it.
func (r *Renderer) Malformed(a Asked, usage string) string {
	return r.reply("malformed", a, replyView{Lines: []string{usage}})
}

// Retried: the failed actions of a stage run again.
func (r *Renderer) Retried(a Asked, run Run, stage string) string {
	return r.reply("retried", a, r.ofRun(run, replyView{Name: stage}))
}

// Stopping: the run is being stopped.
func (r *Renderer) Stopping(a Asked, run Run, abandon bool) string {
	return r.reply("stopping", a, r.ofRun(run, replyView{Abandon: abandon}))
}

// Refused: a retry, a stop or a vote makes no sense now. why is a sentence.
func (r *Renderer) Refused(a Asked, why string) string {
	return r.reply("refused", a, replyView{Why: why})
}

// Explained is a run with what it waits for, or why it ended.
type Explained struct {
	Execution *pipeline.Execution
	Lines     []explain.Line
}

// Why explains runs.
func (r *Renderer) Why(a Asked, runs []Explained) string {
	v := replyView{}
	for _, e := range runs {
		v.Explained = append(v.Explained, explainedView{
			Run: e.Execution.Pipeline + " " + number(e.Execution), URL: r.RunURL(e.Execution.ID), Lines: e.Lines,
		})
	}
	return r.reply("why", a, v)
}

// NoRun: there is no run here to retry or stop.
func (r *Renderer) NoRun(a Asked) string {
	return r.reply("no_run", a, replyView{})
}

func (r *Renderer) ofRun(run Run, v replyView) replyView {
	v.Run = run.Execution.Pipeline + " " + number(run.Execution)
	v.RunURL = r.RunURL(run.Execution.ID)
	return v
}
