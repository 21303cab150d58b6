package condition

import (
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// ParseMoment reads a point in time: 2026-12-24T12:00 on the clock of a zone, with a
// space or T, with or without seconds; or with an offset or Z, and then fixed is
// true and the zone does not matter. first and last differ where the clock shows it
// twice. An error is of kind Invalid.
func ParseMoment(text, zone string) (first, last time.Time, fixed bool, err error) {
	location, err := ParseZone(zone)
	if err != nil {
		return first, last, false, err
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil && inRange(at) {
			first, last = onClock(at, location)
			return first.UTC(), last.UTC(), false, nil
		}
		if at, err := time.Parse(layout+"Z07:00", text); err == nil && inRange(at) {
			return at.UTC(), at.UTC(), true, nil
		}
	}
	return first, last, false, pipeline.Errorf(pipeline.Invalid, "%s is not a point in time: write 2026-12-24T12:00, or 2026-12-24T12:00+01:00", quote(text))
}

// inRange reports whether a year is one that people mean.
func inRange(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2200 }
