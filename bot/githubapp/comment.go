package githubapp

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	commentsPerPage = 50
	// MaxComments is how far a thread is read.
	MaxComments = 5000
)

// Comment is a comment of a pull request's thread.
type Comment struct {
	ID        int64
	Body      string
	Author    Account
	CreatedAt time.Time // GitHub's clock, whole seconds
	UpdatedAt time.Time
	URL       string // its page
}

// CreateComment writes into the thread of a pull request or issue. People are
// notified: prefer EditComment.
func (a *App) CreateComment(ctx context.Context, r pipeline.Repository, number int, body string) (Comment, error) {
	var made Comment
	err := a.do(ctx, call{r, fmt.Sprintf("comment on #%d", number), "pull requests: write"},
		func(ctx context.Context, client *github.Client) error {
			c, _, err := client.Issues.CreateComment(ctx, r.Owner, r.Name, number,
				&github.IssueComment{Body: github.String(clip(body, maxComment))})
			if err != nil {
				return err
			}
			a.learn(c.GetUser())
			made = commentOf(c)
			return nil
		})
	return made, err
}

// EditComment replaces the text of a comment of ours. Kind NotFound means that
// somebody has deleted it.
func (a *App) EditComment(ctx context.Context, r pipeline.Repository, id int64, body string) (Comment, error) {
	var edited Comment
	err := a.do(ctx, call{r, fmt.Sprintf("comment %d", id), "pull requests: write"},
		func(ctx context.Context, client *github.Client) error {
			c, _, err := client.Issues.EditComment(ctx, r.Owner, r.Name, id,
				&github.IssueComment{Body: github.String(clip(body, maxComment))})
			if err != nil {
				return err
			}
			edited = commentOf(c)
			return nil
		})
	return edited, err
}

// ListComments reads the comments of a thread, oldest first, at most MaxComments.
// Those not changed since that time are left out; zero means all.
func (a *App) ListComments(ctx context.Context, r pipeline.Repository, number int, since time.Time) ([]Comment, error) {
	var all []Comment
	err := a.eachComment(ctx, r, number, since, func(c Comment) bool {
		all = append(all, c)
		return true
	})
	return all, err
}

// FindComment looks for the first comment in a thread that we have written and
// that holds the marker. Others may copy a marker; theirs do not count.
func (a *App) FindComment(ctx context.Context, r pipeline.Repository, number int, marker string) (Comment, bool, error) {
	us, err := a.App(ctx)
	if err != nil {
		return Comment{}, false, err
	}
	var found Comment
	err = a.eachComment(ctx, r, number, time.Time{}, func(c Comment) bool {
		if us.Ours(c.Author.Actor) && strings.Contains(c.Body, marker) {
			found = c
		}
		return found.ID == 0
	})
	return found, err == nil && found.ID != 0, err
}

// eachComment calls f for the comments of a thread until it returns false.
func (a *App) eachComment(ctx context.Context, r pipeline.Repository, number int, since time.Time, f func(Comment) bool) error {
	return a.do(ctx, call{r, fmt.Sprintf("comments of #%d", number), "pull requests: read"},
		func(ctx context.Context, client *github.Client) error {
			options := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: commentsPerPage}}
			if !since.IsZero() {
				options.Since = &since
			}
			for seen := 0; seen < MaxComments; seen += commentsPerPage {
				page, answer, err := client.Issues.ListComments(ctx, r.Owner, r.Name, number, options)
				if err != nil {
					return err
				}
				for _, c := range page {
					if !f(commentOf(c)) {
						return nil
					}
				}
				if answer.NextPage == 0 {
					return nil
				}
				options.Page = answer.NextPage
			}
			return nil
		})
}

// Reaction is a sign under a comment.
type Reaction string

// The reactions that we use.
const (
	ReactionEyes     Reaction = "eyes"
	ReactionRocket   Reaction = "rocket"
	ReactionPlus     Reaction = "+1"
	ReactionMinus    Reaction = "-1"
	ReactionConfused Reaction = "confused"
)

// React puts a reaction under a comment. Doing it twice is harmless.
func (a *App) React(ctx context.Context, r pipeline.Repository, commentID int64, reaction Reaction) error {
	return a.do(ctx, call{r, fmt.Sprintf("reaction to comment %d", commentID), "pull requests: write"},
		func(ctx context.Context, client *github.Client) error {
			_, _, err := client.Reactions.CreateIssueCommentReaction(ctx, r.Owner, r.Name, commentID, string(reaction))
			return err
		})
}

func commentOf(c *github.IssueComment) Comment {
	return Comment{
		ID: c.GetID(), Body: c.GetBody(), Author: accountOf(c.GetUser()), URL: c.GetHTMLURL(),
		CreatedAt: c.GetCreatedAt().Time, UpdatedAt: c.GetUpdatedAt().Time,
	}
}
