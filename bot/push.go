package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// push starts a run of each pipeline that wants this branch.
func (b *Bot) push(ctx context.Context, e githubapp.Push, d pipeline.Delivery) (outcome, error) {
	branch := e.Branch()
	if err := b.notePush(ctx, e, d); err != nil {
		return outcome{}, err
	}
	switch {
	case e.Deleted:
		return ignored("%s was deleted", e.Ref), nil
	case e.Tag() != "":
		return b.pushTag(ctx, e, d)
	case branch == "":
		return ignored("%s is neither a branch nor a tag", e.Ref), nil
	case strings.HasPrefix(branch, mergeQueue):
		return ignored("a merge group is told of by an event of its own"), nil
	}
	if found, err := b.foundBefore(ctx, e.Repository, pipeline.BranchLane(branch), e.After, e.PushedAt); err != nil || found {
		return ignored("%s runs already: it was found on %s before this delivery came", pipeline.ShortSHA(e.After), branch), err
	}
	return b.startPush(ctx, e, d, fmt.Sprintf("push %s %s %s %d", e.Ref, e.Before, e.After, e.PushedAt.Unix()))
}

// notePush remembers who pushed, whether anything runs for it or not: they have a hand
// in what a gate is about later.
func (b *Bot) notePush(ctx context.Context, e githubapp.Push, d pipeline.Delivery) error {
	if e.Deleted || e.Sender.ID == 0 {
		return nil
	}
	return b.Store.SavePush(ctx, pipeline.Push{
		Host: e.Repository.Host, RepositoryID: e.Repository.ID, Ref: e.Ref, After: e.After, By: e.Sender.Actor, At: d.ReceivedAt,
	})
}

// startPush starts a run of each pipeline that wants a branch's new head. key is
// the business key of the change.
func (b *Bot) startPush(ctx context.Context, e githubapp.Push, d pipeline.Delivery, key string) (outcome, error) {
	branch, at := e.Branch(), e.PushedAt
	if at.IsZero() { // the forge did not say when
		at = d.ReceivedAt.Truncate(time.Second)
	}
	commit := commit{
		repository: e.Repository,
		lane:       pipeline.BranchLane(branch),
		revision: pipeline.Revision{
			SHA: e.After, Ref: e.Ref, Branch: branch, Message: firstLine(e.Head.Message),
			Author: e.Head.AuthorName, WebURL: e.Head.URL, BeforeSHA: e.Before,
		},
		trigger: pipeline.Trigger{Kind: pipeline.TriggerPush, By: e.Sender.Actor, Delivery: d.ID},
		change:  &pipeline.Change{At: at, Before: e.Before, After: e.After},
		key:     key,
		what: definition.Change{
			Kind: pipeline.TriggerPush, Branch: branch, DefaultBranch: e.Repository.DefaultBranch,
			Files: b.pushedFiles(ctx, e.Repository, e.Before, e.After),
		},
		message: func() (string, error) { return e.Head.Message, nil },
		head:    func() (string, error) { return b.Forge.Head(ctx, e.Repository, branch) },
	}
	return b.start(ctx, commit)
}

// mergeQueue is how the branches of GitHub's merge queue begin.
const mergeQueue = "gh-readonly-queue/"

// pushTag starts a run of each pipeline that wants this tag.
func (b *Bot) pushTag(ctx context.Context, e githubapp.Push, d pipeline.Delivery) (outcome, error) {
	sha := e.After
	if e.Head.SHA != "" { // an annotated tag is an object of its own
		sha = e.Head.SHA
	}
	at := e.PushedAt
	if at.IsZero() {
		at = d.ReceivedAt.Truncate(time.Second)
	}
	return b.start(ctx, commit{
		repository: e.Repository,
		lane:       pipeline.TagLane(e.Tag()),
		revision: pipeline.Revision{
			SHA: sha, Ref: e.Ref, Message: firstLine(e.Head.Message), Author: e.Head.AuthorName, WebURL: e.Head.URL, BeforeSHA: e.Before,
		},
		trigger: pipeline.Trigger{Kind: pipeline.TriggerPush, By: e.Sender.Actor, Delivery: d.ID},
		change:  &pipeline.Change{At: at, Before: e.Before, After: e.After},
		key:     fmt.Sprintf("push %s %s %s %d", e.Ref, e.Before, e.After, e.PushedAt.Unix()),
		what: definition.Change{
			Kind: pipeline.TriggerPush, Tag: e.Tag(), DefaultBranch: e.Repository.DefaultBranch,
			Files: b.pushedFiles(ctx, e.Repository, e.Before, sha),
		},
		head: func() (string, error) { return b.Forge.Ref(ctx, e.Repository, e.Ref) },
	})
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(line)
}
