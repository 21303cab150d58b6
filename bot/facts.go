package bot

import (
	"context"
	"sync"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// facts looks up what is known about a person's rights. A look-up that cannot be
// made now is an error: the vote waits. One that has no answer is named in Unknown.
func (b *Bot) facts(ctx context.Context, r pipeline.Repository, who githubapp.Account) (pipeline.Facts, error) {
	facts := pipeline.Facts{Voter: who.Actor, Bot: who.Bot, Suspended: who.Suspended, Permission: pipeline.PermissionNone}
	if who.Bot {
		return facts, nil
	}
	var suspended bool
	var wrong error
	var group sync.WaitGroup
	group.Go(func() { suspended, wrong = b.suspended(ctx, r, who.Actor) })
	permission, err := b.Forge.Permission(ctx, r, who.Actor)
	group.Wait()
	facts.Suspended = facts.Suspended || suspended
	switch {
	case err != nil && !hasNoAnswer(err):
		return facts, err
	case wrong != nil && !hasNoAnswer(wrong):
		return facts, wrong
	case err != nil || wrong != nil:
		facts.Unknown = []string{pipeline.UnknownPermission}
	default:
		facts.Permission = permission
	}
	return facts, nil
}

// suspended reports whether an account is suspended, or gone: what it could do is
// still listed then.
func (b *Bot) suspended(ctx context.Context, r pipeline.Repository, who pipeline.Actor) (bool, error) {
	now, err := b.Forge.Account(ctx, r, who.Login)
	if pipeline.KindOf(err) == pipeline.NotFound && err != nil {
		return true, nil
	}
	return now.Suspended, err
}

// factsFor looks up the rights of a person, and which of these teams they are in.
func (b *Bot) factsFor(ctx context.Context, r pipeline.Repository, who pipeline.Actor, teams []string) (pipeline.Facts, error) {
	facts, err := b.facts(ctx, r, githubapp.Account{Actor: who})
	if err != nil {
		return facts, err
	}
	return b.withTeams(ctx, r, facts, teams)
}

// withTeams adds to the facts about a person which of these teams they are in.
func (b *Bot) withTeams(ctx context.Context, r pipeline.Repository, facts pipeline.Facts, teams []string) (pipeline.Facts, error) {
	if facts.Bot || facts.Permission == pipeline.PermissionNone { // they count nowhere
		return facts, nil
	}
	for _, slug := range teams {
		member, err := b.Forge.TeamMember(ctx, r, slug, facts.Voter)
		switch {
		case err != nil && hasNoAnswer(err):
			facts.Unknown = append(facts.Unknown, pipeline.UnknownTeam(slug))
		case err != nil:
			return facts, err
		case member:
			facts.Teams = append(facts.Teams, slug)
		}
	}
	return facts, nil
}

// hasNoAnswer reports whether asking again would not help: a person has to change
// something first.
func hasNoAnswer(err error) bool {
	switch pipeline.KindOf(err) {
	case pipeline.NotFound, pipeline.Invalid, pipeline.Forbidden:
		return true
	}
	return false
}
