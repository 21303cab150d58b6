package slackapp

import "errors"

// ErrAccess is in the chain of errors that mean that the app, and not just one
// call, is refused: a token that is wrong, revoked or expired, or a workspace that
// does not let it in. Nothing will work until a person does something.
var ErrAccess = errors.New("the app is not let in by Slack")

// Code is Slack's own word for why it refused, such as "channel_not_found"; empty
// if the error is none of Slack's refusals.
func Code(err error) string {
	var r refusedError
	if errors.As(err, &r) {
		return r.code
	}
	return ""
}

// refusedError carries Slack's word in an error's chain.
type refusedError struct {
	code   string
	access bool
}

func (e refusedError) Error() string { return "Slack refused: " + e.code }

// Is makes ErrAccess found.
func (e refusedError) Is(target error) bool { return target == ErrAccess && e.access }
