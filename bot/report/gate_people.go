package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// people fills in who has to agree, who has, who can still and who cannot.
func (g *Gate) people(gate *pipeline.Approval) {
	rules := gate.Rules()
	guarded := rules.PreventSelfApproval && !rules.AnyOne
	var hands []pipeline.Involved
	if gate.Brief != nil {
		if guarded {
			hands = gate.Brief.Involved
			g.Unknown, g.MoreUnknown = lines(gate.Brief.Unresolved)
		}
		g.Missing, _ = lines(gate.Brief.Missing)
	}
	g.Waived, _ = lines(gate.Policy.Waived)
	for _, person := range hands {
		switch {
		case person.Actor.ID == 0: // shown as unknown
		case len(g.Excluded) < maxPeople:
			g.Excluded = append(g.Excluded, GatePerson{person.Actor.Login, Roles(person.Roles)})
		default:
			g.MoreExcluded++
		}
	}
	for _, s := range policy.Progress(gate) {
		g.Rules = append(g.Rules, gateRule(s, hands, g.Pending))
	}
}

func gateRule(s policy.Standing, hands []pipeline.Involved, pending bool) GateRule {
	rule := GateRule{Words: line(s.Words, 2*maxWords), Missing: s.Missing}
	for _, vote := range s.By {
		rule.By = append(rule.By, vote.Facts.Voter.Login)
	}
	for _, why := range s.Trouble {
		rule.Trouble = append(rule.Trouble, strings.TrimRight(line(capital(why), maxWords), ". "))
	}
	if pending && s.Missing > 0 && len(s.Parts) == 0 {
		rule.Can = canStill(s, hands)
	}
	for _, part := range s.Parts {
		rule.Parts = append(rule.Parts, gateRule(part, hands, pending))
	}
	return rule
}

// canStill says who of those asked has neither approved nor a hand in the change, if
// users are listed: of teams and of people with a right nobody knows the names here.
func canStill(s policy.Standing, hands []pipeline.Involved) string {
	left := slices.DeleteFunc(slices.Clone(s.From), func(from pipeline.Selector) bool {
		return from.User != "" && (from.ID <= 0 ||
			slices.ContainsFunc(s.By, func(v pipeline.Vote) bool { return v.Facts.Voter.ID == from.ID }) ||
			slices.ContainsFunc(hands, func(i pipeline.Involved) bool { return i.Actor.ID == from.ID }))
	})
	switch {
	case len(left) == 0 && len(s.From) > 0:
		return "nobody of them"
	case len(left) == len(s.From):
		return "" // the words say it
	}
	return line(pipeline.SelectorsInWords(left), maxWords)
}

// lines shortens what somebody wrote to lines of which there are not too many.
func lines(all []string) (list []string, more int) {
	for _, s := range all[:min(len(all), maxPeople)] {
		list = append(list, line(s, maxWords))
	}
	return list, len(all) - len(list)
}

// Roles says what hand somebody has in a change, in words.
func Roles(list []pipeline.Role) string {
	var words []string
	for _, role := range list {
		words = append(words, string(role))
	}
	return enumerate(words)
}

// gateNotes are sentences about what is not as usual with a gate.
func gateNotes(run Run, gate *pipeline.Approval) []string {
	var notes []string
	pending := gate.Status == pipeline.ApprovalPending
	if s := run.Execution.Stage(gate.Stage); s != nil && s.Entry != nil && pending {
		if s.Entry.Trouble != "" {
			notes = append(notes, "The rules of "+gate.Name+" cannot be read now, and no vote counts until they can: "+s.Entry.Trouble)
		}
		if f := s.Entry.Frozen; f != nil && s.Entry.Overridden == nil {
			notes = append(notes, capital(frozenWords(gate.Name, f))+". It can be approved now, and goes on when the freeze ends")
		}
	}
	if gate.Policy.AnyOne {
		notes = append(notes, "One approval of anybody whom the rules name is enough, since this brings back an earlier state")
	}
	if !gate.ChangedAt.IsZero() {
		notes = append(notes, "Its rules have changed since it was asked, the last time "+moment(gate.ChangedAt)+": the new ones count, for earlier votes too")
	}
	if gate.Reopened > 0 {
		notes = append(notes, fmt.Sprintf("It was approved%s and is asked again, because its rules or its voters had changed before the run went on", times(gate.Reopened)))
	}
	if e := gate.Policy.Escalate; e != nil {
		to := pipeline.SelectorsInWords(e.To)
		switch {
		case !gate.EscalatedAt.IsZero():
			notes = append(notes, "Since "+moment(gate.EscalatedAt)+" votes of "+to+" count too: it had waited for "+took(gate.EscalatedAt.Sub(gate.OpenedAt)))
		case pending && !gate.EscalateAt.IsZero():
			notes = append(notes, "From "+moment(gate.EscalateAt)+" on votes of "+to+" count too")
		}
	}
	if o := gate.Overridden; o != nil {
		notes = append(notes, because(o.By.Login+" has opened it against its rules, "+moment(o.At), o.Reason))
	}
	for i := range notes {
		notes[i] = strings.TrimRight(line(notes[i], 2*maxWords), ". ")
	}
	return notes
}

func times(n int) string {
	if n == 1 {
		return " before"
	}
	return fmt.Sprintf(" %d times before", n)
}
