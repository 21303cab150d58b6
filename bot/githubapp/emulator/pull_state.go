package emulator

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// ClosePullRequest closes a pull request without merging it.
func (g *GitHub) ClosePullRequest(fullName string, number int, as string) error {
	return g.withPull(fullName, number, as, func(p *pullRequest, by *user) error {
		if !p.open() {
			return errors.New("it is closed")
		}
		g.closePull(p, by)
		return nil
	})
}

// ReopenPullRequest opens a closed pull request again, at its branch's tip.
func (g *GitHub) ReopenPullRequest(fullName string, number int, as string) error {
	return g.withPull(fullName, number, as, func(p *pullRequest, by *user) error { return g.reopenPull(p, by) })
}

// ChangeBase makes another branch the base of an open pull request.
func (g *GitHub) ChangeBase(fullName string, number int, branch, as string) error {
	return g.withPull(fullName, number, as, func(p *pullRequest, by *user) error { return g.changeBase(p, branch, by) })
}

func (g *GitHub) changeBase(p *pullRequest, branch string, by *user) error {
	tip, ok := p.base.branch(branch)
	switch {
	case !p.open():
		return invalid("PullRequest", "base", "invalid", "Cannot change the base branch of a closed pull request.")
	case !ok || branch == p.baseRef:
		return invalid("PullRequest", "base", "invalid", "")
	}
	stats, err := g.readStats(p.base, branch, p.headSHA)
	if err != nil {
		return err
	}
	was := object{"ref": object{"from": p.baseRef}, "sha": object{"from": p.baseSHA}}
	p.baseRef, p.baseSHA, p.stats, p.updatedAt = branch, tip, stats, g.now()
	g.sendPull(p, "edited", by, object{"changes": object{"base": was}})
	return nil
}

// LabelPullRequest puts a label on a pull request, or takes it off.
func (g *GitHub) LabelPullRequest(fullName string, number int, label string, on bool, as string) error {
	return g.withPull(fullName, number, as, func(p *pullRequest, by *user) error {
		had := slices.Contains(p.labels, label)
		if had == on {
			return fmt.Errorf("label %q: nothing would change", label)
		}
		action := "labeled"
		if on {
			p.labels = append(p.labels, label)
		} else {
			action = "unlabeled"
			p.labels = slices.DeleteFunc(p.labels, func(have string) bool { return have == label })
		}
		p.updatedAt = g.now()
		g.sendPull(p, action, by, object{"label": g.labelJSON(p, label)})
		return nil
	})
}

// SetDraft makes a pull request a draft, or ready for review.
func (g *GitHub) SetDraft(fullName string, number int, draft bool, as string) error {
	return g.withPull(fullName, number, as, func(p *pullRequest, by *user) error {
		if p.draft == draft || !p.open() {
			return errors.New("nothing would change")
		}
		p.draft, p.updatedAt = draft, g.now()
		g.sendPull(p, map[bool]string{true: "converted_to_draft", false: "ready_for_review"}[draft], by, nil)
		return nil
	})
}

func (g *GitHub) withPull(fullName string, number int, as string, do func(*pullRequest, *user) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	p, err := g.pullNumber(fullName, number)
	if err != nil {
		return err
	}
	u, err := g.actorOf(p.base, as, RoleRead)
	if err != nil {
		return err
	}
	if u != p.author && !p.base.role(u).atLeast(RoleTriage) {
		return fmt.Errorf("%s#%d: %s may not change it", fullName, number, u.Login)
	}
	if err := do(p, u); err != nil {
		return fmt.Errorf("%s#%d: %w", fullName, number, err)
	}
	g.touch()
	return nil
}

func (g *GitHub) closePull(p *pullRequest, by *user) {
	p.state, p.closedAt, p.updatedAt = "closed", g.now(), g.now()
	g.sendPull(p, "closed", by, nil)
}

func (g *GitHub) reopenPull(p *pullRequest, by *user) error {
	if p.merged || p.open() || p.head == nil {
		return invalid("PullRequest", "state", "invalid", "state cannot be changed.")
	}
	tip, ok := p.head.branch(p.headRef)
	if !ok {
		return invalid("PullRequest", "state", "invalid",
			fmt.Sprintf("state cannot be changed. The %s branch has been deleted.", p.headRef))
	}
	if tip != p.headSHA {
		if err := g.bringHead(p.base, p.head, p.number, tip); err != nil {
			return err
		}
		stats, err := g.readStats(p.base, p.baseRef, tip)
		if err != nil {
			return err
		}
		p.headSHA, p.stats = tip, stats
	}
	p.state, p.updatedAt = "open", g.now()
	p.closedAt = p.mergedAt
	g.sendPull(p, "reopened", by, nil)
	return nil
}

// markMerged records a merge; the caller sends the event.
func (g *GitHub) markMerged(p *pullRequest, by *user, sha string, rewritten []string) {
	own, err := p.ownCommits()
	p.commits = []string{}
	if err == nil {
		for _, c := range own {
			p.commits = append(p.commits, c.sha)
		}
	}
	if len(p.commits) == 0 {
		p.commits = []string{p.headSHA}
	}
	now := g.now()
	p.state, p.merged, p.mergedBy, p.mergeCommit, p.rewritten = "closed", true, by, sha, rewritten
	p.closedAt, p.mergedAt, p.updatedAt = now, now, now
}

// mergeError is a merge that GitHub refuses.
func mergeError(status int, message string) error { return fail(status, "%s", message) }

func notMergeable() error {
	return mergeError(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
}
