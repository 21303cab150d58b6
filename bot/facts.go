package bot

import (
	"context"

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
	permission, err := b.Forge.Permission(ctx, r, who.Actor)
	switch {
	case err == nil:
		facts.Permission = permission
	case hasNoAnswer(err):
		facts.Unknown = []string{pipeline.UnknownPermission}
	default:
		return facts, err
	}
	return facts, nil
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
