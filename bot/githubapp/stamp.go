package githubapp

import (
	"strconv"
	"strings"
	"time"
)

// stamp is a time of a payload: RFC 3339, seconds since 1970 (pushed_at in push
// events), or null. What is none of these is the zero time, for one malformed
// stamp must not cost a delivery.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds > 0 && seconds < 1<<40 {
		s.Time = time.Unix(seconds, 0).UTC()
		return nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		s.Time = t.UTC()
	}
	return nil
}
