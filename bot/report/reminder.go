package report

import (
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxMentions is how many people one comment calls; the forge itself stops calling
// at some number.
const maxMentions = 50

// Reminder is the comment that tells people once more that a gate waits. It calls
// exactly those named, each a login or "owner/team"; nobody else in it is called.
func (r *Renderer) Reminder(run Run, gate *pipeline.Approval, people []string) string {
	return r.call("reminder", run, gate, people)
}

// Escalated is the comment that tells people that more votes on a gate count from now
// on, because it has waited for too long. People are as in Reminder.
func (r *Renderer) Escalated(run Run, gate *pipeline.Approval, people []string) string {
	return r.call("escalated", run, gate, people)
}

// callView is what the templates of such comments are filled with. Mentions are
// Markdown, all else is as somebody wrote it.
type callView struct {
	Gate     gateView
	Mentions string
	After    string // how long it has waited
	To       string // whose votes count from now on
}

func (r *Renderer) call(name string, run Run, gate *pipeline.Approval, people []string) string {
	v := callView{Gate: r.gateView(run, gate, 0), Mentions: mentions(people)}
	if !gate.EscalatedAt.IsZero() {
		v.After = took(gate.EscalatedAt.Sub(gate.OpenedAt))
	}
	if e := gate.Policy.Escalate; e != nil {
		v.To = line(pipeline.SelectorsInWords(e.To), maxWords)
	}
	return cutLines(r.execute(name, v), maxComment, "The rest is on "+link("the page of the run", v.Gate.Head.RunURL)+".")
}

// account is what a login or a team of an owner looks like at the forge.
var account = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(/[A-Za-z0-9_.-]{1,100})?$`)

// mentions calls people. What cannot be an account is shown and calls nobody.
func mentions(people []string) string {
	var names []string
	for _, name := range people[:min(len(people), maxMentions)] {
		if account.MatchString(name) {
			names = append(names, "@"+name)
		} else {
			names = append(names, code(name))
		}
	}
	return strings.Join(names, " ")
}
