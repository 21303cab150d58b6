package emulator

import (
	"slices"
	"strings"
)

// locked runs a function with the lock held. What fills pages expects that.
func (p *pages) locked(fill func()) {
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	fill()
}

func (p *pages) fillRepository(v *visit, r *repository) {
	for _, pull := range slices.Backward(r.pulls) {
		v.page.Pulls = append(v.page.Pulls, p.pullLine(pull))
	}
	for _, b := range r.refs.list("refs/heads/") {
		name := strings.TrimPrefix(b.name, "refs/heads/")
		if c, err := r.objects.commit(b.sha); err == nil {
			line := p.commitLine(r, c)
			line.Name = name
			v.page.Branches = append(v.page.Branches, line)
		}
		if title, ok := r.proposal(name, b.sha); ok {
			v.page.Heads = append(v.page.Heads, commitLine{Name: name, Subject: title})
		}
	}
	if tip, ok := r.branch(r.defaultBranch); ok {
		if list, err := r.objects.between(nil, tip, mostCommits); err == nil {
			v.page.Commits = p.commitLines(r, list)
		}
	}
}

// proposal says whether a pull request may be opened for a branch, and the title
// to offer: the one commit's, the branch's name when there are more.
func (r *repository) proposal(branch, sha string) (title string, ok bool) {
	tip, exists := r.branch(r.defaultBranch)
	if !exists || branch == r.defaultBranch {
		return "", false
	}
	for _, pull := range r.pulls {
		if pull.head == r && pull.headRef == branch && (pull.open() || pull.merged && pull.headSHA == sha) {
			return "", false
		}
	}
	list, err := r.objects.between([]string{tip}, sha, 2)
	if err != nil || len(list) == 0 {
		return "", false
	}
	if len(list) == 1 {
		return list[0].title(), true
	}
	return branch, true
}

func (p *pages) fillPull(v *visit, r *repository) error {
	pull, err := p.g.pullNumber(r.fullName(), int(v.number("number")))
	if err != nil {
		return notFound()
	}
	line := p.pullLine(pull)
	v.page.Pull, v.page.Badge, v.page.State, v.page.HeadName = line.PullRequest, line.Badge, line.Check, pull.headRef
	if pull.fromFork() {
		v.page.HeadName = pull.headOwner.Login + ":" + pull.headRef
	}
	v.page.Title = pull.title + " · #" + v.r.PathValue("number") + " · " + r.fullName()
	own, err := pull.ownCommits()
	if err != nil {
		return err
	}
	v.page.Commits = p.commitLines(r, own[max(0, len(own)-mostCommits):])
	p.fillChecks(v, r, pull.headSHA)
	if pull.merged {
		v.page.MergeState = p.commitState(r, pull.mergeCommit)
	}
	for _, c := range pull.comments {
		v.page.Comments = append(v.page.Comments, commentBox{p.g.commentView(c), c.author.ID, pills(c.reactions)})
	}
	return nil
}

func (p *pages) fillCommit(v *visit, r *repository, c *commit) {
	v.page.Commit = p.commitLine(r, c)
	v.page.Title = c.title() + " · " + r.fullName()
	if _, rest, more := strings.Cut(c.message, "\n"); more {
		v.page.Message = strings.TrimSpace(rest)
	}
	p.fillChecks(v, r, c.sha)
	for _, pull := range r.pulls {
		if brought, err := pull.brings(c.sha); err == nil && brought {
			v.page.Pulls = append(v.page.Pulls, p.pullLine(pull))
		}
	}
}

func (p *pages) fillChecks(v *visit, r *repository, sha string) {
	for _, c := range latestRuns(p.g.runsOf(r, sha)) {
		box := runBox{CheckRun: c.view(), State: or(c.Conclusion, c.Status), Completed: c.Status == "completed"}
		box.Folded = box.State == "success" || box.State == "skipped" || box.State == "neutral"
		if box.Completed {
			box.Buttons, box.Took = c.Actions, took(c.StartedAt, c.CompletedAt)
		}
		v.page.Runs = append(v.page.Runs, box)
	}
	for _, s := range p.g.suitesOf(r, sha) {
		if len(p.g.runsIn(s)) > 0 {
			v.page.Suites = append(v.page.Suites, s.id)
		}
	}
	for _, s := range latestStatuses(p.g.statusesOf(r, sha)) {
		v.page.Statuses = append(v.page.Statuses, s.view())
	}
}

func (p *pages) pullLine(pull *pullRequest) pullLine {
	badge := pull.state
	if pull.merged {
		badge = "merged"
	}
	return pullLine{p.g.pullView(pull), badge, p.commitState(pull.base, pull.headSHA)}
}

func (p *pages) commitLines(r *repository, list []*commit) []commitLine {
	var lines []commitLine
	for _, c := range list {
		lines = append(lines, p.commitLine(r, c))
	}
	return lines
}

func (p *pages) commitLine(r *repository, c *commit) commitLine {
	return commitLine{SHA: c.sha, Subject: c.title(), Author: c.author.name, State: p.commitState(r, c.sha)}
}

// commitState sums up the checks and statuses of a commit: the worst counts, ""
// is none.
func (p *pages) commitState(r *repository, sha string) string {
	states := map[string]bool{}
	for _, c := range latestRuns(p.g.runsOf(r, sha)) {
		states[or(c.Conclusion, c.Status)] = true
	}
	for _, s := range latestStatuses(p.g.statusesOf(r, sha)) {
		states[s.State] = true
	}
	for _, state := range []string{"failure", "error", "timed_out", "cancelled", "action_required", "in_progress", "queued", "pending", "success", "neutral", "skipped"} {
		if states[state] {
			return state
		}
	}
	return ""
}

func pills(list []*reaction) []reactionPill {
	emoji := map[string]string{
		"+1": "👍", "-1": "👎", "laugh": "😄", "hooray": "🎉", "confused": "😕", "heart": "❤️", "rocket": "🚀", "eyes": "👀",
	}
	var all []reactionPill
	for _, content := range reactionContents {
		pill := reactionPill{Emoji: emoji[content], Name: content}
		var who []string
		for _, r := range list {
			if r.content == content {
				pill.Count++
				who = append(who, r.user.Login)
			}
		}
		if pill.Who = strings.Join(who, ", "); pill.Count > 0 {
			all = append(all, pill)
		}
	}
	return all
}

func fileLines(files []fileDiff) []fileLine {
	var lines []fileLine
	for _, f := range files {
		lines = append(lines, fileLine{f.name, f.status, f.patch, f.additions, f.deletions})
	}
	return lines
}
