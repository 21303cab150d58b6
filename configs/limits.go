package configs

import (
	"strconv"
	"strings"
	"time"
)

// Rate is so many within so long.
type Rate struct {
	Count int
	Per   time.Duration
}

const maxRateCount, minRatePer, maxRatePer = 1_000_000, 100 * time.Millisecond, 24 * time.Hour

// rates reads a list such as "80/1m, 500/1h".
func rates(to *[]Rate, v string) string {
	*to = nil
	for _, word := range fields(v) {
		count, per, _ := strings.Cut(word, "/")
		n, err := strconv.Atoi(count)
		d, wrong := time.ParseDuration(per)
		if err != nil || wrong != nil || n < 1 || n > maxRateCount || d < minRatePer || d > maxRatePer {
			return strconv.Quote(word) + " is not a number of calls and a time, such as 80/1m"
		}
		*to = append(*to, Rate{n, d})
	}
	return ""
}
