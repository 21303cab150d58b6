package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/command"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

// maxCommands is how many commands of one comment are carried out.
const maxCommands = 10

// issueComment carries out the commands of a new comment of a pull request.
// again says that it may have been worked on before.
func (b *Bot) issueComment(ctx context.Context, e githubapp.IssueComment, again bool) (outcome, error) {
	switch {
	case e.Action != "created":
		return ignored("a comment that is %s is no command", e.Action), nil
	case !e.PullRequest:
		return ignored("the comment is not on a pull request"), nil
	case e.Sender.Bot || e.Comment.Author.Bot || e.Comment.Author.ID == 0:
		return ignored("bots give no commands"), nil
	case e.Sender.ID != e.Comment.Author.ID:
		return ignored("the comment was not created by its author"), nil
	}
	commands := command.Parse(e.Comment.Body, command.Options{Prefix: b.Prefix})
	if len(commands) == 0 {
		return ignored("no command"), nil
	}
	if len(commands) > maxCommands {
		commands = commands[:maxCommands]
	}
	if err := b.Forge.React(ctx, e.Repository, e.Comment.ID, githubapp.ReactionEyes); err != nil {
		if pipeline.KindOf(err) == pipeline.Unavailable && !calls.NotSent(err) { // no vote waits for a sign to be allowed
			return outcome{}, err
		}
		b.Logger.Warn("no reaction", "comment", e.Comment.ID, "error", err)
	}
	author := sync.OnceValues(func() (pipeline.Facts, error) { return b.facts(ctx, e.Repository, e.Comment.Author) })
	var replies, notes []string
	var reactions []githubapp.Reaction
	for _, cmd := range commands {
		answer, err := b.command(ctx, e, cmd, author)
		if err != nil {
			return outcome{}, err
		}
		if answer.reply != "" {
			replies = append(replies, answer.reply)
		}
		reactions = append(reactions, answer.reaction)
		notes = append(notes, fmt.Sprintf("%s: %s", cmd.Verb, answer.note))
	}
	if err := b.reply(ctx, e, strings.Join(replies, "\n\n"), again); err != nil {
		return outcome{}, err
	}
	slices.Sort(reactions)
	for _, reaction := range slices.Compact(reactions) {
		if err := b.Forge.React(ctx, e.Repository, e.Comment.ID, reaction); err != nil && pipeline.KindOf(err) == pipeline.Unavailable {
			return outcome{}, err
		}
	}
	return done("%s: %s", e.Comment.Author.Login, strings.Join(notes, "; ")), nil
}

// answer is what a command gets: a sign, words if something must be said, and a
// note for the operator.
type answer struct {
	reaction githubapp.Reaction
	reply    string
	note     string
}

// command carries one command out. author is what is known of who wrote it, looked
// up when it is asked for.
func (b *Bot) command(ctx context.Context, e githubapp.IssueComment, cmd command.Command, author func() (pipeline.Facts, error)) (answer, error) {
	asked := report.Asked{Line: cmd.Text, Login: e.Comment.Author.Login}
	confused := func(text, note string) (answer, error) { return answer{githubapp.ReactionConfused, text, note}, nil }
	switch {
	case cmd.Problem == command.Unknown:
		suggestion := ""
		if cmd.Suggestion != "" {
			suggestion = cmd.Form + string(cmd.Suggestion)
		}
		return confused(b.texts.UnknownCommand(asked, cmd.Word, suggestion), "unknown")
	case cmd.Problem == command.NotSupported:
		return confused(b.texts.NotSupported(asked), "not supported")
	case cmd.Problem == command.Malformed:
		return confused(b.texts.Malformed(asked, cmd.Usage()), "malformed")
	case cmd.Verb.Spec().Needs == command.NeedsWrite:
		facts, err := author()
		switch {
		case err != nil:
			return answer{}, err
		case len(facts.Unknown) > 0:
			return answer{githubapp.ReactionMinus, b.texts.LookupFailed(asked), "permission unknown"}, nil
		case !facts.Permission.CanWrite():
			return answer{githubapp.ReactionMinus, b.texts.NoPermission(asked, writersCan(e.Repository)), "no write access"}, nil
		}
	}
	t, err := b.thread(ctx, e.Repository, e.Number)
	if err != nil {
		return answer{}, err
	}
	return (&asking{b, e, t, cmd, author, asked}).carryOut(ctx)
}

// carryOut does what a well-formed command asks for, by somebody who may ask so much:
// what the rules of a gate have to say is still to be heard.
func (c *asking) carryOut(ctx context.Context) (answer, error) {
	if before, err := c.hadEffect(ctx, pipeline.Request{Key: c.onceKey()}, c.event.Repository); before || err != nil {
		return answer{githubapp.ReactionRocket, "", "done before"}, err
	}
	switch c.cmd.Verb {
	case command.Approve, command.Reject:
		return c.vote(ctx)
	case command.Unapprove:
		return c.withdraw(ctx)
	case command.Override:
		return c.override(ctx)
	case command.Lock, command.Unlock:
		return c.lock(ctx, c.cmd.Verb == command.Lock)
	case command.Disable, command.Enable:
		return c.door(ctx, c.cmd.Verb == command.Enable)
	case command.Retry:
		return c.retry(ctx)
	case command.Stop:
		return c.stop(ctx)
	case command.Start:
		return c.start(ctx)
	case command.Rollback:
		return c.rollback(ctx)
	case command.OkToTest:
		return c.okToTest(ctx)
	case command.Status:
		return c.status(ctx)
	case command.Why:
		return c.why(ctx)
	case command.Help:
		return c.help(ctx)
	}
	return c.confused(c.texts.NotSupported(c.asked), "not supported")
}

func writersCan(r pipeline.Repository) string {
	return "Anyone with write access to " + r.FullName() + " can."
}

// reply answers a comment in words, once. The row remembers that it was said; if
// the saying may have been lost between GitHub and us, the thread is searched.
func (b *Bot) reply(ctx context.Context, e githubapp.IssueComment, text string, again bool) error {
	if text == "" {
		return nil
	}
	key := pipeline.ReportKey{
		Host: e.Repository.Host, RepositoryID: e.Repository.ID, Subject: pullSubject(e.Number),
		Kind: pipeline.ReportComment, Name: fmt.Sprintf("reply:%d", e.Comment.ID),
	}
	marker := fmt.Sprintf("<!-- penstock:reply:%d -->", e.Comment.ID)
	var said githubapp.Comment
	if again {
		rows, err := b.Store.Reports(ctx, key.Host, key.RepositoryID, key.Subject)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(rows, func(row pipeline.Report) bool { return row.Key == key }) {
			return nil
		}
		if said, _, err = b.Forge.FindComment(ctx, e.Repository, e.Number, marker); err != nil {
			return err
		}
	}
	if said.ID == 0 {
		var err error
		said, err = b.Forge.CreateComment(ctx, e.Repository, e.Number, marker+"\n"+text)
		if err != nil {
			return err
		}
	}
	return b.Store.SaveReport(ctx, pipeline.Report{Key: key, ExternalID: said.ID, ShownAt: said.CreatedAt, UpdatedAt: b.Now()})
}
