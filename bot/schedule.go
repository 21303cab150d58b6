package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// Schedules starts pipelines at the times that their files say. What was missed
// while nobody was there is started once, late.
type Schedules struct{ bot *Bot }

// NewSchedules makes the schedules of the bot's repositories run.
func (b *Bot) NewSchedules() *Schedules { return &Schedules{b} }

const (
	// scheduleAgain is when a schedule is tried again that could not be started.
	scheduleAgain = time.Minute
	// scheduleTime is how long a start may take before it is taken for lost.
	scheduleTime = 10 * time.Minute
	// schedulesAtOnce is how many are started at a time: a repository that is slow
	// keeps no other waiting.
	schedulesAtOnce = 8
	// longestSleep bounds how far a clock that is set can put a schedule off.
	longestSleep = 10 * time.Minute
)

// Run waits for what is due next until ctx ends, and for what it has begun.
func (s *Schedules) Run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	slots := make(chan struct{}, schedulesAtOnce)
	for ctx.Err() == nil {
		wait := longestSleep
		next, ok, err := s.bot.Store.NextSchedule(ctx)
		if ok && err == nil {
			wait = min(wait, next.At.Sub(s.bot.Now()))
		}
		if ok && err == nil && wait <= 0 { // nobody else sees to it meanwhile; after a crash it comes again
			err = s.bot.Store.PostponeSchedule(ctx, next, s.bot.Now().Add(scheduleTime))
		}
		switch {
		case err != nil:
			s.bot.Logger.Error("schedules cannot be read or put off", "error", err)
			wait = scheduleAgain
		case ok && wait <= 0:
			select {
			case slots <- struct{}{}:
				group.Go(func() {
					defer func() { <-slots }()
					s.fire(ctx, next)
				})
			case <-ctx.Done():
			}
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.bot.rescheduled:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// fire starts what is due and says when it is due again. What cannot be started now
// stays due: its time is what tells whether it has been started.
func (s *Schedules) fire(ctx context.Context, due pipeline.DueSchedule) {
	ctx, cancel := context.WithTimeout(ctx, scheduleTime)
	defer cancel()
	note, err := s.start(ctx, due)
	log := s.bot.Logger.With("pipeline", due.Pipeline, "schedule", due.Schedule.Cron, "due", due.Due)
	kind := pipeline.KindOf(err)
	if err != nil && (kind == pipeline.Unavailable || kind == pipeline.Internal) {
		log.Warn("a schedule cannot be started now; trying again", "error", err)
		err = s.bot.Store.PostponeSchedule(ctx, due, s.bot.Now().Add(scheduleAgain))
	} else {
		log.Info("schedule", "note", note, "error", err)
		again, wrong := nextTime(due.Schedule, s.bot.Now())
		if wrong != nil { // its pipeline is never read like that
			again = s.bot.Now().Add(24 * time.Hour)
		}
		err = s.bot.Store.AdvanceSchedule(ctx, due, again)
	}
	if err != nil && ctx.Err() == nil {
		log.Error("a schedule cannot be put off", "error", err)
	}
	select {
	case s.bot.rescheduled <- struct{}{}:
	default:
	}
}

func (s *Schedules) start(ctx context.Context, due pipeline.DueSchedule) (string, error) {
	b := s.bot
	repositories, err := b.Store.Repositories(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range repositories {
		if r.Host != due.Host || r.ID != due.RepositoryID {
			continue
		}
		if !b.Allows(r.Owner, r.Name) {
			return "PENSTOCK_ALLOW does not list " + r.FullName(), nil
		}
		result, err := b.startScheduled(ctx, r, due)
		return result.note, err
	}
	return "the app does not reach this repository any more", nil
}

func (b *Bot) startScheduled(ctx context.Context, r pipeline.Repository, due pipeline.DueSchedule) (outcome, error) {
	branch := due.Schedule.Branch
	if branch == "" {
		branch = r.DefaultBranch
	}
	head, err := b.Forge.Head(ctx, r, branch)
	if err != nil {
		return outcome{}, err
	}
	found, err := b.Forge.Commit(ctx, r, head)
	if err != nil {
		return outcome{}, err
	}
	return b.start(ctx, commit{
		repository: r,
		lane:       pipeline.BranchLane(branch),
		revision: pipeline.Revision{
			SHA: head, Ref: "refs/heads/" + branch, Branch: branch, Message: firstLine(found.Message), Author: found.AuthorName, WebURL: found.URL,
		},
		trigger: pipeline.Trigger{Kind: pipeline.TriggerSchedule},
		key:     fmt.Sprintf("schedule %s %s %d", branch, due.Schedule.Cron, due.Due.Unix()),
		named:   due.Pipeline,
		what:    definition.Change{Kind: pipeline.TriggerSchedule, Branch: branch},
		head:    func() (string, error) { return head, nil },
	})
}

// readSchedules takes over the schedules of a repository's default branch. Without
// any, now or before, nothing is asked of the forge but what has been read.
func (b *Bot) readSchedules(ctx context.Context, r pipeline.Repository, pushed []*pipeline.Pipeline) error {
	has, err := b.Store.HasSchedules(ctx, r.Host, r.ID)
	if err != nil {
		return err
	}
	for _, p := range pushed {
		has = has || len(p.Triggers.Schedule) > 0
	}
	if !has {
		return nil
	}
	head, err := b.Forge.Head(ctx, r, r.DefaultBranch) // pushes come in any order
	if err != nil {
		return err
	}
	return b.takeSchedules(ctx, r, head)
}

func (b *Bot) takeSchedules(ctx context.Context, r pipeline.Repository, head string) error {
	files, err := b.Forge.PipelineFiles(ctx, r, head)
	if pipeline.KindOf(err) == pipeline.Invalid && err != nil {
		return nil // what was scheduled stays until the files can be read
	}
	if err != nil {
		return err
	}
	var schedules []pipeline.DueSchedule
	for _, file := range files {
		p, problems := b.read(file, r)
		if problems.HasErrors() {
			return nil
		}
		for _, s := range p.Triggers.Schedule {
			due, err := nextTime(s, b.Now())
			if err != nil {
				continue // the reader of the file has refused it
			}
			schedules = append(schedules, pipeline.DueSchedule{Host: r.Host, RepositoryID: r.ID, Pipeline: p.Name, Schedule: s, Due: due})
		}
	}
	if err := b.Store.SetSchedules(ctx, r.Host, r.ID, schedules); err != nil {
		return err
	}
	select {
	case b.rescheduled <- struct{}{}:
	default:
	}
	return nil
}

func nextTime(s pipeline.Schedule, now time.Time) (time.Time, error) {
	cron, err := condition.ParseCron(s.Cron, s.TimeZone)
	if err != nil {
		return time.Time{}, err
	}
	next, ok := cron.Next(now)
	if !ok {
		return time.Time{}, pipeline.Errorf(pipeline.Invalid, "the schedule %s never comes", s.Cron)
	}
	return next, nil
}
