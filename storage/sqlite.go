package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Shared by both kinds of connection: statements are kept prepared, so that a
// query costs no parsing the second time.
const statementCache = 128

// openWriter opens the pool that holds the one writing connection, and makes the
// file.
func openWriter(path string, busy time.Duration) (*sql.DB, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	pool, err := openPool(path, busy, url.Values{
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_cache_size":   {"-16000"},
	})
	if err == nil {
		pool.SetMaxOpenConns(1)
	}
	return pool, err
}

// openReaders opens the pool of read-only connections.
func openReaders(path string, busy time.Duration, n int) (*sql.DB, error) {
	pool, err := openPool(path, busy, url.Values{
		"mode":        {"ro"},
		"_query_only": {"true"},
	})
	if err == nil {
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
	}
	return pool, err
}

func openPool(path string, busy time.Duration, params url.Values) (*sql.DB, error) {
	params.Set("_busy_timeout", strconv.FormatInt(busy.Milliseconds(), 10))
	params.Set("_stmt_cache_size", strconv.Itoa(statementCache))
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: params.Encode()}
	return sql.Open("sqlite3", dsn.String())
}

// isBusy reports whether another program holds what was needed: worth another
// try, never fatal.
func isBusy(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

// isInterrupted reports whether a statement was cut off because its context
// ended.
func isInterrupted(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrInterrupt
}

// inTransaction reports whether the connection has a transaction open.
func inTransaction(conn *sql.Conn) (bool, error) {
	open := false
	err := conn.Raw(func(driver any) error {
		c, ok := driver.(*sqlite3.SQLiteConn)
		if !ok {
			return fmt.Errorf("unexpected driver %T", driver)
		}
		open = !c.AutoCommit()
		return nil
	})
	return open, err
}

// outwait repeats try while another program holds the file and give has not been
// told to give up.
func outwait(ctx context.Context, try func() error, waiting func(error)) error {
	for {
		err := try()
		if !isBusy(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		waiting(err)
	}
}
