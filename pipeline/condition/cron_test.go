package condition_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

func TestCron(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, cron, zone, from string
		next                   []string
	}{
		{"each night", "30 3 * * *", "", "2026-11-20T03:30:00Z", []string{"2026-11-21T03:30:00Z", "2026-11-22T03:30:00Z"}},
		{"each quarter", "*/15 * * * *", "", "2026-11-20T23:40:10Z", []string{"2026-11-20T23:45:00Z", "2026-11-21T00:00:00Z"}},
		{"weekdays", "0 9 * * MON-FRI", "Europe/Zurich", "2026-11-20T12:00:00Z", []string{"2026-11-23T08:00:00Z"}},
		{"7 is Sunday", "0 0 * * 7", "", "2026-11-20T12:00:00Z", []string{"2026-11-22T00:00:00Z"}},
		{"0 is Sunday", "0 0 * * 0", "", "2026-11-20T12:00:00Z", []string{"2026-11-22T00:00:00Z"}},
		{"5 to 7", "0 0 * * 5-7", "", "2026-11-20T12:00:00Z", []string{"2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-27T00:00:00Z"}},
		{"either day", "0 0 13 * FRI", "", "2026-11-06T12:00:00Z", []string{"2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z"}},
		{"a leap day", "0 0 29 2 *", "", "2026-11-06T12:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"a time left out is at the change", "30 2 * * *", "Europe/Zurich", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"}},
		{"several left out are one", "*/20 2 * * *", "Europe/Zurich", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}},
		{"left out west of Greenwich", "30 2 8 3 *", "America/New_York", "2026-03-08T00:00:00Z", []string{"2026-03-08T07:00:00Z"}},
		{"a time that comes twice is once", "30 2 * * *", "Europe/Zurich", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		{"the time after those comes once", "0 3 * * *", "Europe/Zurich", "2026-10-24T12:00:00Z", []string{"2026-10-25T02:00:00Z", "2026-10-26T02:00:00Z"}},
		{"started between the two", "30 2 * * *", "Europe/Zurich", "2026-10-25T01:00:00Z", []string{"2026-10-26T01:30:00Z"}},
		{"a midnight left out", "0 0 24 4 *", "Africa/Cairo", "2026-04-20T12:00:00Z", []string{"2026-04-23T22:00:00Z"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := condition.ParseCron(test.cron, test.zone)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for from := at(t, test.from); len(got) < len(test.next); {
				next, ok := c.Next(from)
				if !ok || !next.After(from) {
					t.Fatalf("after %s: %s, %t", from, next, ok)
				}
				got = append(got, next.UTC().Format(time.RFC3339))
				from = next
			}
			if diff := cmp.Diff(test.next, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCronIsOnceADay holds that a daily time comes once on each date, whatever
// the clock does.
func TestCronIsOnceADay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Zurich", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "America/St_Johns", "UTC"}).Draw(t, "zone")
		hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		c, err := condition.ParseCron(time.Date(2026, 1, 1, hour, minute, 0, 0, time.UTC).Format("4 15")+" * * *", zone)
		if err != nil {
			t.Fatal(err)
		}
		next := time.Date(2026, 1, 1, 23, 59, 59, 0, location)
		for day := 2; day <= 365; day++ {
			next, _ = c.Next(next)
			if want := time.Date(2026, 1, day, 12, 0, 0, 0, location); next.Format(time.DateOnly) != want.Format(time.DateOnly) {
				t.Fatalf("%02d:%02d in %s: %s, want one on %s", hour, minute, zone, next, want.Format(time.DateOnly))
			}
		}
	})
}

func TestParseCronRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ cron, zone, want string }{
		{"0 0 * *", "", "has 4 fields"},
		{"0 0 0 * * ?", "", "has 6 fields"},
		{"@daily", "", "has 1 fields"},
		{"60 0 * * *", "", "cannot be the minute"},
		{"0 0 L * *", "", "cannot be the day of month"},
		{"0 0 * * 8", "", "cannot be the day of week"},
		{"0 0 30 2 *", "", "never comes"},
		{"0 0 31 4,6 *", "", "never comes"},
		{"0 0 * * *", "Nowhere", "not a time zone"},
		{"0 0 * * *" + strings.Repeat(" ", 200), "", "the limit"},
	} {
		t.Run(test.cron, func(t *testing.T) {
			t.Parallel()
			c, err := condition.ParseCron(test.cron, test.zone)
			if err == nil || !strings.Contains(err.Error(), test.want) || pipeline.KindOf(err) != pipeline.Invalid {
				t.Errorf("got %v", err)
			}
			if _, ok := c.Next(time.Now()); ok {
				t.Error("it has times all the same")
			}
		})
	}
}
