package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxSlackLinks is how many links a Slack user is offered at once.
const maxSlackLinks = 5

const (
	insertSlackLink = `INSERT INTO slack_links (digest, team, user_id, team_name, name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`
	crowdSlackLinks = `DELETE FROM slack_links WHERE digest IN
		(SELECT digest FROM slack_links INDEXED BY slack_links_user WHERE team = ? AND user_id = ? ORDER BY created_at DESC LIMIT -1 OFFSET ?)`
	pruneSlackLinks  = `DELETE FROM slack_links WHERE expires_at <= ?`
	selectSlackLink  = `SELECT digest, team, user_id, team_name, name, created_at, expires_at FROM slack_links WHERE digest = ? AND expires_at > ?`
	takeSlackLink    = `DELETE FROM slack_links WHERE digest = ? AND expires_at > ? AND team = ? AND user_id = ?`
	forgetSlackLinks = `DELETE FROM slack_links WHERE team = ? AND user_id = ?`
)

// OfferSlackLink stores a new link, and forgets those that had expired when it was
// made. A Slack user keeps their five newest.
func (db *DB) OfferSlackLink(ctx context.Context, link pipeline.SlackLink) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		if _, err := t.exec(pruneSlackLinks, micros(link.CreatedAt)); err != nil {
			return err
		}
		if _, err := t.exec(insertSlackLink, link.Digest, link.Team, link.ID, link.TeamName, link.Name,
			micros(link.CreatedAt), micros(link.ExpiresAt)); err != nil {
			return err
		}
		_, err := t.exec(crowdSlackLinks, link.Team, link.ID, maxSlackLinks)
		return err
	}})
	if err != nil {
		return fmt.Errorf("link for slack user %s: save: %w", link.ID, err)
	}
	return nil
}

// SlackLink returns the link of a digest. Kind NotFound if there is none, or if it
// is used or has expired.
func (db *DB) SlackLink(ctx context.Context, digest string, now time.Time) (pipeline.SlackLink, error) {
	var link pipeline.SlackLink
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(selectSlackLink, digest, micros(now))
		link = pipeline.SlackLink{}
		return each(rows, err, func(rows *sql.Rows) error {
			var created, expires int64
			err := rows.Scan(&link.Digest, &link.Team, &link.ID, &link.TeamName, &link.Name, &created, &expires)
			link.CreatedAt, link.ExpiresAt = fromMicros(created), fromMicros(expires)
			return err
		})
	})
	if err == nil && link.Digest == "" {
		err = errNoSlackLink()
	}
	if err != nil {
		return pipeline.SlackLink{}, fmt.Errorf("slack link: %w", err)
	}
	return link, nil
}

// TakeSlackLink uses a link, once, and saves the account that its Slack user speaks
// for from now on, in place of what this Slack user spoke for, and of who else in the
// workspace spoke for the account. Whether direct messages are wanted stays as it
// was. All other links that the Slack user was offered are forgotten. Kind NotFound
// if there is no such link for this Slack user, or if it is used or has expired; then
// nothing changes. Of two at once one finds it.
func (db *DB) TakeSlackLink(ctx context.Context, digest string, account pipeline.SlackAccount, now time.Time) error {
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		taken, err := t.count(takeSlackLink, digest, micros(now), account.Team, account.ID)
		if err != nil {
			return err
		}
		if taken == 0 {
			return errNoSlackLink()
		}
		if _, err := t.exec(forgetSlackLinks, account.Team, account.ID); err != nil {
			return err
		}
		if _, err := t.exec(deleteSlackUnlinked, account.Team, account.ID, account.Host); err != nil {
			return err
		}
		return saveSlackAccount(t, account)
	}})
	if err != nil {
		return fmt.Errorf("slack link: %w", err)
	}
	return nil
}

func errNoSlackLink() error {
	return pipeline.Errorf(pipeline.NotFound, "there is no such link; it may be used or have expired")
}
