package bot_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot"
)

// What waits for a channel has its turn, each a second after the one before it. What
// asks people has a line of its own, nobody waits for another channel's line, and who
// was overtaken does not go to the end.
func TestALineInFrontOfAChannel(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	putOff := bot.PutOff(func() time.Time { return now })
	const after = 500 * time.Millisecond
	want := func(run string, asks bool, wait time.Duration, channels ...string) {
		t.Helper()
		held := map[string]time.Duration{}
		for _, channel := range channels {
			held[channel] = after
		}
		if got := putOff(run, held, asks); got != wait {
			t.Errorf("%s in %s, asks %t: waits %s, want %s", run, channels, asks, got, wait)
		}
	}
	for i := range 300 {
		want(fmt.Sprint("note ", i), false, after+time.Duration(i)*time.Second, "C1")
	}
	want("gate", true, after, "C1")
	want("another gate", true, after+time.Second, "C1")
	want("elsewhere", false, after, "C1", "C2")
	want("note 9", false, after+9*time.Second, "C1") // looked at before its time
	want("note 9", true, after+2*time.Second, "C1")  // it asks now
	now = now.Add(30 * time.Second)
	want("note 9", true, after, "C1") // overtaken
	now = now.Add(time.Hour)
	want("late", false, after, "C1") // the line is gone
}
