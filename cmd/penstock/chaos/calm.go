package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// open opens the server's database for reading.
func (h *house) open() (*sql.DB, error) {
	return sql.Open("sqlite3", "file:"+filepath.Join(h.data(), "penstock.db")+"?mode=ro&_busy_timeout=5000")
}

// unrest counts what is still to be done, one statement for each sort.
func unrest() map[string]string {
	return map[string]string{
		"deliveries not handled": `SELECT count(*) FROM deliveries WHERE status = 'Received'`,
		"orders that are due":    `SELECT count(*) FROM orders WHERE dead = 0 AND (kind <> 'WakeLane' AND kind <> 'CheckActions')`,
		"jobs":                   `SELECT count(*) FROM orders WHERE dead = 0 AND kind = 'CheckActions'`,
		// A gate whose pull request is not found yet is looked at for minutes.
		"runs not shown": `SELECT count(*) FROM executions WHERE rev > reported_rev AND open_gates = 0`,
		// Slack takes a message a second.
		"runs not told": `SELECT count(*) FROM executions WHERE rev > told_rev`,
	}
}

// calm ends all trouble, starts the server for good, and returns when there is
// nothing left to do but to wait for votes.
func (s *storm) calm(ctx context.Context) error {
	s.github.DropDeliveries(0)
	s.github.DuplicateDeliveries(0)
	s.github.DelayDeliveries(0)
	s.github.ReleaseDeliveries()
	for _, t := range s.slackTroubles {
		t.Remove()
	}
	if err := s.start(); err != nil {
		return err
	}
	db, err := s.open()
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	quiet := 0
	var left string
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for quiet < 8 { // two seconds: GitHub's list of deliveries is read each second
		select {
		case <-ctx.Done():
			return fmt.Errorf("still not quiet: %s", left)
		case <-tick.C:
		}
		left = ""
		s.github.Look(func(v *emulator.View) {
			if n := v.PendingDeliveries(); n > 0 {
				left = fmt.Sprintf("%d deliveries under way", n)
			}
		})
		for what, query := range unrest() {
			var n int
			if err := db.QueryRowContext(ctx, query).Scan(&n); err != nil {
				left = err.Error() // the server has not made it yet
			} else if n > 0 {
				left += fmt.Sprintf(" %d %s;", n, what)
			}
		}
		quiet++
		if left != "" {
			quiet = 0
		}
	}
	return nil
}
