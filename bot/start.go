package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// commit is a change of a ref that may start runs.
type commit struct {
	repository pipeline.Repository
	lane       pipeline.Lane
	revision   pipeline.Revision
	trigger    pipeline.Trigger
	change     *pipeline.Change // nil: newest of its lane
	key        string           // business key, to which the pipeline's name is added
	// what happened, for the triggers to judge; nil Files: not known.
	what definition.Change
	only func(*pipeline.Pipeline) bool // of those that the triggers start; nil: all
	// named is the pipeline that somebody has asked for, whatever its triggers say.
	named     string
	variables map[string]string // that somebody has given; nil: the defaults
	// message reads the whole message of the commit, which may ask for no run; nil:
	// it is not asked.
	message func() (string, error)
	head    func() (string, error) // reads where the ref stands now
	keep    bool                   // the lane stays as closed as it is
}

// start reads the pipeline files of a commit and starts a run of each pipeline
// that wants it. A file with mistakes becomes a failed check on its lines.
func (b *Bot) start(ctx context.Context, c commit) (outcome, error) {
	at := c.revision.SHA
	if c.revision.Fork { // a stranger's change does not say what runs
		at = c.revision.BaseSHA
	}
	files, err := b.Forge.PipelineFiles(ctx, c.repository, at)
	switch {
	case pipeline.KindOf(err) == pipeline.Invalid:
		return b.unreadable(ctx, c, err)
	case err != nil:
		return outcome{}, err
	case len(files) == 0:
		return ignored("%s has no pipeline file", pipeline.ShortSHA(at)), nil
	}
	c.what.Files = remembered(c.what.Files)
	c.message = remembered(c.message)
	var started, refused, unwanted, known []string
	pipelines, problems := b.readAll(files, c.repository)
	var read []*pipeline.Pipeline
	for i, file := range files {
		if err := b.showFileCheck(ctx, c, file.Path, problems.Of(file.Path)); err != nil {
			return outcome{}, err
		}
		p := pipelines[i]
		if p == nil {
			refused = append(refused, file.Path)
			continue
		}
		read = append(read, p)
		why, err := c.declines(p)
		if err != nil {
			return outcome{}, err
		}
		if why != "" {
			unwanted = append(unwanted, fmt.Sprintf("%s (%s)", p.Name, why))
			if err := b.showNotNeeded(ctx, c, p.Name, why); err != nil {
				return outcome{}, err
			}
			continue
		}
		switch err := b.startRun(ctx, c, p); {
		case isDuplicate(err):
			known = append(known, p.Name)
		case err != nil:
			return outcome{}, err
		default:
			started = append(started, p.Name)
		}
	}
	if c.trigger.Kind == pipeline.TriggerPush && c.lane == pipeline.BranchLane(c.repository.DefaultBranch) {
		if err := b.readSchedules(ctx, c.repository, read); err != nil {
			return outcome{}, err
		}
	}
	note := sentence("started", started) + sentence("started before by the same change:", known) +
		sentence("mistakes in", refused) + sentence("not triggered:", unwanted)
	return done("%s", strings.TrimSpace(note)), nil
}

func sentence(what string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s. ", what, strings.Join(names, ", "))
}

// startRun asks for one run. Where two changes of the ref cannot be ordered by
// what the deliveries say, the ref is read.
func (b *Bot) startRun(ctx context.Context, c commit, p *pipeline.Pipeline) error {
	if definition.NeedsFiles(p) {
		var err error
		if c.revision.Files, err = c.what.Files(); err != nil {
			return err
		}
	}
	input := pipeline.StartExecution{
		KeepClosed: c.keep,
		Execution: pipeline.Execution{
			ID: pipeline.NewID(b.Now()), Repository: c.repository, Pipeline: p.Name, Lane: c.lane,
			Trigger: c.trigger, Revision: c.revision, Definition: definition.Digest(p), Variables: c.variables,
		},
		Definition: p, Change: c.change,
	}
	lane, key := input.Execution.Key(), c.key+" "+p.Name
	_, err := b.Engine.Submit(ctx, lane, key, input)
	if !errors.Is(err, pipeline.ErrOrderUnknown) {
		return err
	}
	if input.Head, err = c.head(); err != nil {
		if pipeline.KindOf(err) != pipeline.NotFound {
			return err
		}
		input.Head = "gone" // the ref was deleted since: what came first stays newest
	}
	_, err = b.Engine.Submit(ctx, lane, key, input)
	return err
}

func (b *Bot) read(file githubapp.File, r pipeline.Repository) (*pipeline.Pipeline, definition.Problems) {
	return definition.Read(file.Path, file.Content, b.fileOptions(r))
}

// readAll reads the pipeline files of a commit: the pipelines are theirs, nil for a
// file with a mistake.
func (b *Bot) readAll(files []githubapp.File, r pipeline.Repository) ([]*pipeline.Pipeline, definition.Problems) {
	sources := make([]definition.File, 0, len(files))
	for _, f := range files {
		sources = append(sources, definition.File{Path: f.Path, Content: f.Content})
	}
	return definition.ReadAll(sources, b.fileOptions(r))
}

func (b *Bot) fileOptions(r pipeline.Repository) definition.Options {
	return definition.Options{Catalog: b.Catalog, DefaultBranch: r.DefaultBranch, Repository: r.FullName()}
}

// unreadable tells of pipeline files that are there and cannot be used at all.
func (b *Bot) unreadable(ctx context.Context, c commit, cause error) (outcome, error) {
	problem := definition.Problem{File: ".penstock.yml", Line: 1, Column: 1, Severity: definition.SeverityError, Message: cause.Error()}
	if err := b.showFileCheck(ctx, c, problem.File, definition.Problems{problem}); err != nil {
		return outcome{}, err
	}
	return done("the pipeline files cannot be used: %v", cause), nil
}

func isDuplicate(err error) bool { return errors.Is(err, pipeline.ErrDuplicate) }
