package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/explain"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// slackCommand is our slash command. Whoever types it is answered alone.
func (b *Bot) slackCommand(ctx context.Context, c slackapp.SlashCommand) (outcome, error) {
	typed, problem := command.ParseSlackCommand(c.Text)
	s := &slackAsking{Bot: b, said: c, typed: typed, to: slackapp.Whisper{ResponseURL: c.ResponseURL, Channel: c.Channel, User: c.User}}
	home, err := b.Slack.App.Workspace(ctx)
	switch {
	case err != nil:
		return outcome{}, err
	case !isOf(home, c.Team): // the same id may be somebody else's there
		return s.answer(ctx, b.texts.SlackRefused(elsewhere), elsewhere)
	}
	s.user = pipeline.SlackUser{Team: home.TeamID, ID: c.User}
	switch problem {
	case command.Unknown:
		return s.answer(ctx, b.texts.SlackUnknownCommand(typed.Word, string(typed.Suggestion)), "unknown")
	case command.Malformed:
		return s.answer(ctx, b.texts.SlackMalformed(typed.Usage(slash)), "malformed")
	}
	switch typed.Verb {
	case command.Approve, command.Reject:
		return s.vote(ctx)
	case command.Status:
		return s.status(ctx)
	case command.Why:
		return s.why(ctx)
	case command.SlackLink:
		return s.link(ctx)
	case command.SlackUnlink:
		return s.unlink(ctx)
	case command.SlackMute, command.SlackUnmute:
		return s.mute(ctx, typed.Verb == command.SlackMute)
	}
	return s.help(ctx)
}

// slackAsking is one command and who gave it.
type slackAsking struct {
	*Bot
	said  slackapp.SlashCommand
	typed command.SlackCommand
	to    slackapp.Whisper
	user  pipeline.SlackUser // who gave it
	shown map[int64]bool     // repositories: whether they may be told of
	known *asker             // nil until first asked
}

// asker is who somebody is, as slackPerson finds it out.
type asker struct {
	account pipeline.SlackAccount
	refused *report.SlackMessage
	why     string
}

func (s *slackAsking) who() slackVoter { return slackVoter{s.said.Team, s.said.User} }

// person is who gave the command, asked of Slack once for all that it is about.
func (s *slackAsking) person(ctx context.Context) (asker, error) {
	if s.known != nil {
		return *s.known, nil
	}
	account, refused, why, err := s.slackPerson(ctx, s.who())
	if err != nil {
		return asker{}, err
	}
	s.known = &asker{account, refused, why}
	return *s.known, nil
}

func (s *slackAsking) answer(ctx context.Context, m report.SlackMessage, note string) (outcome, error) {
	return s.answerInSlack(ctx, s.to, m, string(s.typed.Verb)+": "+note)
}

// maySee reports whether the asker may be told of a repository here: what a channel of
// the operator's list is told of, whoever is in it may know; anything else those who
// can read it at the forge.
func (s *slackAsking) maySee(ctx context.Context, r pipeline.Repository) (bool, error) {
	if known, ok := s.shown[r.ID]; ok {
		return known, nil
	}
	may := s.Slack.shows(s.said.Channel, r)
	if !may {
		who, err := s.person(ctx)
		if err != nil {
			return false, err
		}
		if who.refused == nil {
			facts, err := s.factsFor(ctx, r, who.account.Actor, nil)
			if err != nil {
				return false, err
			}
			may = facts.Permission != pipeline.PermissionNone && len(facts.Unknown) == 0 && !facts.Suspended
		}
	}
	if s.shown == nil {
		s.shown = map[int64]bool{}
	}
	s.shown[r.ID] = may
	return may, nil
}

// mostRuns is how many of the newest runs of all repositories are looked at.
const mostRuns = 200

// runs are the newest runs that the asker may be told of, of the repository that is
// named.
func (s *slackAsking) runs(ctx context.Context, named string, open bool) ([]*pipeline.Execution, error) {
	all, err := s.Store.Executions(ctx, pipeline.ExecutionFilter{Host: s.Forge.Host(), OpenGates: open, Limit: mostRuns})
	if err != nil {
		return nil, err
	}
	var list []*pipeline.Execution
	for _, run := range all {
		r := run.Repository
		if named != "" && !strings.EqualFold(named, r.Name) && !strings.EqualFold(named, r.FullName()) || !s.Allows(r.Owner, r.Name) {
			continue
		}
		may, err := s.maySee(ctx, r)
		if err != nil {
			return nil, err
		}
		if may {
			list = append(list, run)
		}
	}
	return list, nil
}

// vote is approve and reject. One that names the commit is a vote; any other opens the
// form, which shows what it is about.
func (s *slackAsking) vote(ctx context.Context) (outcome, error) {
	runs, err := s.runs(ctx, "", true)
	if err != nil {
		return outcome{}, err
	}
	var open []command.SlackGate
	for _, run := range runs {
		for _, gate := range run.Gates() {
			open = append(open, command.SlackGate{
				Gate:       command.Gate{ID: gate.ID, Pipeline: run.Pipeline, Name: gate.Name, SHA: gate.SHA},
				Repository: run.Repository.FullName(), Run: run.Number,
			})
		}
	}
	if len(open) == 0 { // something may wait that only those are told of who are known
		who, err := s.person(ctx)
		switch {
		case err != nil:
			return outcome{}, err
		case who.refused != nil:
			return s.answer(ctx, *who.refused, who.why)
		}
	}
	v := command.ResolveSlackVote(s.typed, slash, open)
	verdict := pipeline.Approve
	if s.typed.Verb == command.Reject {
		verdict = pipeline.Reject
	}
	switch v.Problem {
	case "":
	case command.NeedsReason: // the form asks for it
	case command.NotOpen:
		return s.answer(ctx, s.texts.SlackNotOpen(v.Named, v.Lines), string(v.Problem))
	case command.WrongCommit:
		return s.answer(ctx, s.texts.SlackWrongCommit(v.Named, v.Lines), string(v.Problem))
	default:
		return s.answer(ctx, s.texts.SlackNoGate(v.Lines), string(v.Problem))
	}
	i := slices.IndexFunc(runs, func(run *pipeline.Execution) bool { return gateOf(run, v.Gate.ID) != nil })
	if i < 0 {
		return s.answer(ctx, s.texts.SlackNoGate(v.Lines), string(v.Problem))
	}
	run := runs[i]
	if v.SHA != "" && v.Problem == "" {
		ballot := pipeline.Ballot{SHA: v.SHA, Verdict: verdict, Reason: v.Reason}
		return s.voteInSlack(ctx, s.who(), run.ID, v.Gate.ID, ballot, s.said.ID, s.to)
	}
	view, err := s.slackView(ctx, run)
	if err != nil {
		return outcome{}, err
	}
	gate := gateOf(run, v.Gate.ID)
	if refused, why := s.refusedFirst(ctx, view, gate, verdict, s.who()); refused != nil {
		return s.answer(ctx, *refused, why)
	}
	return s.askInSlack(ctx, view, gate, verdict, report.SlackVoteSeen{Reason: v.Reason}, s.said.TriggerID, s.to)
}

// noRuns says that there is nothing to tell, and of what there would be.
func (s *slackAsking) noRuns(ctx context.Context, what string) (outcome, error) {
	who, err := s.person(ctx)
	if err != nil {
		return outcome{}, err
	}
	return s.answer(ctx, s.texts.SlackNoRuns(what, who.refused == nil), "no run")
}

// mostListed is how many runs status tells of.
const mostListed = 10

// status is the newest run of each pipeline, and every other that has not ended.
func (s *slackAsking) status(ctx context.Context) (outcome, error) {
	runs, err := s.runs(ctx, s.typed.Repository, false)
	if err != nil {
		return outcome{}, err
	}
	type lane struct {
		repository int64
		pipeline   string
	}
	seen := map[lane]bool{}
	var standing []report.Run
	for _, run := range runs {
		of := lane{run.Repository.ID, run.Pipeline}
		if seen[of] && run.Status.Ended() || len(standing) > mostListed {
			continue
		}
		seen[of] = true
		view, err := s.slackView(ctx, run)
		if err != nil {
			return outcome{}, err
		}
		standing = append(standing, view)
	}
	if len(standing) == 0 {
		return s.noRuns(ctx, s.typed.Repository)
	}
	return s.answer(ctx, s.texts.SlackRuns(standing), "told")
}

// why says what a run waits for, or why it ended: the one that is named, or the newest
// that has not ended, or the newest.
func (s *slackAsking) why(ctx context.Context) (outcome, error) {
	runs, err := s.runs(ctx, s.typed.Repository, false)
	if err != nil {
		return outcome{}, err
	}
	if s.typed.Run != 0 {
		runs = slices.DeleteFunc(runs, func(run *pipeline.Execution) bool { return run.Number != s.typed.Run })
	}
	if len(runs) == 0 {
		what := s.typed.Repository
		if s.typed.Run != 0 {
			what = strings.TrimSpace(fmt.Sprintf("%s #%d", what, s.typed.Run))
		}
		return s.noRuns(ctx, what)
	}
	run := runs[0]
	if i := slices.IndexFunc(runs, func(run *pipeline.Execution) bool { return !run.Status.Ended() }); i >= 0 {
		run = runs[i]
	}
	situation, err := explain.Look(ctx, s.Store, run)
	if err != nil {
		return outcome{}, err
	}
	situation.Paused, situation.Form = s.Paused(), "/"
	var sentences []string
	for _, line := range explain.Why(situation) {
		sentences = append(sentences, line.Text+".")
		if line.Move != "" {
			sentences = append(sentences, line.Move)
		}
	}
	for _, gate := range situation.Run.Gates() {
		sentences = append(sentences, fmt.Sprintf("Here: the buttons of its message, or %s approve %s %s %s.", slash, run.Repository.FullName(), gate.Name, pipeline.ShortSHA(gate.SHA)))
	}
	view, err := s.slackView(ctx, situation.Run)
	if err != nil {
		return outcome{}, err
	}
	return s.answer(ctx, s.texts.SlackWhy(view, sentences), "explained")
}
