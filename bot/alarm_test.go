package bot

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAlarmIsOnlyEverBroughtForward(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		rings := func(want time.Duration) {
			t.Helper()
			if got := time.Since(began); got != want {
				t.Errorf("it went off after %s, want %s", got, want)
			}
		}
		a := newAlarm()
		<-a.C
		rings(0)
		a.in(5 * time.Minute)
		time.Sleep(time.Minute)
		a.within(30 * time.Second)
		time.Sleep(20 * time.Second)
		a.within(30 * time.Second) // must not push it away
		<-a.C
		rings(90 * time.Second)
	})
}
