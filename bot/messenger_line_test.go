package bot_test

import (
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot"
)

// What waits for a channel has its turn, each a second after the one before it; what
// asks people goes with the next, and other channels are not waited for.
func TestALineInFrontOfAChannel(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	putOff := bot.PutOff(func() time.Time { return now })
	want := func(channel string, asks bool, wait time.Duration) {
		t.Helper()
		if got := putOff(channel, 500*time.Millisecond, asks); got != wait {
			t.Errorf("%s, asks %t: waits %s, want %s", channel, asks, got, wait)
		}
	}
	for i := range 300 {
		want("C1", false, 500*time.Millisecond+time.Duration(i)*time.Second)
	}
	want("C1", true, 500*time.Millisecond)
	want("C2", false, 500*time.Millisecond)
	now = now.Add(time.Hour)
	want("C1", false, 500*time.Millisecond) // the line is gone
}
