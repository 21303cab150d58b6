package bot

import (
	"context"
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// okToTest lets one commit of a pull request from a fork run: the head that the
// comment names, with the pipeline file of the base branch as it is now, and
// without secrets. The run is pinned to both.
func (c *asking) okToTest(ctx context.Context) (answer, error) {
	p, sha := c.thread.pull, strings.ToLower(c.cmd.Args)
	refused := func(why string) (answer, error) { return c.confused(c.texts.Refused(c.asked, why), why) }
	switch {
	case p.State != "open":
		return refused("the pull request is not open")
	case !p.Fork():
		return refused("this pull request is from a branch of this repository, which runs by itself")
	case c.Unsandboxed:
		return refused("this server runs commands without a sandbox, and then nothing from a fork")
	case p.HeadSHA != sha: // the beginning of an id can be forged: it takes all of it
		return c.confused(c.texts.WrongCommit(c.asked, c.cmd.Args, []string{c.cmd.Form + "ok-to-test " + p.HeadSHA}), "not the head")
	}
	by := c.by()
	result, err := c.Bot.start(ctx, commit{
		repository: c.event.Repository,
		lane:       pipeline.PullLane(p.Number),
		revision: pipeline.Revision{
			SHA: p.HeadSHA, Ref: fmt.Sprintf("refs/pull/%d/head", p.Number), Branch: p.HeadRef, Message: firstLine(p.Title),
			Author: p.Author.Login, BaseRef: p.BaseRef, BaseSHA: p.BaseSHA, WebURL: p.URL, Fork: true,
		},
		trigger: pullTrigger(pipeline.TriggerComment, by, p, ""),
		change:  &pipeline.Change{At: c.event.Comment.CreatedAt, After: p.HeadSHA},
		key:     fmt.Sprintf("comment %d %d", c.event.Comment.ID, c.cmd.Line),
		what:    c.pullChange(ctx, c.event.Repository, p, pipeline.PullRequestOpened),
		head: func() (string, error) {
			now, err := c.Forge.PullRequest(ctx, c.event.Repository, p.Number)
			return now.HeadSHA, err
		},
	})
	switch {
	case err != nil:
		return answer{}, err
	case result.status == pipeline.DeliveryIgnored:
		return refused(result.note)
	}
	if err := c.showForkAllowed(ctx, c.event.Repository, p, by); err != nil {
		return answer{}, err
	}
	return answer{githubapp.ReactionRocket, "", result.note}, nil
}
