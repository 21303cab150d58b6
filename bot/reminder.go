package bot

import (
	"context"
	"slices"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// reminders call people to a gate that waits: once when it has waited, and once when
// more people's votes count.
func (b *Bot) reminders(ctx context.Context, view report.Run, gate *pipeline.Approval, number int, rows []pipeline.Report) ([]item, error) {
	var items []item
	say := func(name string, text func(people []string) string) error {
		name += ":" + gate.ID
		if slices.ContainsFunc(rows, func(row pipeline.Report) bool { return row.Key.Name == name && row.ExternalID != 0 }) {
			return nil // said once, whatever has changed
		}
		people, err := b.canVote(ctx, view.Execution, gate)
		if err != nil {
			return err
		}
		marker := "<!-- penstock:" + name + " -->"
		items = append(items, b.commentItem(view.Execution, number, name, marker, marker+"\n"+text(people)))
		return nil
	}
	if gate.Status != pipeline.ApprovalPending {
		return nil, nil
	}
	if !gate.EscalatedAt.IsZero() {
		if err := say("escalated", func(people []string) string { return b.texts.Escalated(view, gate, people) }); err != nil {
			return nil, err
		}
	}
	if !gate.RemindedAt.IsZero() && !gate.RemindedAt.Equal(gate.EscalatedAt) {
		if err := say("reminder", func(people []string) string { return b.texts.Reminder(view, gate, people) }); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// canVote names those whose vote a gate still waits for: the users and the members
// of teams that its rules list, without whoever has voted or may not. A team whose
// members cannot be listed is called as a team.
func (b *Bot) canVote(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval) ([]string, error) {
	var people []string
	rules := gate.Rules()
	voted := func(id int64) bool {
		return slices.ContainsFunc(gate.Votes, func(v pipeline.Vote) bool { return v.Facts.Voter.ID == id && v.Withdrawn.IsZero() })
	}
	call := func(name string) {
		if !slices.Contains(people, name) {
			people = append(people, name)
		}
	}
	check := func(facts pipeline.Facts) {
		if ok, _ := policy.Eligible(gate, facts); ok && !voted(facts.Voter.ID) {
			call(facts.Voter.Login)
		}
	}
	var wrong error
	for i := range rules.AllOf {
		one := pipeline.Policy{AllOf: rules.AllOf[i : i+1]}
		selectors(&one, briefOwners(gate, rules.AllOf[i]), func(s *pipeline.Selector) {
			if wrong != nil {
				return
			}
			switch {
			case s.Team != "":
				members, err := b.Forge.TeamMembers(ctx, run.Repository, s.Team)
				if err != nil {
					if hasNoAnswer(err) {
						call(run.Repository.Owner + "/" + s.Team)
						return
					}
					wrong = err
					return
				}
				for _, m := range members {
					check(assumed(m, s.Team))
				}
			case s.User != "" && s.ID != 0:
				check(assumed(githubapp.Account{Actor: pipeline.Actor{ID: s.ID, Login: s.User}}, ""))
			}
		})
	}
	return people, wrong
}

// briefOwners are the owners of the change, if a requirement asks for them.
func briefOwners(gate *pipeline.Approval, r pipeline.Requirement) *pipeline.Brief {
	if slices.ContainsFunc(r.From, func(s pipeline.Selector) bool { return s.CodeOwners }) {
		return gate.Brief
	}
	return nil
}

// assumed are the facts about somebody whom the rules list: they are only called, and
// what they may is looked up when they vote.
func assumed(who githubapp.Account, team string) pipeline.Facts {
	facts := pipeline.Facts{Voter: who.Actor, Bot: who.Bot, Permission: pipeline.PermissionRead}
	if team != "" {
		facts.Teams = []string{team}
	}
	return facts
}
