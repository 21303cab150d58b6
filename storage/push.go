package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	insertPush    = `INSERT INTO pushes (repository_id, host, after, ref, pusher_id, pusher, at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	selectPushers = `SELECT pusher_id, pusher FROM pushes WHERE repository_id = ? AND host = ? AND after = ?`
	selectOfRef   = `SELECT pusher_id, pusher FROM pushes WHERE repository_id = ? AND host = ? AND ref = ? AND at >= ?`
)

// SavePush notes who moved a ref. The same push again changes nothing. What is older
// than a year is removed by Prune.
func (db *DB) SavePush(ctx context.Context, p pipeline.Push) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(insertPush, p.RepositoryID, p.Host, p.After, p.Ref, p.By.ID, p.By.Login, micros(p.At))
		return err
	}})
	if err != nil {
		return fmt.Errorf("push of %s: %w", p.Ref, err)
	}
	return nil
}

// Pushers returns everybody who has moved a ref to one of these commits, once each
// and in no order.
func (db *DB) Pushers(ctx context.Context, host string, repositoryID int64, commits ...string) ([]pipeline.Actor, error) {
	found := map[int64]pipeline.Actor{}
	err := db.read(ctx, func(s *snapshot) error {
		for _, sha := range commits {
			rows, err := s.query(selectPushers, repositoryID, host, sha)
			if err := each(rows, err, takePusher(found)); err != nil {
				return err
			}
		}
		return nil
	})
	return actors(found), err
}

// PushersTo returns everybody who has pushed to a ref since a time, once each and in
// no order.
func (db *DB) PushersTo(ctx context.Context, host string, repositoryID int64, ref string, since time.Time) ([]pipeline.Actor, error) {
	found := map[int64]pipeline.Actor{}
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(selectOfRef, repositoryID, host, ref, micros(since))
		return each(rows, err, takePusher(found))
	})
	return actors(found), err
}

func takePusher(found map[int64]pipeline.Actor) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var who pipeline.Actor
		err := rows.Scan(&who.ID, &who.Login)
		found[who.ID] = who
		return err
	}
}

func actors(found map[int64]pipeline.Actor) []pipeline.Actor {
	var list []pipeline.Actor
	for _, who := range found {
		list = append(list, who)
	}
	return list
}
