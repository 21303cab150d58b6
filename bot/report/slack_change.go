package report

import (
	"fmt"
	"strconv"
	"strings"
)

// slackChange says what would go out.
func slackChange(c GateChange, most int) []string {
	if !c.Known {
		return nil
	}
	c.list(most)
	lines := []string{slackCounted(c), slackFlagged(c)}
	for _, commit := range c.Commits {
		lines = append(lines, slackCommitLine(commit))
	}
	switch {
	case c.More > 0 && most > 0:
		lines = append(lines, "and "+strconv.Itoa(c.More)+" more")
	case c.More < 0 && most > 0:
		lines = append(lines, "and more")
	}
	return lines
}

// slackCounted says how much would go out.
func slackCounted(c GateChange) string {
	words := "*" + c.Count + "*"
	if c.Since != "" {
		words += " since " + slackWords(c.Since, slackName)
	} else {
		words += " of this change, since no run has passed this stage yet"
	}
	if c.Files != "" {
		words += ", " + c.Files
	}
	if difference := slackLink("difference", c.Compare); strings.HasPrefix(difference, "<") {
		words += " · " + difference
	}
	return words
}

func slackFlagged(c GateChange) string {
	if len(c.Flagged) == 0 {
		return ""
	}
	words := "⚠️ *To be looked at:* " + slackCodes(c.Flagged[:min(len(c.Flagged), slackPaths)], slackPaths)
	if more := len(c.Flagged) - slackPaths; max(more, 0)+c.MoreFlagged > 0 {
		words += fmt.Sprintf(" and %d more", max(more, 0)+c.MoreFlagged)
	}
	return words
}

func slackCommitLine(commit GateCommit) string {
	words := strings.TrimSpace("• " + slackLink(commit.SHA, commit.URL) + " " + slackWords(commit.Title, slackTitle))
	if commit.PullRequest != 0 {
		words += " (" + slackLink("#"+strconv.Itoa(commit.PullRequest), commit.PullURL)
		if commit.PullTitle != "" {
			words += " " + slackWords(commit.PullTitle, slackTitle)
		}
		words += ")"
	}
	if commit.Author != "" {
		words += " – " + slackCode(commit.Author, slackName)
	}
	return words
}

// slackTests says what the run has been through, in a line for each stage.
func slackTests(list []GateAction) []string {
	var lines []string
	for i := 0; i < len(list); {
		stage, all, more := list[i].Stage, []string(nil), 0
		for ; i < len(list) && list[i].Stage == stage; i++ {
			if len(all) == slackActions {
				more++
				continue
			}
			all = append(all, slackAction(list[i]))
		}
		words := slackCode(stage, slackName) + " " + strings.Join(all, " · ")
		if more > 0 {
			words += fmt.Sprintf(" and %d more", more)
		}
		lines = append(lines, words)
	}
	return lines
}

func slackAction(a GateAction) string {
	sign := "▫️"
	switch {
	case a.State == "succeeded", a.State == "approved":
		sign = "✅"
	case a.Took != "" && a.State != "skipped" && a.State != "stopped":
		sign = "❌"
	}
	words := sign + " " + slackLink(a.Name, a.LogURL)
	if sign != "✅" {
		words += " " + slackWords(a.State, slackName)
	}
	if a.Took != "" {
		words += " " + a.Took
	}
	return words
}
