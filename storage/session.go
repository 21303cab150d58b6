package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxSessions is how many sessions one account has at most: everybody with an
// account on the forge can log in, as often as they like.
const maxSessions = 10

const (
	insertSession = `INSERT INTO sessions (hash, host, user_id, login, created_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)`
	crowdSessions = `DELETE FROM sessions WHERE hash IN
		(SELECT hash FROM sessions INDEXED BY sessions_user WHERE host = ? AND user_id = ? ORDER BY created_at DESC LIMIT -1 OFFSET ?)`
	pruneSessions = `DELETE FROM sessions WHERE created_at < ?`
	selectSession = `SELECT hash, host, user_id, login, created_at, seen_at FROM sessions WHERE hash = ?`
	touchSession  = `UPDATE sessions SET seen_at = ? WHERE hash = ?`
	endSession    = `DELETE FROM sessions WHERE hash = ?`
	endSessions   = `DELETE FROM sessions WHERE host = ? AND user_id = ?`
)

// SaveSession stores a new session, and forgets those that began before the time
// given. An account keeps its ten newest. Slack users who speak for the account do
// so under the login it has now.
func (db *DB) SaveSession(ctx context.Context, s pipeline.Session, forget time.Time) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		if _, err := t.exec(pruneSessions, micros(forget)); err != nil {
			return err
		}
		if _, err := t.exec(insertSession, s.Hash, s.Host, s.Who.ID, s.Who.Login, micros(s.CreatedAt), micros(s.SeenAt)); err != nil {
			return err
		}
		if _, err := t.exec(crowdSessions, s.Host, s.Who.ID, maxSessions); err != nil {
			return err
		}
		_, err := t.exec(renameSlackAccounts, s.Who.Login, s.Host, s.Who.ID)
		return err
	}})
	if err != nil {
		return fmt.Errorf("session of %s: save: %w", s.Who.Login, err)
	}
	return nil
}

// Session returns the session with that hash, however old it is. Kind NotFound.
func (db *DB) Session(ctx context.Context, hash string) (pipeline.Session, error) {
	var found pipeline.Session
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(selectSession, hash)
		found = pipeline.Session{}
		return each(rows, err, func(rows *sql.Rows) error {
			var created, seen int64
			err := rows.Scan(&found.Hash, &found.Host, &found.Who.ID, &found.Who.Login, &created, &seen)
			found.CreatedAt, found.SeenAt = fromMicros(created), fromMicros(seen)
			return err
		})
	})
	if err == nil && found.Hash == "" {
		err = pipeline.Errorf(pipeline.NotFound, "there is none")
	}
	if err != nil {
		return pipeline.Session{}, fmt.Errorf("session: %w", err)
	}
	return found, nil
}

// TouchSession notes when a session was used.
func (db *DB) TouchSession(ctx context.Context, hash string, at time.Time) error {
	return db.changeSessions(ctx, touchSession, micros(at), hash)
}

// EndSession forgets a session. It may be repeated.
func (db *DB) EndSession(ctx context.Context, hash string) error {
	return db.changeSessions(ctx, endSession, hash)
}

// EndSessions forgets all sessions of an account. It may be repeated.
func (db *DB) EndSessions(ctx context.Context, host string, userID int64) error {
	return db.changeSessions(ctx, endSessions, host, userID)
}

func (db *DB) changeSessions(ctx context.Context, stmt string, args ...any) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		_, err := t.exec(stmt, args...)
		return err
	}})
	if err != nil {
		return fmt.Errorf("session: save: %w", err)
	}
	return nil
}
