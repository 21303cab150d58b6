package condition

import (
	"sort"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Cron is a schedule: the times at which something starts, in five fields:
// minute, hour, day of month, month and day of week (0 or SUN to 6 or SAT; 7 is
// Sunday too). They have , - * / and words. If both days are given, either is
// enough, as in cron.
//
// The clock is that of the time zone. A time that a change of the clock leaves
// out is once, at the change; one that comes twice is once, the first time. The
// zero value has no times.
type Cron struct {
	zone           *time.Location
	times          []int // of the day, in minutes, in order
	months         set
	days, weekdays set // nil: every one
}

// ParseCron reads a schedule. An error is of kind Invalid and says which field is
// wrong, and why; a schedule that never comes, such as the 30th of February, is
// one too.
func ParseCron(cron, zone string) (Cron, error) {
	fields := strings.Fields(cron)
	switch {
	case len(cron) > MaxCron:
		return Cron{}, pipeline.Errorf(pipeline.Invalid, "a schedule has %d characters; the limit is %d", len(cron), MaxCron)
	case len(fields) != 5:
		return Cron{}, pipeline.Errorf(pipeline.Invalid, "%s has %d fields: write minute, hour, day of month, month and day of week", quote(cron), len(fields))
	}
	location, err := ParseZone(zone)
	if err != nil {
		return Cron{}, err
	}
	c := Cron{zone: location}
	var minutes, hours set
	for i, target := range []*set{&minutes, &hours, &c.days, &c.months, &c.weekdays} {
		if i != 0 && i != 1 && i != 3 && (fields[i] == "*" || fields[i] == "?") {
			continue
		}
		if *target, err = cronFields()[i].parse(fields[i]); err != nil {
			return Cron{}, err
		}
	}
	if c.weekdays == nil && !c.comes() {
		return Cron{}, pipeline.Errorf(pipeline.Invalid, "%s never comes: none of its months has such a day", quote(cron))
	}
	for hour := range 24 {
		for minute := range 60 {
			if hours[hour] && minutes[minute] {
				c.times = append(c.times, hour*60+minute)
			}
		}
	}
	return c, nil
}

func cronFields() []field {
	return []field{
		{name: "minute", low: 0, high: 59},
		{name: "hour", low: 0, high: 23},
		{name: "day of month", low: 1, high: 31},
		{name: "month", low: 1, high: 12, words: months},
		{name: "day of week", low: 0, high: 6, words: days, wraps: true},
	}
}

// comes reports whether one of the months has one of the days.
func (c Cron) comes() bool {
	if c.days == nil {
		return true
	}
	for m := range c.months {
		for d := range c.days {
			if d <= time.Date(2024, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() { // a leap year
				return true
			}
		}
	}
	return false
}

// Next returns the first time after t. It returns false only for the zero value.
func (c Cron) Next(t time.Time) (time.Time, bool) {
	if c.zone == nil {
		return time.Time{}, false
	}
	year, month, day := t.In(c.zone).Date()
	for i := -1; i < farthest; i++ { // from yesterday: what a change of the clock left out may be today
		at := c.on(year, month, day+i)
		if later := sort.Search(len(at.times), func(j int) bool { return at.time(j).After(t) }); later < len(at.times) {
			return at.time(later), true
		}
	}
	return time.Time{}, false
}

// Previous returns the last time that is not after t. It returns false if there is
// none within forty years, and for the zero value.
func (c Cron) Previous(t time.Time) (time.Time, bool) {
	if c.zone == nil {
		return time.Time{}, false
	}
	year, month, day := t.In(c.zone).Date()
	for i := 1; i > -farthest; i-- {
		at := c.on(year, month, day+i)
		if later := sort.Search(len(at.times), func(j int) bool { return at.time(j).After(t) }); later > 0 {
			return at.time(later - 1), true
		}
	}
	return time.Time{}, false
}

// cronDay are the times of a schedule on one date, in order.
type cronDay struct {
	midnight time.Time // of the date, as if it were UTC's
	times    []int
	zone     *time.Location
}

// on are the times on a date; there may be none.
func (c Cron) on(year int, month time.Month, day int) cronDay {
	d := cronDay{midnight: time.Date(year, month, day, 0, 0, 0, 0, time.UTC), zone: c.zone} // the calendar is the same everywhere
	if c.onDay(d.midnight) {
		d.times = c.times
	}
	return d
}

func (d cronDay) time(i int) time.Time {
	first, _ := onClock(d.midnight.Add(time.Duration(d.times[i])*time.Minute), d.zone)
	return first
}

func (c Cron) onDay(t time.Time) bool {
	day, weekday := c.days[t.Day()], c.weekdays[int(t.Weekday())]
	switch {
	case !c.months[int(t.Month())]:
		return false
	case c.days == nil && c.weekdays == nil:
		return true
	}
	return day || weekday
}
