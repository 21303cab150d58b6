package storage

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	repositoryColumns = `repository_id, host, owner, name, default_branch, installation, clone_url, web_url, suspended`
	saveRepository    = `INSERT INTO repositories (` + repositoryColumns + `, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (repository_id, host) DO UPDATE SET owner = excluded.owner, name = excluded.name,
		default_branch = CASE WHEN excluded.default_branch = '' THEN default_branch ELSE excluded.default_branch END,
		installation = excluded.installation,
		clone_url = CASE WHEN excluded.clone_url = '' THEN clone_url ELSE excluded.clone_url END,
		web_url = CASE WHEN excluded.web_url = '' THEN web_url ELSE excluded.web_url END,
		suspended = excluded.suspended, updated_at = excluded.updated_at`
	selectRepository    = `SELECT ` + repositoryColumns + ` FROM repositories WHERE repository_id = ? AND host = ?`
	selectRepositories  = `SELECT ` + repositoryColumns + ` FROM repositories ORDER BY owner, name, repository_id`
	removeRepository    = `DELETE FROM repositories WHERE repository_id = ? AND host = ?`
	removeInstallation  = `DELETE FROM repositories WHERE installation = ? AND host = ?`
	suspendInstallation = `UPDATE repositories SET suspended = ?, updated_at = ? WHERE installation = ? AND host = ?`
)

// SaveRepository stores a repository that an installation of the app reaches, or
// brings it up to date. An empty default branch or URL leaves the stored one.
func (db *DB) SaveRepository(ctx context.Context, r pipeline.Repository, suspended bool) error {
	now := micros(db.now())
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(saveRepository, r.ID, r.Host, r.Owner, r.Name, r.DefaultBranch, r.Installation, r.CloneURL, r.WebURL, suspended, now)
		return err
	}})
	if err != nil {
		return fmt.Errorf("repository %s: save: %w", r.FullName(), err)
	}
	return nil
}

// Repository returns a repository and whether its installation is suspended.
// Kind NotFound.
func (db *DB) Repository(ctx context.Context, host string, id int64) (r pipeline.Repository, suspended bool, err error) {
	found, err := db.repositories(ctx, selectRepository, id, host)
	if err == nil && len(found) == 0 {
		err = pipeline.Errorf(pipeline.NotFound, "no installation of the app reaches it")
	}
	if err != nil {
		return pipeline.Repository{}, false, fmt.Errorf("repository %d of %s: %w", id, host, err)
	}
	return found[0].Repository, found[0].Suspended, nil
}

// Installed is a repository that an installation of the app reaches.
type Installed struct {
	pipeline.Repository
	Suspended bool
}

// Repositories lists all repositories by owner and name.
func (db *DB) Repositories(ctx context.Context) ([]Installed, error) {
	found, err := db.repositories(ctx, selectRepositories)
	if err != nil {
		return nil, fmt.Errorf("repositories: %w", err)
	}
	return found, nil
}

func (db *DB) repositories(ctx context.Context, stmt string, args ...any) ([]Installed, error) {
	var list []Installed
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(stmt, args...)
		list = nil
		return each(rows, err, func(rows *sql.Rows) error {
			var r Installed
			err := rows.Scan(&r.ID, &r.Host, &r.Owner, &r.Name, &r.DefaultBranch, &r.Installation, &r.CloneURL, &r.WebURL, &r.Suspended)
			list = append(list, r)
			return err
		})
	})
	return list, err
}

// RemoveRepository forgets a repository that the app reaches no longer. Its runs
// stay. It may be repeated.
func (db *DB) RemoveRepository(ctx context.Context, host string, id int64) error {
	return db.changeRepositories(ctx, "remove", id, host, removeRepository, id, host)
}

// RemoveInstallation forgets all repositories of an installation. Their runs
// stay. It may be repeated.
func (db *DB) RemoveInstallation(ctx context.Context, host string, installation int64) error {
	return db.changeRepositories(ctx, "remove installation", installation, host, removeInstallation, installation, host)
}

// SuspendInstallation notes whether an installation is suspended, for all its
// repositories. It may be repeated.
func (db *DB) SuspendInstallation(ctx context.Context, host string, installation int64, suspended bool) error {
	return db.changeRepositories(ctx, "suspend installation", installation, host, suspendInstallation, suspended, micros(db.now()), installation, host)
}

func (db *DB) changeRepositories(ctx context.Context, what string, id int64, host, stmt string, args ...any) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(stmt, args...)
		return err
	}})
	if err != nil {
		return fmt.Errorf("repositories: %s %d of %s: %w", what, id, host, err)
	}
	return nil
}
