package report

import (
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// NotNamed: an override must say of which gate. lines are the commands to copy.
func (r *Renderer) NotNamed(a Asked, lines []string) string {
	return r.reply("not_named", a, replyView{Lines: lines})
}

// NotVoted: the person has no vote on the gate that was named. lines take back those
// that they have.
func (r *Renderer) NotVoted(a Asked, named string, lines []string) string {
	return r.reply("not_voted", a, replyView{Name: named, Lines: lines})
}

// Help lists what the person could ask for here and now. lacks is a sentence that says
// why there is not more; empty: nothing but the moment.
func (r *Renderer) Help(login string, lines []HelpLine, lacks string) string {
	return r.reply("help", Asked{Login: login}, replyView{Help: lines, Why: lacks})
}

// Standing says in a line each how runs stand.
func (r *Renderer) Standing(a Asked, runs []Explained) string {
	v := replyView{}
	for _, e := range runs {
		run := e.Execution
		words := []string{}
		if run.Status.Ended() {
			_, ended := summarize(Run{Execution: run})
			words = append(words, rollbackWords(run)+ended)
		} else {
			for _, l := range e.Lines {
				words = append(words, l.Text)
			}
		}
		v.Runs = append(v.Runs, standingView{
			Run: run.Pipeline + " " + number(run), URL: r.RunURL(run.ID), Commit: pipeline.ShortSHA(run.Revision.SHA),
			Words: strings.TrimRight(line(strings.Join(words, "; "), maxWords), "."),
		})
	}
	v.WhyCommand = r.form + "why"
	return r.reply("standing", a, v)
}

type standingView struct{ Run, URL, Commit, Words string }
