package storage

import "strings"

// defaultLimit is how long a list is that nobody limits.
const defaultLimit = 50

// where puts together a list's statement, newest first. Tables with lists count
// their rows in a column seq, which every index ends with, so that a list is
// read off one index in its order and stops at the limit.
type where struct {
	table string
	index string // to read it off; empty: the table itself
	conds []string
	args  []any
}

// newWhere begins a statement for the rows that were there before the one of
// that id, or all rows.
func newWhere(table, before string) *where {
	w := &where{table: table}
	if before == "" {
		w.and("seq > 0")
	} else {
		w.and("seq < (SELECT seq FROM "+table+" WHERE id = ?)", before)
	}
	return w
}

func (w *where) and(cond string, args ...any) {
	w.conds = append(w.conds, cond)
	w.args = append(w.args, args...)
}

func (w *where) newest(columns string, limit int) (string, []any) {
	index := " NOT INDEXED"
	if w.index != "" {
		index = " INDEXED BY " + w.index
	}
	stmt := "SELECT " + columns + " FROM " + w.table + index + " WHERE " + strings.Join(w.conds, " AND ") + " ORDER BY seq DESC LIMIT ?"
	return stmt, append(w.args, limit)
}
