package slackapp

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/penstock-cd/penstock/pipeline"
)

var timestampPattern = regexp.MustCompile(`^([0-9]{1,12})\.([0-9]{6})$`)

// parseTimestamp reads the name of a message, "1726000000.000100", as microseconds.
func parseTimestamp(text string) (int64, error) {
	m := timestampPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, pipeline.Errorf(pipeline.Invalid, "not a message's timestamp")
	}
	return strconv.ParseInt(m[1]+m[2], 10, 64)
}

// formatTimestamp writes it as Slack does.
func formatTimestamp(ts int64) string {
	return fmt.Sprintf("%d.%06d", ts/1_000_000, ts%1_000_000)
}
