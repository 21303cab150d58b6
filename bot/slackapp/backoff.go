package slackapp

import (
	"math/rand/v2"
	"time"
)

const (
	backoffFirst = time.Second
	backoffMost  = time.Minute
	// steady is how long a socket must have lasted for its end to be no failure.
	steady = 10 * time.Second
)

// backoff is how long to wait after so many failures in a row: twice as long each
// time, and up to half of it by chance, so that all who lost Slack at once do not
// come back at once.
func backoff(failures int) time.Duration {
	most := backoffFirst << min(max(failures-1, 0), 10)
	most = min(most, backoffMost)
	return most/2 + rand.N(most/2+1)
}
