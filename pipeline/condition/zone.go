package condition

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a server may stand on a machine without them

	"github.com/penstock-cd/penstock/pipeline"
)

// ParseZone reads a time zone: Region/City, UTC, UTC+05:30, or one of the short
// names that the zone database has, such as CET. Empty is UTC. An error is of
// kind Invalid.
func ParseZone(name string) (*time.Location, error) {
	switch {
	case name == "", strings.EqualFold(name, "UTC"), strings.EqualFold(name, "GMT"):
		return time.UTC, nil
	case len(name) > 3 && strings.EqualFold(name[:3], "UTC"):
		if offset, ok := parseOffset(name[3:]); ok {
			return time.FixedZone(strings.ToUpper(name), offset), nil
		}
	case !strings.EqualFold(name, "Local") && len(name) <= 64:
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, pipeline.Errorf(pipeline.Invalid, "%s is not a time zone: write Region/City such as Europe/Zurich, UTC, or UTC+05:30", quote(name))
}

// parseOffset reads +05:30, +5 or -0930, in seconds.
func parseOffset(s string) (int, bool) {
	sign := 1
	switch s[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false
	}
	hours, minutes, colon := strings.Cut(s[1:], ":")
	if !colon && len(hours) == 4 {
		hours, minutes = hours[:2], hours[2:]
	} else if !colon {
		minutes = "0"
	}
	h, err := strconv.ParseUint(hours, 10, 8)
	m, err2 := strconv.ParseUint(minutes, 10, 8)
	if err != nil || err2 != nil || h > 14 || m > 59 || len(hours) > 2 || colon && len(minutes) != 2 {
		return 0, false
	}
	return sign * (int(h)*3600 + int(m)*60), true
}
