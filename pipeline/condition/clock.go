package condition

import "time"

// onClock are the first and the last moment at which the clock of a zone shows a
// time, which is given as if it were UTC's. They differ where the clock is set back
// over it. If a change of the clock leaves the time out, both are that change.
func onClock(wanted time.Time, zone *time.Location) (first, last time.Time) {
	year, month, day := wanted.Date()
	hour, minute, second := wanted.Clock()
	at := time.Date(year, month, day, hour, minute, second, wanted.Nanosecond(), zone)
	start, end := at.ZoneBounds()
	switch shown := shownBy(at); {
	case shown.After(wanted): // left out: at lies on one side of the change
		return start.In(zone), start.In(zone)
	case shown.Before(wanted):
		return end.In(zone), end.In(zone)
	}
	first, last = at, at
	if !start.IsZero() {
		if back := offset(start.Add(-time.Second)) - offset(at); at.Sub(start) < back {
			first = at.Add(-back) // the clock had shown this time before it was set back
		}
	}
	if !end.IsZero() {
		if back := offset(at) - offset(end); end.Sub(at) <= back {
			last = at.Add(back) // and shows it again
		}
	}
	return first, last
}

// shownBy is what a clock shows at t, as if it were UTC's.
func shownBy(t time.Time) time.Time { return t.Add(offset(t)).UTC() }

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
