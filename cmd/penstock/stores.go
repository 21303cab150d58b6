package main

import (
	"context"
	"strings"

	"github.com/penstock-cd/penstock/bot"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
	"github.com/penstock-cd/penstock/storage/actionlog"
)

// botStore is the database in the bot's words.
type botStore struct{ *storage.DB }

func (s botStore) Unreported(ctx context.Context, limit int) ([]bot.Unreported, error) {
	return unreported(s.DB.UnreportedExecutions(ctx, limit))
}

func unreported(found []storage.Unreported, err error) ([]bot.Unreported, error) {
	list := make([]bot.Unreported, len(found))
	for i, u := range found {
		list[i] = bot.Unreported(u)
	}
	return list, err
}

func (s botStore) Repositories(ctx context.Context) ([]pipeline.Repository, error) {
	found, err := s.DB.Repositories(ctx)
	var list []pipeline.Repository
	for _, r := range found {
		if !r.Suspended {
			list = append(list, r.Repository)
		}
	}
	return list, err
}

// pages are the database and the logs in the words of the pages.
type pages struct {
	db   *storage.DB
	logs *actionlog.Store
}

func (p pages) Execution(ctx context.Context, id string) (*pipeline.Execution, error) {
	run, _, err := p.db.Execution(ctx, 0, id) // ids are unique over all repositories
	return run, err
}

func (p pages) Newest(ctx context.Context, before string, limit int) ([]*pipeline.Execution, error) {
	return p.db.Executions(ctx, pipeline.ExecutionFilter{Before: before, Limit: limit})
}

func (p pages) Executions(ctx context.Context, filter pipeline.ExecutionFilter) ([]*pipeline.Execution, error) {
	return p.db.Executions(ctx, filter)
}

func (p pages) Numbered(ctx context.Context, host string, repositoryID int64, name string, number int64) ([]*pipeline.Execution, error) {
	return p.db.Numbered(ctx, host, repositoryID, name, number)
}

func (p pages) LoadState(ctx context.Context, key pipeline.StateKey, executions ...string) (pipeline.State, error) {
	return p.db.LoadState(ctx, key, executions...)
}

func (p pages) Transitions(ctx context.Context, host string, repositoryID int64, name string) ([]pipeline.Transition, error) {
	return p.db.Transitions(ctx, host, repositoryID, name)
}

func (p pages) Judged(ctx context.Context, r pipeline.Repository, before string, limit int) (list []pipeline.Judgement, next string, err error) {
	deliveries, err := p.db.Deliveries(ctx, storage.DeliveryFilter{RepositoryID: r.ID, Before: before, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	for _, d := range deliveries {
		if _, change := bot.Judgement(d); !change || d.Host != r.Host {
			continue
		}
		whole, err := p.db.Delivery(ctx, d.ID) // with its body
		if err != nil {
			return nil, "", err
		}
		j, _ := bot.Judgement(whole)
		list = append(list, j)
	}
	if len(deliveries) == limit {
		next = deliveries[limit-1].ID
	}
	return list, next, nil
}

func (p pages) Repository(ctx context.Context, host string, id int64) (pipeline.Repository, error) {
	r, suspended, err := p.db.Repository(ctx, host, id)
	if err == nil && suspended {
		err = pipeline.Errorf(pipeline.NotFound, "the app's installation on %s is suspended", r.FullName())
	}
	return r, err
}

// RepositoryNamed goes through all repositories: a server has some hundreds.
func (p pages) RepositoryNamed(ctx context.Context, owner, name string) (pipeline.Repository, error) {
	all, err := p.db.Repositories(ctx)
	if err != nil {
		return pipeline.Repository{}, err
	}
	for _, r := range all {
		if !r.Suspended && strings.EqualFold(r.Owner, owner) && strings.EqualFold(r.Name, name) {
			return r.Repository, nil
		}
	}
	return pipeline.Repository{}, pipeline.Errorf(pipeline.NotFound, "repository %s/%s is not connected", owner, name)
}

func (p pages) Definition(ctx context.Context, repositoryID int64, digest string) (*pipeline.Pipeline, error) {
	return p.db.Definition(ctx, repositoryID, digest)
}

func (p pages) NewestDeliveries(ctx context.Context, before string, limit int) ([]pipeline.Delivery, error) {
	return p.db.Deliveries(ctx, storage.DeliveryFilter{Before: before, Limit: limit})
}

// Read counts lines from 1, as pages do.
func (p pages) Read(ctx context.Context, repositoryID int64, attemptID string, from, limit int) ([]pipeline.LogLine, int, error) {
	return p.logs.Read(ctx, repositoryID, attemptID, from-1, limit)
}
