package report

import (
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// slackSlash is our slash command, and a space.
const slackSlash = "/penstock "

// Whispers are what one person alone sees: what was done or refused, why, who can, and
// what to do.

// slackWhisper makes one of lines of mrkdwn. The text of its notification is the first
// of them as somebody would say it.
func slackWhisper(text string, lines ...string) SlackMessage {
	c := &slackCard{rest: "There is more."}
	c.section(0, lines...)
	return c.message(slackWords(text, slackMaxText))
}

// slackSaid is a whisper of one sentence, which somebody may have written.
func slackSaid(words string) SlackMessage {
	return slackWhisper(words, slackWords(words, 2*slackMaxReason))
}

// slackLines shows commands to copy.
func slackLines(commands []string) []string {
	var lines []string
	for _, command := range commands {
		lines = append(lines, "• "+slackCode(command, slackWhy))
	}
	return lines
}

// sentence ends words that somebody wrote with one full stop.
func sentence(words string) string {
	if words = strings.TrimRight(plain(cutBytes(words, 8*slackMaxReason)), ". "); words == "" {
		return ""
	}
	return words + "."
}

// SlackNotLinked: nobody knows whose account at the forge this Slack user has. slash
// is the slash command, such as "/penstock".
func (r *Renderer) SlackNotLinked(slash string) SlackMessage {
	return slackWhisper("Nothing was counted: your Slack account is not linked to a GitHub account yet.",
		"Nothing was counted: your Slack account is not linked to a GitHub account yet. Votes are those of GitHub accounts.",
		"Link it once with "+slackCode(slash+" link", slackName)+", then vote again.")
}

// SlackNothingToMute: only accounts that are linked get direct messages, and this one is
// not. slash is the slash command.
func (r *Renderer) SlackNothingToMute(slash string) SlackMessage {
	return slackWhisper("There is nothing to mute: your Slack account is not linked.",
		"There is nothing to mute or unmute: only those get direct messages whose Slack account is linked to a GitHub account, and yours is not.",
		slackCode(slash+" link", slackName)+" links it.")
}

// SlackLinkOffer offers the page on which an account is linked. The address is good
// once and is nobody else's business.
func (r *Renderer) SlackLinkOffer(url string, until time.Time) SlackMessage {
	return slackWhisper("Link your GitHub account",
		slackLink("Link your GitHub account", url)+": the page shows both accounts and asks you to confirm.",
		"The link is yours alone, works once, and is good until "+slackMoment(until)+". Do not pass it on: whoever confirms it lets you vote as them.")
}

// SlackVoteTaken: the vote is in.
func (r *Renderer) SlackVoteTaken(run Run, gate *pipeline.Approval, verdict pipeline.Verdict) SlackMessage {
	words := "approval"
	if verdict == pipeline.Reject {
		words = "rejection"
	}
	text := "Your " + words + " of " + gate.Name + " is in, for commit " + pipeline.ShortSHA(gate.SHA) + "."
	line := "Your " + words + " of " + slackCode(gate.Name, slackName) + " of " + slackLink(slackRunName(run.Execution), r.RunURL(run.Execution.ID)) +
		" is in, for commit `" + pipeline.ShortSHA(gate.SHA) + "`."
	if missed := r.Gate(run, gate).Missed(); missed != "" {
		line += " " + missed
	}
	return slackWhisper(text, line)
}

// SlackVoteRefused: the rules of the gate do not take this person's vote. why is a
// sentence, and says who can.
func (r *Renderer) SlackVoteRefused(run Run, gate *pipeline.Approval, why string) SlackMessage {
	lines := []string{"Your vote on " + slackCode(gate.Name, slackName) + " of " + slackLink(slackRunName(run.Execution), r.RunURL(run.Execution.ID)) +
		" was not counted: " + slackWords(sentence(why), slackMaxReason)}
	if gate.Status == pipeline.ApprovalPending {
		for _, rule := range r.Gate(run, gate).Rules {
			lines = append(lines, slackRule("", rule)...)
		}
	}
	return slackWhisper("Your vote on "+gate.Name+" was not counted: "+sentence(why), lines...)
}

// SlackGateDecided: the gate has its answer already, and the vote changes nothing.
func (r *Renderer) SlackGateDecided(run Run, gate *pipeline.Approval) SlackMessage {
	lines := append([]string{"Your vote was not counted: nothing is asked here any more."}, slackOutcome(run, gate)...)
	return slackWhisper("Your vote was not counted: "+gate.Name+" "+GateSentence(gate), append(lines, slackLink("The run", r.RunURL(run.Execution.ID)))...)
}

// SlackRefused: nothing is taken from this person, whatever the gate: a guest, a bot, a
// deactivated account, one of another workspace. why is a sentence.
func (r *Renderer) SlackRefused(why string) SlackMessage {
	return slackSaid("Nothing was counted: " + sentence(why))
}

// SlackTooLate: the form of the vote could not be opened, since Slack gives three
// seconds for it.
func (r *Renderer) SlackTooLate() SlackMessage {
	return slackSaid("Nothing was counted: the form could not be opened in time. Please press the button again.")
}

// SlackNoGate: no gate waits, or several do and it was not said which. lines are the
// commands to copy; none: nothing waits.
func (r *Renderer) SlackNoGate(lines []string) SlackMessage {
	if len(lines) == 0 {
		return slackSaid("Nothing was counted: nothing waits for an answer. What runs is told by " + slackSlash + "status.")
	}
	return slackWhisper("Nothing was counted: say which gate you mean.",
		append([]string{"Nothing was counted: say which gate you mean. Copy one of these:"}, slackLines(lines)...)...)
}

// SlackNotOpen: the gate, the repository or the run that was named does not wait, or is
// misspelt. lines are the commands to copy for those that do.
func (r *Renderer) SlackNotOpen(named string, lines []string) SlackMessage {
	return slackWhisper("Nothing was counted: "+named+" does not wait for an answer.",
		append([]string{"Nothing was counted: " + slackCode(named, slackName) + " does not wait for an answer. What does:"}, slackLines(lines)...)...)
}

// SlackWrongCommit: the commit that was named is not the one that waits. lines are the
// commands to copy for the one that does.
func (r *Renderer) SlackWrongCommit(named string, lines []string) SlackMessage {
	return slackWhisper("Nothing was counted: "+named+" is not the commit that waits.",
		append([]string{"Nothing was counted: " + slackCode(named, slackName) + " is not the commit that waits. If you mean the one that does, copy:"}, slackLines(lines)...)...)
}

// SlackUnknownCommand: there is no such command. suggestion is the word that was
// probably meant, or empty.
func (r *Renderer) SlackUnknownCommand(word, suggestion string) SlackMessage {
	line := "There is no command " + slackCode(word, slackName) + "."
	if suggestion != "" {
		line += " Did you mean " + slackCode(slackSlash+suggestion, slackName) + "?"
	}
	return slackWhisper("There is no command "+word+".", line+" What there is: "+slackCode(slackSlash+"help", slackName))
}

// SlackMalformed: the command is known, what follows it makes no sense with it. usage
// is how it is written.
func (r *Renderer) SlackMalformed(usage string) SlackMessage {
	return slackWhisper("That was not carried out: write it as "+usage, "That was not carried out: write it as "+slackCode(usage, slackWhy))
}
