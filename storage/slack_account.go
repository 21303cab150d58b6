package storage

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	slackAccountColumns = `team, user_id, name, host, actor_id, login, linked_by, linked_at, muted`
	upsertSlackAccount  = `INSERT INTO slack_accounts (` + slackAccountColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (team, user_id, host) DO UPDATE SET name = excluded.name, actor_id = excluded.actor_id, login = excluded.login,
		linked_by = excluded.linked_by, linked_at = excluded.linked_at`
	deleteSlackActor    = `DELETE FROM slack_accounts WHERE host = ? AND actor_id = ? AND team = ? AND user_id <> ?`
	selectSlackAccount  = `SELECT ` + slackAccountColumns + ` FROM slack_accounts WHERE team = ? AND user_id = ? AND host = ?`
	selectSlackActor    = `SELECT ` + slackAccountColumns + ` FROM slack_accounts WHERE host = ? AND actor_id = ? AND team = ?`
	selectSlackAccounts = `SELECT ` + slackAccountColumns + ` FROM slack_accounts INDEXED BY slack_accounts_linked
		WHERE team = ? AND host = ? ORDER BY linked_at, user_id LIMIT ?`
	deleteSlackAccount  = `DELETE FROM slack_accounts WHERE team = ? AND user_id = ? AND host = ?`
	muteSlackAccount    = `UPDATE slack_accounts SET muted = ? WHERE team = ? AND user_id = ? AND host = ?`
	renameSlackAccounts = `UPDATE slack_accounts SET login = ? WHERE host = ? AND actor_id = ?`
	insertSlackUnlinked = `INSERT INTO slack_unlinked (team, user_id, host) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
	selectSlackUnlinked = `SELECT 1 FROM slack_unlinked WHERE team = ? AND user_id = ? AND host = ?`
	deleteSlackUnlinked = `DELETE FROM slack_unlinked WHERE team = ? AND user_id = ? AND host = ?`
)

// SaveSlackAccount links an account by e-mail, in place of what was linked by e-mail
// before to this Slack user, and to this account in the workspace. Kind Conflict if
// one of the two is linked by page to another, or if the Slack user has unlinked
// their account; then nothing changes. The same pair linked by page stays as it is.
func (db *DB) SaveSlackAccount(ctx context.Context, account pipeline.SlackAccount) error {
	account.By = pipeline.SlackLinkedByEmail
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		var one int
		if unlinked, err := t.get(selectSlackUnlinked, []any{account.Team, account.ID, account.Host}, &one); err != nil {
			return err
		} else if unlinked {
			return pipeline.Errorf(pipeline.Conflict, "this slack user has unlinked their account; /penstock link links it again")
		}
		of, err := slackAccountsIn(t, selectSlackAccount, account.Team, account.ID, account.Host)
		if err != nil {
			return err
		}
		by, err := slackAccountsIn(t, selectSlackActor, account.Host, account.Actor.ID, account.Team)
		if err != nil {
			return err
		}
		for _, a := range append(of, by...) {
			switch {
			case a.By == pipeline.SlackLinkedByEmail:
			case a.SlackUser == account.SlackUser && a.Actor.ID == account.Actor.ID:
				return nil
			default:
				return pipeline.Errorf(pipeline.Conflict, "slack user %s is linked to %s by page", a.ID, a.Actor.Login)
			}
		}
		return saveSlackAccount(t, account)
	}})
	if err != nil {
		return fmt.Errorf("account of slack user %s: save: %w", account.ID, err)
	}
	return nil
}

// saveSlackAccount puts an account in place of what its Slack user spoke for, and of
// who else in the workspace spoke for it. Muted stays as it was.
func saveSlackAccount(t *tx, a pipeline.SlackAccount) error {
	if _, err := t.exec(deleteSlackActor, a.Host, a.Actor.ID, a.Team, a.ID); err != nil {
		return err
	}
	_, err := t.exec(upsertSlackAccount, a.Team, a.ID, a.Name, a.Host, a.Actor.ID, a.Actor.Login, string(a.By), micros(a.At), a.Muted)
	return err
}

// SlackAccount returns the account of a forge that a Slack user speaks for. Kind
// NotFound.
func (db *DB) SlackAccount(ctx context.Context, user pipeline.SlackUser, host string) (pipeline.SlackAccount, error) {
	return db.slackAccount(ctx, selectSlackAccount, user.Team, user.ID, host)
}

// SlackAccountOf returns who speaks for an account of a forge in a workspace. Kind
// NotFound.
func (db *DB) SlackAccountOf(ctx context.Context, team, host string, actorID int64) (pipeline.SlackAccount, error) {
	return db.slackAccount(ctx, selectSlackActor, host, actorID, team)
}

func (db *DB) slackAccount(ctx context.Context, stmt string, args ...any) (pipeline.SlackAccount, error) {
	list, err := db.slackAccounts(ctx, stmt, args...)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("slack account: %w", pipeline.Errorf(pipeline.NotFound, "there is none"))
	}
	if err != nil {
		return pipeline.SlackAccount{}, err
	}
	return list[0], nil
}

// SlackAccounts lists at most limit accounts of a forge that somebody in a workspace
// speaks for, in the order they were linked. No limit (0) means 50.
func (db *DB) SlackAccounts(ctx context.Context, team, host string, limit int) ([]pipeline.SlackAccount, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	return db.slackAccounts(ctx, selectSlackAccounts, team, host, limit)
}

func (db *DB) slackAccounts(ctx context.Context, stmt string, args ...any) ([]pipeline.SlackAccount, error) {
	var list []pipeline.SlackAccount
	err := db.read(ctx, func(s *snapshot) (err error) {
		list, err = slackAccountsIn(s, stmt, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("slack accounts: %w", err)
	}
	return list, nil
}

func slackAccountsIn(q interface {
	query(stmt string, args ...any) (*sql.Rows, error)
}, stmt string, args ...any) ([]pipeline.SlackAccount, error) {
	var list []pipeline.SlackAccount
	rows, err := q.query(stmt, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var a pipeline.SlackAccount
		var linked int64
		err := rows.Scan(&a.Team, &a.ID, &a.Name, &a.Host, &a.Actor.ID, &a.Actor.Login, &a.By, &linked, &a.Muted)
		a.At = fromMicros(linked)
		list = append(list, a)
		return err
	})
	return list, err
}

// RemoveSlackAccount unlinks what a Slack user speaks for, and forgets the links they
// were offered. It reports whether there was an account. No e-mail address links it
// again, only a link does. It may be repeated.
func (db *DB) RemoveSlackAccount(ctx context.Context, user pipeline.SlackUser, host string) (bool, error) {
	removed := false
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		n, err := t.count(deleteSlackAccount, user.Team, user.ID, host)
		if err != nil {
			return err
		}
		removed = n > 0
		if _, err := t.exec(forgetSlackLinks, user.Team, user.ID); err != nil {
			return err
		}
		_, err = t.exec(insertSlackUnlinked, user.Team, user.ID, host)
		return err
	}})
	if err != nil {
		return false, fmt.Errorf("account of slack user %s: remove: %w", user.ID, err)
	}
	return removed, nil
}

// MuteSlackAccount notes whether a Slack user wants no direct messages. It reports
// whether they have an account. It may be repeated.
func (db *DB) MuteSlackAccount(ctx context.Context, user pipeline.SlackUser, host string, muted bool) (bool, error) {
	found := false
	err := db.writer.do(ctx, &write{run: func(t *tx) error {
		n, err := t.count(muteSlackAccount, muted, user.Team, user.ID, host)
		found = n > 0
		return err
	}})
	if err != nil {
		return false, fmt.Errorf("account of slack user %s: mute: %w", user.ID, err)
	}
	return found, nil
}
