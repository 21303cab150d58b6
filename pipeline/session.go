package pipeline

import "time"

// Session is somebody who is logged in to the pages, in one browser. What the
// browser holds is never stored: a session is found by its hash.
type Session struct {
	Hash      string // SHA-256 of what the browser holds, in hexadecimal
	Host      string // whose account it is: the forge's
	Who       Actor
	CreatedAt time.Time // the login
	SeenAt    time.Time // the last request, give or take a minute
}
