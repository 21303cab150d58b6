package storage

import (
	"context"
	"database/sql"
	"errors"
)

// tx runs statements on the writing connection. Its statements carry no caller's
// context: cancelling one would roll back the whole transaction.
type tx struct {
	conn  *sql.Conn
	trace func(string)
}

func (t *tx) exec(stmt string, args ...any) (sql.Result, error) {
	t.see(stmt)
	return t.conn.ExecContext(context.Background(), stmt, args...)
}

func (t *tx) query(stmt string, args ...any) (*sql.Rows, error) {
	t.see(stmt)
	return t.conn.QueryContext(context.Background(), stmt, args...)
}

// get reads one row. It reports whether there was one.
func (t *tx) get(stmt string, args []any, into ...any) (bool, error) {
	t.see(stmt)
	return found(t.conn.QueryRowContext(context.Background(), stmt, args...).Scan(into...))
}

// count runs a statement and returns how many rows it changed.
func (t *tx) count(stmt string, args ...any) (int64, error) {
	res, err := t.exec(stmt, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) see(stmt string) {
	if t.trace != nil {
		t.trace(stmt)
	}
}

// snapshot runs queries on one read connection, all of them on the same state of
// the database.
type snapshot struct {
	ctx   context.Context
	tx    *sql.Tx
	trace func(string)
}

func (s *snapshot) query(stmt string, args ...any) (*sql.Rows, error) {
	s.see(stmt)
	return s.tx.QueryContext(s.ctx, stmt, args...)
}

// get reads one row. It reports whether there was one.
func (s *snapshot) get(stmt string, args []any, into ...any) (bool, error) {
	s.see(stmt)
	return found(s.tx.QueryRowContext(s.ctx, stmt, args...).Scan(into...))
}

func (s *snapshot) see(stmt string) {
	if s.trace != nil {
		s.trace(stmt)
	}
}

func found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// each calls scan for every row and closes them.
func each(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
