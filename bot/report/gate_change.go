package report

import (
	"strconv"

	"github.com/penstock-cd/penstock/pipeline"
)

// GateChange is what would go out.
type GateChange struct {
	Known   bool   // gates of older releases know nothing of it
	Words   string // "3 commits since #41, 12 files"
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
	c := GateChange{Known: true, Words: changeWords(b), Compare: b.CompareURL, More: b.More, MoreFlagged: b.MoreFlagged}
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

// changeWords say how much would go out.
func changeWords(b *pipeline.Brief) string {
	n := strconv.Itoa(len(b.Commits) + max(0, b.More))
	switch {
	case b.More < 0:
		n = "More than " + strconv.Itoa(len(b.Commits)) + " commits"
	case n == "0":
		n = "No commits"
	case n == "1":
		n = "1 commit"
	default:
		n += " commits"
	}
	switch {
	case b.Base == "":
		n += " of this change, since no run has passed this stage yet"
	case b.BaseNumber != 0:
		n += " since #" + strconv.FormatInt(b.BaseNumber, 10)
	default:
		n += " since " + pipeline.ShortSHA(b.Base)
	}
	switch {
	case b.Files == 1:
		n += ", 1 file"
	case b.Files > 1:
		n += ", " + strconv.Itoa(b.Files) + " files"
	case b.Files < 0:
		n += ", more files than can be listed"
	}
	return n
}
