package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	tokenColumns = `id, hash, host, user_id, login, scopes, repositories, created_by, created_at, expires_at, revoked_at, used_at`
	insertToken  = `INSERT INTO tokens (` + tokenColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	selectToken  = `SELECT ` + tokenColumns + ` FROM tokens WHERE hash = ?`
	selectTokens = `SELECT ` + tokenColumns + ` FROM tokens ORDER BY id`
	useToken     = `UPDATE tokens SET used_at = ? WHERE id = ?`
	revokeToken  = `UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at = 0`
	revokeTokens = `UPDATE tokens SET revoked_at = ? WHERE host = ? AND user_id = ? AND revoked_at = 0`
)

// SaveToken stores a new token.
func (db *DB) SaveToken(ctx context.Context, token pipeline.Token) error {
	scopes, err := json.Marshal(token.Scopes)
	if err != nil {
		return fmt.Errorf("token %s: %w", token.ID, err)
	}
	repositories, err := json.Marshal(append([]int64{}, token.Repositories...))
	if err != nil {
		return fmt.Errorf("token %s: %w", token.ID, err)
	}
	_, err = db.changeTokens(ctx, insertToken, token.ID, token.Hash, token.Host, token.Who.ID, token.Who.Login, string(scopes), string(repositories),
		token.CreatedBy, micros(token.CreatedAt), micros(token.ExpiresAt), micros(token.RevokedAt), micros(token.UsedAt))
	return err
}

// TokenByHash returns the token with that hash, whether it is still valid or not.
// Kind NotFound.
func (db *DB) TokenByHash(ctx context.Context, hash string) (pipeline.Token, error) {
	list, err := db.tokens(ctx, selectToken, hash)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("token: %w", pipeline.Errorf(pipeline.NotFound, "there is none"))
	}
	if err != nil {
		return pipeline.Token{}, err
	}
	return list[0], nil
}

// Tokens lists all tokens, also those that have ended, the oldest first.
func (db *DB) Tokens(ctx context.Context) ([]pipeline.Token, error) {
	return db.tokens(ctx, selectTokens)
}

func (db *DB) tokens(ctx context.Context, stmt string, args ...any) ([]pipeline.Token, error) {
	var list []pipeline.Token
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(stmt, args...)
		list = nil
		return each(rows, err, func(rows *sql.Rows) error {
			t, err := scanToken(rows)
			list = append(list, t)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	return list, nil
}

func scanToken(rows *sql.Rows) (t pipeline.Token, err error) {
	var scopes, repositories []byte
	var created, expires, revoked, used int64
	if err := rows.Scan(&t.ID, &t.Hash, &t.Host, &t.Who.ID, &t.Who.Login, &scopes, &repositories,
		&t.CreatedBy, &created, &expires, &revoked, &used); err != nil {
		return t, err
	}
	t.CreatedAt, t.ExpiresAt, t.RevokedAt, t.UsedAt = fromMicros(created), fromMicros(expires), fromMicros(revoked), fromMicros(used)
	if err := json.Unmarshal(scopes, &t.Scopes); err != nil {
		return t, fmt.Errorf("%s: scopes: %w", t.ID, err)
	}
	if err := json.Unmarshal(repositories, &t.Repositories); err != nil { // read as no limit, it would allow too much
		return t, fmt.Errorf("%s: repositories: %w", t.ID, err)
	}
	if len(t.Repositories) == 0 {
		t.Repositories = nil
	}
	return t, nil
}

// UseToken notes when a token was used.
func (db *DB) UseToken(ctx context.Context, id string, at time.Time) error {
	_, err := db.changeTokens(ctx, useToken, micros(at), id)
	return err
}

// RevokeToken ends a token for good, and reports whether there was one to end.
func (db *DB) RevokeToken(ctx context.Context, id string, at time.Time) (bool, error) {
	n, err := db.changeTokens(ctx, revokeToken, micros(at), id)
	return n > 0, err
}

// RevokeTokens ends all tokens of an account, and tells how many there were.
func (db *DB) RevokeTokens(ctx context.Context, host string, userID int64, at time.Time) (int, error) {
	n, err := db.changeTokens(ctx, revokeTokens, micros(at), host, userID)
	return int(n), err
}

func (db *DB) changeTokens(ctx context.Context, stmt string, args ...any) (n int64, err error) {
	err = db.writer.do(ctx, &write{run: func(t *tx) (err error) {
		n, err = t.count(stmt, args...)
		return err
	}})
	if err != nil {
		return 0, fmt.Errorf("token: save: %w", err)
	}
	return n, nil
}
