package bot

import "time"

// alarm is a timer that can be asked to go off earlier, but not later, than it
// would. It belongs to one goroutine.
type alarm struct {
	*time.Timer
	at time.Time
}

func newAlarm() *alarm { return &alarm{time.NewTimer(0), time.Now()} }

// in has it go off after that time, whenever it would have.
func (a *alarm) in(wait time.Duration) {
	a.at = time.Now().Add(wait)
	a.Reset(wait)
}

// within has it go off after that time at the latest.
func (a *alarm) within(wait time.Duration) {
	if time.Until(a.at) > wait {
		a.in(wait)
	}
}
