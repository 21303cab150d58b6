package emulator

import (
	"slices"
	"time"
)

// checkSuite gathers the check runs of one app on one commit.
type checkSuite struct {
	id                   int64
	app                  *app
	repo                 *repository
	headSHA, headBranch  string
	before               string
	rerequested          bool // since the last change of a run
	createdAt, updatedAt time.Time
}

// suiteFor finds or makes the suite of an app on a commit.
func (g *GitHub) suiteFor(a *app, r *repository, sha string) (s *checkSuite, isNew bool) {
	key := commitKey{r.id, sha}
	for _, s := range g.suitesAt[key] {
		if s.app == a {
			return s, false
		}
	}
	s = &checkSuite{id: g.nextID(), app: a, repo: r, headSHA: sha, createdAt: g.now(), updatedAt: g.now()}
	for _, branch := range r.refs.list("refs/heads/") {
		if branch.sha == sha {
			s.headBranch = branch.name[len("refs/heads/"):]
		}
	}
	g.suites[s.id] = s
	g.suitesAt[key] = append(g.suitesAt[key], s)
	return s, true
}

// openSuites makes the suites GitHub makes by itself on a push to a branch: one
// for each app that may write checks.
func (g *GitHub) openSuites(r *repository, p *push, by *user) {
	branch, ok := p.branch()
	if !ok || p.after == "" {
		return
	}
	for _, i := range g.installationsFor(r) {
		if !i.granted.allows("checks", "write") {
			continue
		}
		s, isNew := g.suiteFor(i.app, r, p.after)
		if !isNew {
			continue
		}
		s.headBranch, s.before = branch, p.before
		g.sendCheckSuite(s, "requested", by)
	}
}

func (g *GitHub) runsIn(s *checkSuite) []*checkRun {
	var list []*checkRun
	for _, c := range g.runsOf(s.repo, s.headSHA) {
		if c.suite == s {
			list = append(list, c)
		}
	}
	return list
}

// state sums up a suite's latest runs.
func (g *GitHub) suiteState(s *checkSuite) (status, conclusion string) {
	runs := latestRuns(g.runsIn(s))
	if len(runs) == 0 || s.rerequested {
		return "queued", ""
	}
	for _, c := range runs {
		if c.Status != "completed" {
			return "in_progress", ""
		}
	}
	worstFirst := []string{"failure", "timed_out", "cancelled", "action_required", "stale", "success", "neutral", "skipped"}
	rank := len(worstFirst)
	for _, c := range runs {
		if i := slices.Index(worstFirst, c.Conclusion); i >= 0 {
			rank = min(rank, i)
		}
	}
	if rank == len(worstFirst) {
		return "completed", "neutral"
	}
	return "completed", worstFirst[rank]
}

// suitesOf lists the suites of a commit, oldest first.
func (g *GitHub) suitesOf(r *repository, sha string) []*checkSuite {
	return g.suitesAt[commitKey{r.id, sha}]
}

// pullsAt lists the open pull requests whose head is this commit. Those from
// forks are left out, as GitHub does in checks.
func (g *GitHub) pullsAt(r *repository, sha string) []*pullRequest {
	var list []*pullRequest
	for _, p := range r.pulls {
		if p.open() && p.headSHA == sha && !p.fromFork() {
			list = append(list, p)
		}
	}
	return list
}
