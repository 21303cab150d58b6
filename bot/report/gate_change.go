package report

import (
	"strconv"

	"github.com/penstock-cd/penstock/pipeline"
)

// GateChange is what would go out.
type GateChange struct {
	Known   bool   // gates of older releases know nothing of it
	Count   string // "3 commits"
	Since   string // the run of the last success, or its commit; empty: there was none
	Files   string // "12 files", or empty
	Compare string // the address of the difference, or empty
	Commits []GateCommit
	More    int // commits left out; -1: some, nobody knows how many
	// Flagged are changed paths that somebody wants looked at; MoreFlagged counts those
	// left out.
	Flagged     []string
	MoreFlagged int
}

// GateCommit is a commit that would go out.
type GateCommit struct {
	SHA, URL, Title, Author string
	PullRequest             int // 0: none is known
	PullTitle, PullURL      string
}

func gateChange(e *pipeline.Execution, gate *pipeline.Approval) GateChange {
	b := gate.Brief
	if b == nil {
		return GateChange{}
	}
	c := GateChange{Known: true, Compare: b.CompareURL, More: b.More, MoreFlagged: b.MoreFlagged}
	c.counted(b)
	for _, path := range b.Flagged {
		c.Flagged = append(c.Flagged, line(path, maxWords))
	}
	for _, commit := range b.Commits {
		row := GateCommit{
			SHA: pipeline.ShortSHA(commit.SHA), Title: line(commit.Title, maxSubject), Author: line(commit.Author, maxSubject),
			PullRequest: commit.PullRequest, PullTitle: line(commit.PullTitle, maxSubject),
		}
		if row.PullTitle == row.Title { // squashed: said once
			row.PullTitle = ""
		}
		if web := e.Repository.WebURL; web != "" {
			row.URL = web + "/commit/" + commit.SHA
			if commit.PullRequest != 0 {
				row.PullURL = web + "/pull/" + strconv.Itoa(commit.PullRequest)
			}
		}
		c.Commits = append(c.Commits, row)
	}
	return c
}

// maxSubject is how long the title of a commit is shown.
const maxSubject = 100

// list leaves out commits beyond a number.
func (c *GateChange) list(most int) {
	if len(c.Commits) <= most {
		return
	}
	if c.More >= 0 {
		c.More += len(c.Commits) - most
	}
	c.Commits = c.Commits[:most]
}

// counted says how much would go out.
func (c *GateChange) counted(b *pipeline.Brief) {
	n := len(b.Commits) + max(0, b.More)
	switch {
	case b.More < 0:
		c.Count = "More than " + strconv.Itoa(n) + " commits"
	case n == 0:
		c.Count = "No commits"
	case n == 1:
		c.Count = "1 commit"
	default:
		c.Count = strconv.Itoa(n) + " commits"
	}
	switch {
	case b.BaseNumber != 0:
		c.Since = "#" + strconv.FormatInt(b.BaseNumber, 10)
	case b.Base != "":
		c.Since = pipeline.ShortSHA(b.Base)
	}
	switch {
	case b.Files == 1:
		c.Files = "1 file"
	case b.Files > 1:
		c.Files = strconv.Itoa(b.Files) + " files"
	case b.Files < 0:
		c.Files = "more files than can be listed"
	}
}
