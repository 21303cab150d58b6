package report

import (
	"strings"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/pipeline"
)

// slackMostRuns is how many runs an answer lists.
const slackMostRuns = 10

// SlackHelp lists what can be asked for in Slack. linked is whose account the person
// has; nil: it is not known.
func (r *Renderer) SlackHelp(linked *pipeline.SlackAccount) SlackMessage {
	lines := []string{"*What you can ask for:*"}
	for _, s := range command.SlackVerbs() {
		lines = append(lines, "• "+slackCode(slackSlash+s.Line()[1:], slackWhy)+" – "+slackWords(s.Does, slackWhy))
	}
	if linked == nil {
		lines = append(lines, "Your votes do not count yet: link your GitHub account with "+slackCode(slackSlash+"link", slackName)+".")
	} else {
		words := "You vote as " + slackCode(linked.Actor.Login, slackName) + " of GitHub."
		if linked.Muted {
			words += " Direct messages are muted."
		}
		lines = append(lines, words)
	}
	return slackWhisper("What you can ask for", lines...)
}

// SlackNoRuns: there is no run of what was named that the person may be told of here.
// what is that, such as "shop" or "#142", or empty; linked is whether their account is
// linked.
func (r *Renderer) SlackNoRuns(what string, linked bool) SlackMessage {
	words, shown := "No run is known here", "No run is known here"
	if what != "" {
		words, shown = words+" as "+what, shown+" as "+slackCode(what, slackName)
	}
	reads := "You are told of the repositories that this channel is for, and of those that you can read on GitHub"
	if !linked {
		reads += ", once your account is linked: " + slackCode(slackSlash+"link", slackName)
	}
	return slackWhisper(words+".", shown+". "+reads+".")
}

// SlackRuns says in a line each how runs stand. There must be one.
func (r *Renderer) SlackRuns(runs []Run) SlackMessage {
	var lines []string
	for _, run := range runs[:min(len(runs), slackMostRuns)] {
		e := run.Execution
		lines = append(lines, "• "+slackLink(e.Repository.FullName()+" "+slackRunName(e), r.RunURL(e.ID))+
			" "+slackLink(e.Revision.ShortSHA(), commitURL(e))+": "+slackWords(r.stands(run), slackWhy))
	}
	if more := len(runs) - slackMostRuns; more > 0 {
		lines = append(lines, slackLink("and more", r.base+"/runs"))
	}
	return slackWhisper(count(len(runs), "run"), lines...)
}

// SlackWhy says what a run waits for and who can move it, or why it ended, in
// sentences.
func (r *Renderer) SlackWhy(run Run, sentences []string) SlackMessage {
	e := run.Execution
	lines := []string{"*" + slackLink(e.Repository.FullName()+" "+slackRunName(e), r.RunURL(e.ID)) + "*"}
	for _, s := range sentences {
		lines = append(lines, "• "+slackWords(s, 2*slackWhy))
	}
	return slackWhisper(slackRunName(e)+": "+strings.Join(sentences[:min(1, len(sentences))], ""), lines...)
}

// SlackLinked: from now on the person's votes are those of that account.
func (r *Renderer) SlackLinked(account pipeline.SlackAccount) SlackMessage {
	return slackWhisper("Your Slack account is linked to "+account.Actor.Login+" of GitHub.",
		"Your Slack account is linked to "+slackCode(account.Actor.Login, slackName)+" of GitHub: your votes here are votes of that account. "+
			"If that is not you, "+slackCode(slackSlash+"unlink", slackName)+" ends it.")
}

// SlackUnlinked: the person's votes are nobody's any more. login is whose they were;
// empty: they were nobody's.
func (r *Renderer) SlackUnlinked(login string) SlackMessage {
	if login == "" {
		return slackSaid("Your Slack account was not linked, and still is not.")
	}
	return slackWhisper("Your Slack account is no longer linked to "+login+".",
		"Your Slack account is no longer linked to "+slackCode(login, slackName)+". Votes that you have given stand; an open one is taken back on GitHub with `"+r.form+"unapprove`.")
}

// SlackMuted: whether the person gets direct messages about gates from now on.
func (r *Renderer) SlackMuted(muted bool) SlackMessage {
	if muted {
		return slackWhisper("No direct messages from now on.", "No direct messages from now on. "+slackCode(slackSlash+"unmute", slackName)+" brings them back.")
	}
	return slackWhisper("Direct messages are on.", "Direct messages are on: you are told of gates that wait for you. "+slackCode(slackSlash+"mute", slackName)+" ends that.")
}
