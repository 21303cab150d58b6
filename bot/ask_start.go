package bot

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// Start starts a run of a pipeline because somebody asks for it, with the file as it
// is at that commit, as a push would. It returns the run's id, which is the same if
// the same request is made again. The errors are those of Ask.
func (b *Bot) Start(ctx context.Context, q pipeline.Request, r pipeline.Repository, w pipeline.Wish) (string, error) {
	if err := b.mayWrite(ctx, q, r); err != nil {
		return "", err
	}
	r, err := b.withDefaultBranch(ctx, r)
	if err != nil {
		return "", err
	}
	lane := pipeline.TagLane(w.Tag)
	if w.Tag == "" {
		w.Branch = cmp.Or(w.Branch, r.DefaultBranch)
		lane = pipeline.BranchLane(w.Branch)
	}
	revision, err := b.revisionOf(ctx, r, w)
	if err != nil {
		return "", err
	}
	p, err := b.pipelineAt(ctx, r, revision.SHA, w.Pipeline)
	if err != nil {
		return "", err
	}
	variables, err := p.ResolveVariables(w.Variables)
	if err != nil {
		return "", err
	}
	kind := pipeline.TriggerManual
	if q.Door == pipeline.DoorAPI {
		kind = pipeline.TriggerAPI
	}
	run := pipeline.Execution{
		ID: b.idFor(q, r, w.Pipeline), Repository: r, Pipeline: p.Name, Lane: lane,
		Trigger: pipeline.Trigger{Kind: kind, By: q.By}, Revision: revision, Definition: definition.Digest(p), Variables: variables,
	}
	_, err = b.Engine.Submit(ctx, run.Key(), q.Key, pipeline.StartExecution{Execution: run, Definition: p})
	if err != nil && !b.askedBefore(ctx, q, r, err) {
		return "", err
	}
	return run.ID, nil
}

// idFor is the id of the run that a request starts: of its key, if it has one.
func (b *Bot) idFor(q pipeline.Request, r pipeline.Repository, name string) string {
	if q.Key == "" {
		return pipeline.NewID(b.Now())
	}
	return pipeline.AttemptID(q.Key, r.Host+" "+strconv.FormatInt(r.ID, 10), name, 1)
}

// revisionOf is the commit that is wished for. It must be one that its branch has
// stood at: GitHub hands out those of forks too, and what came in with a merge was
// never looked at by itself.
func (b *Bot) revisionOf(ctx context.Context, r pipeline.Repository, w pipeline.Wish) (pipeline.Revision, error) {
	if w.Tag != "" {
		return b.revisionOfTag(ctx, r, w)
	}
	head, err := b.Forge.Head(ctx, r, w.Branch)
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound:
		return pipeline.Revision{}, pipeline.Errorf(pipeline.Invalid, "%s has no branch %s", r.FullName(), w.Branch)
	case err != nil:
		return pipeline.Revision{}, err
	}
	sha := w.SHA
	if sha == "" {
		sha = head
	}
	contained, err := b.Forge.Contains(ctx, r, head, sha)
	if err != nil && pipeline.KindOf(err) != pipeline.NotFound {
		return pipeline.Revision{}, err
	}
	if !contained {
		return pipeline.Revision{}, pipeline.Errorf(pipeline.Invalid, "%s is not a commit of the branch %s of %s: it never stood there", sha, w.Branch, r.FullName())
	}
	commit, err := b.Forge.Commit(ctx, r, sha)
	if err != nil {
		return pipeline.Revision{}, err
	}
	return pipeline.Revision{
		SHA: sha, Ref: "refs/heads/" + w.Branch, Branch: w.Branch, Message: firstLine(commit.Message), Author: commit.AuthorName, WebURL: commit.URL,
	}, nil
}

// revisionOfTag is the commit of a tag, which may be named besides.
func (b *Bot) revisionOfTag(ctx context.Context, r pipeline.Repository, w pipeline.Wish) (pipeline.Revision, error) {
	ref := "refs/tags/" + w.Tag
	commit, err := b.Forge.CommitAt(ctx, r, ref)
	switch {
	case w.Branch != "":
		return pipeline.Revision{}, pipeline.Errorf(pipeline.Invalid, "a run is of a branch or of a tag, not of both")
	case pipeline.KindOf(err) == pipeline.NotFound:
		return pipeline.Revision{}, pipeline.Errorf(pipeline.Invalid, "%s has no tag %s", r.FullName(), w.Tag)
	case err != nil:
		return pipeline.Revision{}, err
	case w.SHA != "" && w.SHA != commit.SHA:
		return pipeline.Revision{}, pipeline.Errorf(pipeline.Invalid, "tag %s of %s is at %s, not at %s", w.Tag, r.FullName(), commit.SHA, w.SHA)
	}
	return pipeline.Revision{SHA: commit.SHA, Ref: ref, Message: firstLine(commit.Message), Author: commit.AuthorName, WebURL: commit.URL}, nil
}

// pipelineAt reads the pipeline of a name out of the files of a commit.
func (b *Bot) pipelineAt(ctx context.Context, r pipeline.Repository, sha, name string) (*pipeline.Pipeline, error) {
	files, err := b.Forge.PipelineFiles(ctx, r, sha)
	if err != nil {
		return nil, err
	}
	var found []*pipeline.Pipeline
	var names, broken []string
	for _, file := range files {
		p, problems := b.read(file, r)
		if problems.HasErrors() {
			broken = append(broken, firstMistake(problems))
			continue
		}
		names = append(names, p.Name)
		if p.Name == name {
			found = append(found, p)
		}
	}
	at := r.FullName() + " at " + pipeline.ShortSHA(sha)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, pipeline.Errorf(pipeline.Invalid, "several files of %s name their pipeline %s", at, name)
	case len(broken) > 0:
		return nil, pipeline.Errorf(pipeline.Invalid, "%s has no pipeline %s that can be read: %s", at, name, strings.Join(broken, "; "))
	case len(names) == 0:
		return nil, pipeline.Errorf(pipeline.Invalid, "%s has no pipeline file", at)
	}
	slices.Sort(names)
	return nil, pipeline.Errorf(pipeline.Invalid, "%s has no pipeline %s; there is %s", at, name, strings.Join(names, ", "))
}

// firstMistake names the place of the first error.
func firstMistake(problems definition.Problems) string {
	for _, p := range problems {
		if p.Severity == definition.SeverityError {
			return p.File + ":" + strconv.Itoa(p.Line) + ": " + p.Message
		}
	}
	return ""
}
