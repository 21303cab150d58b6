package storage

import (
	"context"
	"database/sql"
	"fmt"
)

// Account is somebody who has, or had, a session or a token.
type Account struct {
	Host string
	ID   int64
}

const selectAccounts = `SELECT host, user_id FROM sessions WHERE login = ? COLLATE NOCASE
	UNION SELECT host, user_id FROM tokens WHERE login = ? COLLATE NOCASE ORDER BY 1, 2`

// Accounts lists who had a login when their sessions began or their tokens were
// made. It reads all of both, for an operator who asks once.
func (db *DB) Accounts(ctx context.Context, login string) ([]Account, error) {
	var list []Account
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(selectAccounts, login, login)
		list = nil
		return each(rows, err, func(rows *sql.Rows) error {
			var a Account
			err := rows.Scan(&a.Host, &a.ID)
			list = append(list, a)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	return list, nil
}
