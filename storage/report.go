package storage

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	reportColumns         = `repository_id, host, subject, kind, name, execution, lane, position, number, hash, external_id, shown_at, updated_at`
	selectReport          = `SELECT ` + reportColumns + ` FROM reports WHERE repository_id = ? AND host = ? AND subject = ? AND kind = ? AND name = ?`
	selectReports         = `SELECT ` + reportColumns + ` FROM reports WHERE repository_id = ? AND host = ? AND subject = ? ORDER BY kind, name`
	selectReportsOfKind   = `SELECT ` + reportColumns + ` FROM reports WHERE repository_id = ? AND host = ? AND subject = ? AND kind = ? ORDER BY name`
	selectExecutionReport = `SELECT ` + reportColumns + ` FROM reports WHERE repository_id = ? AND execution = ? ORDER BY subject, kind, name`
	saveReport            = `INSERT INTO reports (` + reportColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (repository_id, host, subject, kind, name) DO UPDATE SET execution = excluded.execution, lane = excluded.lane,
		position = excluded.position, number = excluded.number, hash = excluded.hash, external_id = excluded.external_id,
		shown_at = excluded.shown_at, updated_at = excluded.updated_at`
	markReported     = `UPDATE executions SET reported_rev = ? WHERE id = ? AND repository_id = ? AND reported_rev < ?`
	selectUnreported = `SELECT id, repository_id, rev, ended, open_gates, sha FROM executions INDEXED BY executions_unreported WHERE rev > reported_rev AND changed_at > 0 ORDER BY changed_at LIMIT ?`
)

// SaveReport stores what is shown, in place of what its key had before. A zero
// UpdatedAt becomes the present time.
func (db *DB) SaveReport(ctx context.Context, r pipeline.Report) error {
	updated := micros(orTime(r.UpdatedAt, micros(db.now())))
	lane := ""
	if r.Lane != (pipeline.Lane{}) {
		lane = r.Lane.String()
	}
	err := db.writer.do(ctx, &write{group: true, run: func(t *tx) error {
		_, err := t.exec(saveReport, r.Key.RepositoryID, r.Key.Host, r.Key.Subject, string(r.Key.Kind), r.Key.Name,
			r.Execution, lane, r.Position, r.Number, r.Hash, r.ExternalID, micros(r.ShownAt), updated)
		return err
	}})
	if err != nil {
		return fmt.Errorf("report %s %q of %s: save: %w", r.Key.Kind, r.Key.Name, r.Key.Subject, err)
	}
	return nil
}

// Report returns one row, and whether there is one.
func (db *DB) Report(ctx context.Context, key pipeline.ReportKey) (pipeline.Report, bool, error) {
	found, err := db.reports(ctx, selectReport, key.RepositoryID, key.Host, key.Subject, string(key.Kind), key.Name)
	if err != nil || len(found) == 0 {
		return pipeline.Report{}, false, err
	}
	return found[0], true, nil
}

// Reports returns what is shown on the subjects, by kind and name.
func (db *DB) Reports(ctx context.Context, host string, repositoryID int64, subjects ...string) ([]pipeline.Report, error) {
	var all []pipeline.Report
	for _, subject := range subjects {
		found, err := db.reports(ctx, selectReports, repositoryID, host, subject)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// ReportsOf returns what is shown of a run.
func (db *DB) ReportsOf(ctx context.Context, repositoryID int64, executionID string) ([]pipeline.Report, error) {
	return db.reports(ctx, selectExecutionReport, repositoryID, executionID)
}

// Announcements returns our comments on a subject ("pull/7"): where a gate was
// announced, and when.
func (db *DB) Announcements(ctx context.Context, host string, repositoryID int64, subject string) ([]pipeline.Report, error) {
	return db.reports(ctx, selectReportsOfKind, repositoryID, host, subject, string(pipeline.ReportComment))
}

func (db *DB) reports(ctx context.Context, stmt string, args ...any) ([]pipeline.Report, error) {
	var list []pipeline.Report
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(stmt, args...)
		list = nil
		return each(rows, err, func(rows *sql.Rows) error {
			r, err := scanReport(rows)
			list = append(list, r)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	return list, nil
}

func scanReport(rows *sql.Rows) (pipeline.Report, error) {
	var r pipeline.Report
	var lane string
	var shown, updated int64
	err := rows.Scan(&r.Key.RepositoryID, &r.Key.Host, &r.Key.Subject, (*string)(&r.Key.Kind), &r.Key.Name,
		&r.Execution, &lane, &r.Position, &r.Number, &r.Hash, &r.ExternalID, &shown, &updated)
	if err != nil {
		return r, err
	}
	r.ShownAt, r.UpdatedAt = fromMicros(shown), fromMicros(updated)
	if lane != "" {
		r.Lane, err = pipeline.ParseLane(lane)
	}
	return r, err
}

// Changed signals that runs were saved since the last signal was received: look
// at UnreportedExecutions. It is for one receiver.
func (db *DB) Changed() <-chan struct{} { return db.changed }

// Unreported is a run with changes that are not shown yet.
type Unreported struct {
	ID           string
	RepositoryID int64
	Rev          int64 // as of the listing
	Ended        bool
	Gates        int // open ones
	SHA          string
}

// UnreportedExecutions lists the runs of all repositories that were saved since
// they were last marked, the longest waiting first. It does not read the runs
// themselves.
func (db *DB) UnreportedExecutions(ctx context.Context, limit int) ([]Unreported, error) {
	return db.listUnreported(ctx, selectUnreported, limit)
}

func (db *DB) listUnreported(ctx context.Context, stmt string, limit int) ([]Unreported, error) {
	var list []Unreported
	err := db.read(ctx, func(s *snapshot) error {
		rows, err := s.query(stmt, limit)
		list = nil
		return each(rows, err, func(rows *sql.Rows) error {
			var u Unreported
			err := rows.Scan(&u.ID, &u.RepositoryID, &u.Rev, &u.Ended, &u.Gates, &u.SHA)
			list = append(list, u)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("unreported executions: %w", err)
	}
	return list, nil
}

// MarkReported notes that a run is shown as of rev. A later save makes it
// unreported again; an older rev than the noted one changes nothing.
func (db *DB) MarkReported(ctx context.Context, repositoryID int64, executionID string, rev int64) error {
	return db.mark(ctx, markReported, repositoryID, executionID, rev)
}

func (db *DB) mark(ctx context.Context, stmt string, repositoryID int64, executionID string, rev int64) error {
	err := db.writer.do(ctx, &write{group: true, run: func(t *tx) error {
		_, err := t.exec(stmt, rev, executionID, repositoryID, rev)
		return err
	}})
	if err != nil {
		return fmt.Errorf("execution %s: mark reported: %w", executionID, err)
	}
	return nil
}
