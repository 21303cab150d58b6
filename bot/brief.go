package bot

import (
	"context"
	"strings"

	"github.com/penstock-cd/penstock/bot/codeowners"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// brief is what people are shown of a change, and judged by.
func (b *Bot) brief(ctx context.Context, run *pipeline.Execution, c change, policy pipeline.Policy, flag []string) (*pipeline.Brief, error) {
	brief := &pipeline.Brief{Base: c.base, BaseNumber: c.baseNumber, CompareURL: c.url, Files: len(c.files), More: c.more}
	if c.files == nil {
		brief.Files = -1
	}
	for _, path := range c.files {
		if !definition.MatchesPath(flag, path) {
			continue
		}
		if len(brief.Flagged) == pipeline.MaxBriefPaths {
			brief.MoreFlagged++
			continue
		}
		brief.Flagged = append(brief.Flagged, path)
	}
	brought := map[string]githubapp.PullRequest{} // by the commit that a merge made
	for _, p := range c.pulls {
		brought[p.MergeCommitSHA] = p
	}
	for _, commit := range c.commits {
		if len(brief.Commits) == pipeline.MaxBriefCommits {
			brief.More += len(c.commits) - pipeline.MaxBriefCommits
			break
		}
		title, _, _ := strings.Cut(commit.Message, "\n")
		one := pipeline.BriefCommit{SHA: commit.SHA, Title: clipped(title), Author: commit.Author.Login}
		if one.Author == "" {
			one.Author = clipped(commit.AuthorName)
		}
		if p, ok := brought[commit.SHA]; ok {
			one.PullRequest, one.PullTitle = p.Number, clipped(p.Title)
		}
		brief.Commits = append(brief.Commits, one)
	}
	people, err := b.involved(ctx, run, c)
	if err != nil {
		return nil, err
	}
	brief.Involved, brief.Unresolved = people.list, people.unresolved
	return brief, b.owners(ctx, run, c, policy, brief)
}

// clipped bounds what people have written: it is kept with the run.
func clipped(text string) string {
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// owners adds who owns what has changed, if the policy asks for them: by the
// CODEOWNERS of the default branch. That a pull request is bound for may be anybody's.
func (b *Bot) owners(ctx context.Context, run *pipeline.Execution, c change, policy pipeline.Policy, brief *pipeline.Brief) error {
	asked := false
	selectors(&policy, nil, func(s *pipeline.Selector) { asked = asked || s.CodeOwners })
	if !asked {
		return nil
	}
	r, _, err := b.Forge.RepositoryNow(ctx, run.Repository)
	if err != nil {
		return err
	}
	head, err := b.Forge.Head(ctx, r, r.DefaultBranch)
	if err != nil {
		return err
	}
	file, err := b.Forge.CodeOwners(ctx, r, head)
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound && err != nil:
		return nil // nobody owns anything: whoever has write access answers
	case err != nil:
		return err
	}
	read, err := codeowners.Parse(file.Content)
	if err != nil { // nobody can tell who owns what
		brief.Missing = append(brief.Missing, pipeline.MissingOwners)
		return nil
	}
	brief.Owners = read.Owners(r.Owner, c.files)
	return nil
}
