package condition

import (
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Window is a set of minutes in which something may happen, written as AWS's
// DeploymentWindow has it: seconds, minutes, hours, day of month, month, day of
// week and, if wanted, year.
//
// Seconds are 0 or *: a window is made of whole minutes. The others have
// , - * / and words (MAR, MON); a day of week is 1 (SUN) to 7 (SAT). A day of
// month may be L (the last), L-3, 15W (the weekday nearest to the 15th) or LW; a
// day of week 6L (the last Friday) or 6#3 (the third). Of the two days one is
// written ?.
//
// The clock is that of the time zone: a time which a change of the clock leaves
// out is never, and one which comes twice is open both times. The zero value is
// never open.
type Window struct {
	zone           *time.Location
	minutes, hours set
	months, years  set // no years: every one
	days           dayRule
}

// MaxCron is how many characters the text of a window or schedule may have.
const MaxCron = 200

// farthest is how far Next looks ahead: each date of the calendar has come back on
// each day of the week by then.
const farthest = 40 * 366

// ParseWindow reads a window. An error is of kind Invalid and says which field is
// wrong, and why.
func ParseWindow(cron, zone string) (Window, error) {
	fields := strings.Fields(cron)
	switch {
	case len(cron) > MaxCron:
		return Window{}, pipeline.Errorf(pipeline.Invalid, "a window has %d characters; the limit is %d", len(cron), MaxCron)
	case len(fields) != 6 && len(fields) != 7:
		return Window{}, pipeline.Errorf(pipeline.Invalid,
			"%s has %d fields: write seconds, minutes, hours, day of month, month, day of week and, if wanted, year", quote(cron), len(fields))
	case fields[0] != "0" && fields[0] != "*":
		return Window{}, pipeline.Errorf(pipeline.Invalid, "the seconds are %s: write 0 or *, a window is made of whole minutes", quote(fields[0]))
	}
	location, err := ParseZone(zone)
	if err != nil {
		return Window{}, err
	}
	w := Window{zone: location}
	if w.minutes, err = (field{name: "minute", low: 0, high: 59}).parse(fields[1]); err != nil {
		return Window{}, err
	}
	if w.hours, err = (field{name: "hour", low: 0, high: 23}).parse(fields[2]); err != nil {
		return Window{}, err
	}
	if w.months, err = (field{name: "month", low: 1, high: 12, words: months}).parse(fields[4]); err != nil {
		return Window{}, err
	}
	if w.days, err = parseDayRule(fields[3], fields[5]); err != nil {
		return Window{}, err
	}
	if len(fields) == 7 && fields[6] != "*" {
		if w.years, err = (field{name: "year", low: 1970, high: 2199}).parse(fields[6]); err != nil {
			return Window{}, err
		}
	}
	return w, nil
}

// Open reports whether t lies in the window.
func (w Window) Open(t time.Time) bool {
	if w.zone == nil {
		return false
	}
	t = t.In(w.zone)
	return w.hours[t.Hour()] && w.minutes[t.Minute()] && w.onDay(t)
}

// Next returns the first moment, not before t, at which the window is open: t
// itself if it is open then, else the beginning of a minute. It returns false if
// there is none within forty years.
func (w Window) Next(t time.Time) (time.Time, bool) {
	if w.zone == nil {
		return time.Time{}, false
	}
	if w.Open(t) {
		return t, true
	}
	// The beginning of the next minute on the clock of the zone.
	from := t.In(w.zone)
	from = from.Add(time.Minute - time.Duration(from.Second())*time.Second - time.Duration(from.Nanosecond()))
	year, month, day := from.Date()
	for i := range farthest {
		noon := time.Date(year, month, day+i, 12, 0, 0, 0, time.UTC) // the calendar is the same everywhere
		if !w.onDay(noon) {
			continue
		}
		end := time.Date(year, month, day+i+1, 0, 0, 0, 0, w.zone).Add(3 * time.Hour) // beyond any change of the clock
		at := time.Date(year, month, day+i, 0, 0, 0, 0, w.zone).Add(-3 * time.Hour)
		if at.Before(from) {
			at = from
		}
		for ; at.Before(end); at = at.Add(time.Minute) {
			if w.Open(at) {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

func (w Window) onDay(t time.Time) bool {
	return w.months[int(t.Month())] && (w.years == nil || w.years[t.Year()]) && w.days.fits(t)
}
