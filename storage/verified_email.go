package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// An address that another account has by now goes to the newer login.
	upsertVerifiedEmail = `INSERT INTO verified_emails (host, digest, actor_id, login, seen_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (host, digest) DO UPDATE SET actor_id = excluded.actor_id, login = excluded.login, seen_at = excluded.seen_at
		WHERE excluded.seen_at >= verified_emails.seen_at`
	deleteVerifiedEmails = `DELETE FROM verified_emails WHERE host = ? AND actor_id = ?`
	selectVerifiedEmail  = `SELECT actor_id, login FROM verified_emails WHERE host = ? AND digest = ?`
	pruneVerifiedEmails  = `DELETE FROM verified_emails WHERE (host, digest) IN
		(SELECT host, digest FROM verified_emails INDEXED BY verified_emails_seen WHERE seen_at < ? LIMIT ?)`
)

// SaveVerifiedEmails stores the digests of an account's verified addresses as they
// are now, none included, in place of those it had. What is older than a year is
// removed by Prune.
func (db *DB) SaveVerifiedEmails(ctx context.Context, host string, who pipeline.Actor, digests []string, now time.Time) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		if _, err := t.exec(deleteVerifiedEmails, host, who.ID); err != nil {
			return err
		}
		for _, digest := range digests {
			if _, err := t.exec(upsertVerifiedEmail, host, digest, who.ID, who.Login, micros(now)); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		return fmt.Errorf("verified addresses of %s: save: %w", who.Login, err)
	}
	return nil
}

// AccountByEmail returns whose verified address has a digest, as of that account's
// last login. Kind NotFound.
func (db *DB) AccountByEmail(ctx context.Context, host, digest string) (pipeline.Actor, error) {
	var who pipeline.Actor
	err := db.read(ctx, func(s *snapshot) error {
		known, err := s.get(selectVerifiedEmail, []any{host, digest}, &who.ID, &who.Login)
		if err == nil && !known {
			err = pipeline.Errorf(pipeline.NotFound, "there is none")
		}
		return err
	})
	if err != nil {
		return pipeline.Actor{}, fmt.Errorf("account by address: %w", err)
	}
	return who, nil
}
