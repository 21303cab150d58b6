package report

import (
	"fmt"
	"strings"
)

// slackRules says who has to agree, who has, who can still and who cannot.
func slackRules(g Gate) []string {
	var lines []string
	for _, rule := range g.Rules {
		lines = append(lines, slackRule("", rule)...)
	}
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
	for _, missing := range g.Missing {
		lines = append(lines, "⚠️ Could not be looked up, and what is not known is never a yes: "+slackWords(missing, slackWhy))
	}
	return append(lines, slackVotesOf(g)...)
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
		words += "; can still: " + slackWords(rule.Can, slackWhy)
	}
	lines := []string{words}
	for _, part := range rule.Parts {
		lines = append(lines, slackRule(indent+"      ", part)...)
	}
	for _, trouble := range rule.Trouble {
		lines = append(lines, indent+"⚠️ "+slackWords(trouble, slackWhy))
	}
	return lines
}

// slackVotesOf lists the votes that say more than the rules do: rejections, reasons,
// and why one does not count.
func slackVotesOf(g Gate) []string {
	var lines []string
	for _, v := range g.Votes {
		if v.Reason == "" && v.Not == "" && v.Verdict == "approved" {
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
		if v.Not != "" && g.Pending {
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
