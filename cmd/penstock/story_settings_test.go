package main

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// key new FILE, key remove old
//
// makes another private key for the app and writes it to FILE; the others no
// longer count.
func (s *player) key(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "new":
		pem, err := s.github.AddKey(s.app.ID)
		if err != nil {
			return err
		}
		return os.WriteFile(s.ts.MkAbs(args[1]), pem, 0o600)
	case slices.Equal(args, []string{"remove", "old"}):
		return s.github.RemoveOldKeys(s.app.ID)
	}
	return errors.New("key new FILE, key remove old")
}

// webhook secret WORD
//
// is what GitHub signs webhooks with from now on.
func (s *player) webhook(args []string) error {
	if len(args) != 2 || args[0] != "secret" {
		return errors.New("webhook secret WORD")
	}
	return s.github.SetWebhook(s.app.ID, s.ts.Getenv("PENSTOCK_URL")+"/webhooks/github", args[1])
}

// reload
//
// sends SIGHUP and waits until the server has read its settings again.
func (s *player) reload([]string) error {
	if s.server == nil {
		return errors.New("reload: no server runs")
	}
	seen := len(s.said.all())
	if err := s.server.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	return s.wait("the server to read its settings", func(ctx waiting) error {
		return s.said.await(ctx, func(lines []string) bool {
			return slices.ContainsFunc(lines[seen:], func(line string) bool {
				msg := said(line).Msg
				return msg == "settings read again" || msg == "settings are not complete: nothing was changed"
			})
		})
	})
}

// sql FILE
//
// changes the database of a server that does not run.
func (s *player) sql(args []string) error {
	if len(args) != 1 || s.server != nil {
		return errors.New("sql FILE, while no server runs")
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(s.dir, "data", "penstock.db"))
	if err != nil {
		return err
	}
	_, err = db.Exec(s.ts.ReadFile(args[0]))
	return errors.Join(err, db.Close())
}
