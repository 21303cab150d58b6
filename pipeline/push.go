package pipeline

import "time"

// Push is a move of a ref that the forge told of, whether anything ran for it or not:
// whoever pushed has a hand in what it brought.
type Push struct {
	Host         string
	RepositoryID int64
	Ref          string // refs/heads/main
	After        string // the commit that the ref came to
	By           Actor
	At           time.Time
}
