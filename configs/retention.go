package configs

import (
	"strconv"
	"strings"
	"time"
)

// Retention is how long finished things are kept.
type Retention struct {
	// Logs of actions and Artifacts, from when they were last stored.
	Logs, Artifacts time.Duration
	// ArtifactBytes is the size of all artifacts together above which the oldest go
	// earlier; 0: no limit.
	ArtifactBytes int64
}

const day = 24 * time.Hour

const minKeep, maxKeep = day, 3650 * day

func keepFor(to *time.Duration, v string) string {
	n, ok := strings.CutSuffix(v, "d")
	days, err := strconv.Atoi(n)
	d := time.Duration(days) * day
	if !ok || err != nil || days > int(maxKeep/day) || d < minKeep {
		return strconv.Quote(v) + " is not a number of days from 1d to 3650d, such as 90d"
	}
	*to = d
	return ""
}

func keepBytes(to *int64, v string) string {
	number, unit := v, int64(0)
	for suffix, bytes := range map[string]int64{"MB": 1e6, "GB": 1e9, "TB": 1e12} {
		if n, ok := strings.CutSuffix(v, suffix); ok {
			number, unit = strings.TrimSpace(n), bytes
		}
	}
	n, err := strconv.ParseInt(number, 10, 32)
	switch {
	case v == "0":
		*to = 0
	case err != nil || unit == 0 || n < 1:
		return strconv.Quote(v) + " is not a size such as 500MB or 20GB, or 0 for any size"
	default:
		*to = n * unit
	}
	return ""
}
