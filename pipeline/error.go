package pipeline

import (
	"errors"
	"fmt"
)

// Kind says what sort of trouble an error is, so that each door (HTTP, pull
// request, command line) can translate it in one place.
type Kind int

const (
	// Internal is every error that names no other kind.
	Internal Kind = iota
	// NotFound means that the named thing does not exist, or not for this caller.
	NotFound
	// Conflict means that the request makes no sense in the present state.
	Conflict
	// Invalid means that the request itself is malformed.
	Invalid
	// Forbidden means that this caller may not do this.
	Forbidden
	// Unavailable means that something outside could not be asked; try again later.
	Unavailable
)

// Error is an error with a kind, a sentence for people, and its cause.
type Error struct {
	Kind    Kind
	Message string
	Err     error
}

// Errorf makes an Error of a kind; a %w operand becomes its cause.
func Errorf(kind Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Message: err.Error(), Err: errors.Unwrap(err)}
}

// Error returns the sentence for people.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf answers the kind of the first Error in err's chain, else Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Errors that callers tell apart by identity. Their kind is that of the Error
// they are wrapped in.
var (
	// ErrStale: the state was changed by somebody else since it was loaded.
	ErrStale = errors.New("the state changed meanwhile")
	// ErrDuplicate: this very input has had its effect already.
	ErrDuplicate = errors.New("already done")
	// ErrOrderUnknown: whether a change is older or newer than the newest one
	// accepted in its lane cannot be told; read the ref and ask again.
	ErrOrderUnknown = errors.New("the order of two changes of a ref is unknown")
)
