package bot

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// people are those with a hand in a change.
type people struct {
	list       []pipeline.Involved
	unresolved []string // authors without an account that is known
}

// maxUnread is how many unknown authors are counted: more than anybody has votes for.
const maxUnread = 50

func (p *people) add(who pipeline.Actor, role pipeline.Role) {
	if who.ID == 0 {
		return
	}
	at := slices.IndexFunc(p.list, func(i pipeline.Involved) bool { return i.Actor.ID == who.ID })
	if at < 0 {
		p.list = append(p.list, pipeline.Involved{Actor: who})
		at = len(p.list) - 1
	}
	if !slices.Contains(p.list[at].Roles, role) {
		p.list[at].Roles = append(slices.Clip(p.list[at].Roles), role) // others may hold the list
	}
}

func (p *people) stranger(name string) {
	name = clipped(name)
	if !slices.Contains(p.unresolved, name) {
		p.unresolved = append(p.unresolved, name)
	}
}

// involved finds everybody with a hand in a change: who asked for the run, who
// pushed, who wrote the pull requests and the commits, and who merged.
func (b *Bot) involved(ctx context.Context, run *pipeline.Execution, c change) (people, error) {
	var p people
	for _, other := range append([]*pipeline.Execution{run}, c.runs...) {
		switch other.Trigger.Kind {
		case pipeline.TriggerPush, pipeline.TriggerPullRequest, pipeline.TriggerMergeGroup:
			p.add(other.Trigger.By, pipeline.RolePusher)
		default:
			if other == run || other.ID == run.ID {
				p.add(other.Trigger.By, pipeline.RoleStarter)
			}
		}
	}
	pushers, err := b.pushers(ctx, run, c)
	if err != nil {
		return p, err
	}
	for _, who := range pushers {
		p.add(who, pipeline.RolePusher)
	}
	for _, pull := range c.pulls {
		p.add(pull.Author.Actor, pipeline.RoleAuthor)
		p.add(pull.MergedBy.Actor, pipeline.RoleMerger)
	}
	for _, commit := range c.commits {
		if commit.Author.ID != 0 {
			p.add(commit.Author.Actor, pipeline.RoleCommitter)
		} else {
			p.stranger(author{commit.AuthorName, commit.AuthorEmail}.String())
		}
		for _, co := range coAuthors(commit.Message) {
			who, err := b.account(ctx, run.Repository, co)
			if err != nil {
				return p, err
			}
			if who.ID == 0 {
				p.stranger(co.String())
			}
			p.add(who, pipeline.RoleCoAuthor)
		}
	}
	for i := range min(c.unasked, maxUnread) {
		p.stranger(fmt.Sprintf("whoever merged an older commit (%d of %d)", i+1, c.unasked))
	}
	for i := range min(c.more, maxUnread) { // each may be somebody else
		p.stranger(fmt.Sprintf("the author of a commit that is not listed (%d of %d)", i+1, c.more))
	}
	for i := len(p.list); i > pipeline.MaxBriefPeople; i-- { // whoever is cut off could approve
		p.stranger(p.list[i-1].Actor.Login)
		p.list = p.list[:i-1]
	}
	return p, nil
}

// beforeOpening is how long before a pull request was opened a push to its branch is
// taken for one of it.
const beforeOpening = 30 * 24 * time.Hour

// pushers are those who pushed commits of a change, or to the branches of its pull
// requests, as the forge told of it: whether a run followed or not.
func (b *Bot) pushers(ctx context.Context, run *pipeline.Execution, c change) ([]pipeline.Actor, error) {
	r := run.Repository
	shas := []string{run.Revision.SHA}
	for _, commit := range c.commits {
		shas = append(shas, commit.SHA)
	}
	all, err := b.Store.Pushers(ctx, r.Host, r.ID, shas...)
	for _, pull := range c.pulls {
		if err != nil || pull.Fork() || pull.HeadRef == "" {
			continue // of a fork GitHub tells nobody else's server
		}
		var some []pipeline.Actor
		some, err = b.Store.PushersTo(ctx, r.Host, r.ID, "refs/heads/"+pull.HeadRef, pull.CreatedAt.Add(-beforeOpening))
		all = append(all, some...)
	}
	return all, err
}

// author is somebody as git writes them down.
type author struct{ name, email string }

func (a author) String() string {
	if a.name == "" {
		return a.email
	}
	return a.name
}

var (
	coAuthorLine = regexp.MustCompile(`(?mi)^[ \t]*co-authored-by:[ \t]*([^<\n]*)<([^>\n]*)>[ \t\r]*$`)
	noReply      = regexp.MustCompile(`(?i)^(?:([0-9]{1,18})\+)?([a-z0-9][a-z0-9_-]*)@users\.noreply\.`)
)

// coAuthors reads the trailers of a commit's message.
func coAuthors(message string) []author {
	var list []author
	for _, m := range coAuthorLine.FindAllStringSubmatch(message, -1) {
		list = append(list, author{strings.TrimSpace(m[1]), strings.TrimSpace(m[2])})
	}
	return list
}

// account finds whose address that is: GitHub tells it only of those that it has
// made itself. Nobody: the zero Actor.
func (b *Bot) account(ctx context.Context, r pipeline.Repository, a author) (pipeline.Actor, error) {
	m := noReply.FindStringSubmatch(a.email)
	if m == nil {
		return pipeline.Actor{}, nil
	}
	if id, err := strconv.ParseInt(m[1], 10, 64); err == nil {
		return pipeline.Actor{ID: id, Login: m[2]}, nil
	}
	found, err := b.Forge.Account(ctx, r, m[2])
	if err != nil && !hasNoAnswer(err) {
		return pipeline.Actor{}, err
	}
	return found.Actor, nil
}
