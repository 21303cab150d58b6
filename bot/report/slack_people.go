package report

import (
	"fmt"
	"strings"
)

// slackRules says who has to agree, who has and who can still, and what keeps votes
// from counting.
func slackRules(g Gate) []string {
	var lines []string
	for _, rule := range g.Rules {
		lines = append(lines, slackRule("", rule)...)
	}
	if len(g.Missing) > 0 {
		lines = append(lines, "⚠️ Could not be looked up, and what is not known is never a yes: "+slackWords(strings.Join(g.Missing, "; "), 2*slackWhy))
	}
	return append(lines, slackVotesOf(g.Votes, func(v GateVote) bool { return v.Not == "" && (v.Reason != "" || v.Verdict != "approved") })...)
}

// slackCannot is the small print: who cannot approve and why, and which votes do not
// count.
func slackCannot(g Gate) []string {
	var lines []string
	if len(g.Excluded) > 0 {
		var all []string
		for _, p := range g.Excluded[:min(len(g.Excluded), slackPeople)] {
			all = append(all, slackCode(p.Login, slackName)+" ("+slackWords(p.Why, slackName)+")")
		}
		lines = append(lines, "Cannot approve, having a hand in the change: "+strings.Join(all, ", ")+slackMore(len(g.Excluded)-len(all)+g.MoreExcluded))
	}
	if len(g.Unknown) > 0 {
		known := g.Unknown[:min(len(g.Unknown), slackPeople)]
		lines = append(lines, "No account here is known of: "+slackCodes(known, slackPeople)+slackMore(len(g.Unknown)-len(known)+g.MoreUnknown)+". Any voter may be one of them.")
	}
	for _, waived := range g.Waived {
		lines = append(lines, "Not asked for, since it does not apply to this change: "+slackWords(waived, slackWhy))
	}
	return append(lines, slackVotesOf(g.Votes, func(v GateVote) bool { return v.Not != "" })...)
}

func slackMore(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

func slackRule(indent string, rule GateRule) []string {
	words := indent + "⏳ " + slackWords(rule.Words, slackWhy)
	if rule.Missing == 0 {
		words = indent + "✅ " + slackWords(rule.Words, slackWhy)
	}
	if len(rule.By) > 0 {
		words += ": " + slackCodes(rule.By, slackPeople)
	}
	if rule.Missing > 0 && (len(rule.By) > 0 || rule.Missing > 1) {
		words += fmt.Sprintf(" – *%d missing*", rule.Missing)
	}
	if rule.Can != "" {
		words += "; can still approve: " + slackWords(rule.Can, slackWhy)
	}
	lines := []string{words}
	for _, part := range rule.Parts {
		lines = append(lines, slackRule(indent+"↳ ", part)...)
	}
	for _, trouble := range rule.Trouble {
		lines = append(lines, indent+"⚠️ "+slackWords(trouble, slackWhy))
	}
	return lines
}

// slackVotesOf lists some of the votes.
func slackVotesOf(votes []GateVote, which func(GateVote) bool) []string {
	var lines []string
	for _, v := range votes {
		if !which(v) {
			continue
		}
		if len(lines) == slackVotes {
			return append(lines, "and more votes on the page of the run")
		}
		words := "• " + slackCode(v.Login, slackName) + " " + v.Verdict
		if v.Where != "" {
			words += " " + v.Where
		}
		if v.Reason != "" {
			words += ": " + slackWords(v.Reason, slackWhy)
		}
		if v.Not != "" {
			words += " (does not count: " + slackWords(v.Not, slackWhy) + ")"
		}
		lines = append(lines, words)
	}
	return lines
}

func slackNotes(notes []string) []string {
	var lines []string
	for _, n := range notes {
		lines = append(lines, "⚠️ "+slackWords(n, 2*slackWhy)+".")
	}
	return lines
}
