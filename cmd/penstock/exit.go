package main

// Exit codes of every verb.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2 // an invalid file, or wrong use of the command line
	exitRejected    = 3
	exitExpired     = 4
	exitStopped     = 5 // stopped, superseded or cancelled
	exitInterrupted = 130
)

// exitError ends the program with a code. A nil err has been told already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return "exit"
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }
