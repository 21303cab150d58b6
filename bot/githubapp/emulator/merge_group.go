package emulator

import (
	"errors"
	"fmt"
)

// AddToMergeQueue makes a group of one pull request, as the merge queue does: a
// branch of its own with the merge on it, its push, and the question for checks.
// It answers the group's head.
func (g *GitHub) AddToMergeQueue(fullName string, number int, as string) (sha string, err error) {
	r, u, err := g.actorIn(fullName, as, RoleWrite)
	if err != nil {
		return "", err
	}
	r.pushing.Lock()
	defer r.pushing.Unlock()
	g.mu.Lock()
	p, err := g.pullNumber(fullName, number)
	if err != nil {
		g.mu.Unlock()
		return "", err
	}
	pull := *p
	g.mu.Unlock()
	tip, ok := r.branch(pull.baseRef)
	if !ok || !pull.open() {
		return "", fmt.Errorf("%s#%d cannot be queued", fullName, number)
	}
	sha, _, err = g.mergeObjects(g.ctx, &pull, tip, u, mergeRequest{method: MergeCommit})
	if err != nil {
		return "", err
	}
	ref := fmt.Sprintf("refs/heads/gh-readonly-queue/%s/pr-%d-%s", pull.baseRef, number, tip)
	if err := r.refs.set(ref, sha); err != nil {
		return "", err
	}
	if err := g.pushed(r, []refUpdate{{name: ref, after: sha}}, u); err != nil {
		return "", err
	}
	head, err := r.objects.commit(sha)
	if err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	group := mergeGroup{ref: ref, head: head, baseRef: "refs/heads/" + pull.baseRef, baseSHA: tip}
	r.groups = append(r.groups, group)
	g.sendMergeGroup(r, group, "checks_requested", u, nil)
	g.touch()
	return sha, nil
}

// DestroyMergeGroup takes the newest group apart: merged, invalidated or dequeued.
func (g *GitHub) DestroyMergeGroup(fullName, reason, as string) error {
	r, u, err := g.actorIn(fullName, as, RoleWrite)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(r.groups) == 0 {
		return errors.New("there is no merge group")
	}
	last := r.groups[len(r.groups)-1]
	r.groups = r.groups[:len(r.groups)-1]
	g.sendMergeGroup(r, last, "destroyed", u, object{"reason": reason})
	g.touch()
	return nil
}

// mergeGroup is a group in the merge queue.
type mergeGroup struct {
	ref, baseRef, baseSHA string
	head                  *commit
}

func (g *GitHub) sendMergeGroup(r *repository, group mergeGroup, action string, by *user, more object) {
	payload := object{"merge_group": object{
		"head_sha": group.head.sha, "head_ref": group.ref, "base_sha": group.baseSHA, "base_ref": group.baseRef,
		"head_commit": g.simpleCommitJSON(group.head),
	}}
	for key, value := range more {
		payload[key] = value
	}
	g.emit(event{name: "merge_group", action: action, repo: r, sender: by, lane: laneOf(r, group.ref), payload: payload})
}

func (g *GitHub) simpleCommitJSON(c *commit) object {
	person := func(s signature) object { return object{"name": s.name, "email": s.email} }
	return object{
		"id": c.sha, "tree_id": c.tree, "message": c.message, "timestamp": stamp(c.committer.when),
		"author": person(c.author), "committer": person(c.committer),
	}
}
