package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// How long a reading of rules is taken for today's. A freeze that is taken out of
// the file is noticed after frozenFor.
const (
	readingFor = time.Minute
	frozenFor  = 10 * time.Minute
)

// ReadRules reads what the environment of a stage asks
// for now, on the default branch, or what a Manual action of the run's own file does.
func (b *Bot) ReadRules(ctx context.Context, run *pipeline.Execution, definition *pipeline.Pipeline, stage, attempt string) (pipeline.Reading, error) {
	action := ""
	if attempt != "" {
		if _, a := run.FindAction(attempt); a != nil {
			action = a.Name
		}
	}
	var gate *pipeline.Approval
	if s := run.Stage(stage); s != nil && action == "" {
		gate = s.Gate // approved: it is counted again before the run goes on
	}
	return b.reading(ctx, run, definition, stage, action, gate)
}

// readingOf reads the rules of an open gate anew.
func (b *Bot) readingOf(ctx context.Context, run *pipeline.Execution, gate *pipeline.Approval) (pipeline.Reading, error) {
	definition, err := b.Store.Definition(ctx, run.Repository.ID, run.Definition)
	if err != nil {
		return pipeline.Reading{}, err
	}
	return b.reading(ctx, run, definition, gate.Stage, gate.Action, gate)
}

// reading reads the rules of a stage, or of the gate of an action. gate is the open
// gate, if there is one.
func (b *Bot) reading(ctx context.Context, run *pipeline.Execution, d *pipeline.Pipeline, stage, action string, gate *pipeline.Approval) (pipeline.Reading, error) {
	reading := pipeline.Reading{Until: b.Now().Add(readingFor)}
	var policy *pipeline.Policy
	flag := b.Flag
	switch declared := d.Stage(stage); {
	case declared == nil:
		return reading, pipeline.Errorf(pipeline.NotFound, "run #%d has no stage %s", run.Number, stage)
	case action != "":
		if a := declared.Action(action); a != nil {
			policy = a.Approval
		}
	default:
		environment, why, err := b.environment(ctx, run, declared.Environment)
		if err != nil {
			return reading, err
		}
		if why != "" {
			return pipeline.Reading{Refused: why, Until: reading.Until}, nil
		}
		if err := b.freeze(&reading, environment, run); err != nil {
			return reading, err
		}
		reading.URL = d.Address(run, environment.URL)
		policy, flag = environment.Approval, slices.Concat(b.Flag, environment.Flag)
	}
	if policy == nil {
		return reading, nil
	}
	return reading, b.readPolicy(ctx, &reading, run, *policy, stage, flag, gate)
}

// environment reads an environment as the default branch declares it now. why says
// why the run may not enter it.
func (b *Bot) environment(ctx context.Context, run *pipeline.Execution, name string) (e pipeline.Environment, why string, err error) {
	r, _, err := b.Forge.RepositoryNow(ctx, run.Repository) // another branch may be the default by now
	if err != nil {
		return e, "", err
	}
	all, err := b.declared(ctx, r)
	if err != nil {
		return e, "", err
	}
	at := slices.IndexFunc(all, func(e pipeline.Environment) bool { return e.Name == name })
	if at < 0 {
		return e, fmt.Sprintf("the environment %s is not declared in a pipeline file of %s", name, r.DefaultBranch), nil
	}
	return all[at], definition.Admits(all[at], r.DefaultBranch, run), nil
}

// declared reads all that the default branch declares now. An error of kind
// Invalid says what is wrong with its files.
func (b *Bot) declared(ctx context.Context, r pipeline.Repository) ([]pipeline.Environment, error) {
	head, err := b.Forge.Head(ctx, r, r.DefaultBranch)
	if err != nil {
		return nil, err
	}
	found, err := b.Forge.PipelineFiles(ctx, r, head)
	if err != nil {
		return nil, err
	}
	var files []definition.File
	for _, f := range found {
		files = append(files, definition.File{Path: f.Path, Content: f.Content})
	}
	return definition.Environments(files, definition.Options{Catalog: b.Catalog, DefaultBranch: r.DefaultBranch, Repository: r.FullName()})
}

// freeze notes whether an environment is frozen for a run, and when to look again.
func (b *Bot) freeze(reading *pipeline.Reading, e pipeline.Environment, run *pipeline.Execution) error {
	frozen, next, err := condition.Frozen(e.Freezes, run.Pipeline, b.Now())
	if err != nil {
		return err
	}
	if e.Approval != nil {
		reading.Override = e.Approval.Override
	}
	if reading.Frozen = frozen; frozen != nil {
		reading.Until = b.Now().Add(frozenFor)
	}
	if !next.IsZero() && next.Before(reading.Until) {
		reading.Until = next
	}
	return nil
}

// readPolicy makes a policy that of the run's change: what applies to it, with the
// accounts of people and what is known of those who have voted.
func (b *Bot) readPolicy(ctx context.Context, reading *pipeline.Reading, run *pipeline.Execution, policy pipeline.Policy, stage string, flag []string, gate *pipeline.Approval) error {
	policy, brief, err := b.applied(ctx, run, policy, stage, flag, gate)
	if err != nil {
		return err
	}
	known := map[string]int64{}
	if gate != nil {
		known = accountsIn(gate)
	}
	if err := b.findAccounts(ctx, run.Repository, &policy, brief, known); err != nil {
		return err
	}
	reading.Policy, reading.Brief, reading.Override = &policy, brief, policy.Override
	teams := teamsOf(policy, brief)
	if gate != nil {
		for _, vote := range gate.Votes {
			known := slices.ContainsFunc(reading.Voters, func(f pipeline.Facts) bool { return f.Voter.ID == vote.Facts.Voter.ID })
			if known || !vote.Withdrawn.IsZero() {
				continue
			}
			facts, err := b.factsFor(ctx, run.Repository, vote.Facts.Voter, teams)
			if err != nil {
				return err
			}
			reading.Voters = append(reading.Voters, facts)
		}
	}
	if run.Rollback != nil && run.Rollback.Failed == "" && gate == nil {
		facts, err := b.factsFor(ctx, run.Repository, run.Trigger.By, teams)
		if err != nil {
			return err
		}
		reading.Requester = &facts
	}
	return nil
}

// applied is a policy as it applies to the change of a run, and what that is. Who has
// a hand in it is asked for once: a gate is about one commit, whoever votes on it.
func (b *Bot) applied(ctx context.Context, run *pipeline.Execution, policy pipeline.Policy, stage string, flag []string, gate *pipeline.Approval) (pipeline.Policy, *pipeline.Brief, error) {
	c, base, err := b.changeOf(ctx, run, stage)
	if err != nil {
		return policy, nil, err
	}
	known := gate != nil && gate.Brief != nil && len(gate.Brief.Missing) == 0 && gate.SHA == run.Revision.SHA && gate.Brief.Base == c.base
	if !known || run.Lane.Kind == pipeline.LanePull || asksLabels(policy) {
		if err := b.pullsOf(ctx, run, base, &c); err != nil {
			return policy, nil, err
		}
	} else if run.Lane.Kind == pipeline.LaneBranch {
		c.branch = run.Lane.Name
	}
	policy = definition.PolicyFor(policy, definition.Subject{Branch: c.branch, Paths: c.files, Labels: c.labels})
	if known {
		brief := *gate.Brief
		brief.Owners = nil
		late, err := b.pushers(ctx, run, c) // a push may have been told of only now
		if err != nil {
			return policy, nil, err
		}
		p := people{list: slices.Clone(brief.Involved)}
		for _, who := range late {
			p.add(who, pipeline.RolePusher)
		}
		brief.Involved = p.list
		return policy, &brief, b.owners(ctx, run, c, policy, &brief)
	}
	brief, err := b.brief(ctx, run, c, policy, flag)
	return policy, brief, err
}

func asksLabels(p pipeline.Policy) bool {
	return slices.ContainsFunc(p.AllOf, func(r pipeline.Requirement) bool { return r.When != nil && r.When.Labels != nil })
}

// selectors calls do for every selector of a policy and of the owners in a brief.
func selectors(p *pipeline.Policy, brief *pipeline.Brief, do func(*pipeline.Selector)) {
	lists := [][]pipeline.Selector{p.Override}
	for i := range p.AllOf {
		lists = append(lists, p.AllOf[i].From)
	}
	if p.Escalate != nil {
		lists = append(lists, p.Escalate.To)
	}
	if brief != nil {
		for i := range brief.Owners {
			lists = append(lists, brief.Owners[i].Owners)
		}
	}
	for _, list := range lists {
		for i := range list {
			do(&list[i])
		}
	}
}

// teamsOf are the teams that a policy asks for.
func teamsOf(p pipeline.Policy, brief *pipeline.Brief) []string {
	var teams []string
	selectors(&p, brief, func(s *pipeline.Selector) {
		if s.Team != "" && !slices.Contains(teams, s.Team) {
			teams = append(teams, s.Team)
		}
	})
	return teams
}

// accountsIn are the accounts that the users of a gate were when it opened, by login
// in lower case: whoever takes a login over later is somebody else.
func accountsIn(gate *pipeline.Approval) map[string]int64 {
	known := map[string]int64{}
	selectors(&gate.Policy, gate.Brief, func(s *pipeline.Selector) {
		if s.User != "" && s.ID != 0 {
			known[strings.ToLower(s.User)] = s.ID
		}
	})
	return known
}

// findAccounts gives the users of a policy their ids. A login that nobody has names
// nobody.
func (b *Bot) findAccounts(ctx context.Context, r pipeline.Repository, p *pipeline.Policy, brief *pipeline.Brief, known map[string]int64) error {
	*p = copied(*p)
	var wrong error
	selectors(p, brief, func(s *pipeline.Selector) {
		login := strings.ToLower(s.User)
		if login == "" || wrong != nil {
			return
		}
		if _, asked := known[login]; !asked {
			account, err := b.Forge.Account(ctx, r, s.User)
			switch kind := pipeline.KindOf(err); {
			case err == nil:
				known[login] = account.ID
			case kind == pipeline.NotFound || kind == pipeline.Invalid:
				known[login] = 0
			default:
				wrong = err
				return
			}
		}
		s.ID = known[login]
	})
	return wrong
}

// copied is a policy whose selectors may be changed: declarations are shared.
func copied(p pipeline.Policy) pipeline.Policy {
	p.Override = slices.Clone(p.Override)
	p.AllOf = slices.Clone(p.AllOf)
	for i := range p.AllOf {
		p.AllOf[i].From = slices.Clone(p.AllOf[i].From)
	}
	if p.Escalate != nil {
		escalate := *p.Escalate
		escalate.To = slices.Clone(escalate.To)
		p.Escalate = &escalate
	}
	return p
}
