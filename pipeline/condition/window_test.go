package condition_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestWindow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, cron, zone, from, next string // next empty: never
	}{
		{"open now", "* * 9-16 ? * MON-FRI", "UTC", "2026-11-20T10:00:30Z", "2026-11-20T10:00:30Z"},
		{"later today", "* * 9-16 ? * MON-FRI", "", "2026-11-20T08:59:59Z", "2026-11-20T09:00:00Z"},
		{"over the weekend", "* * 9-16 ? * MON-FRI", "UTC", "2026-11-20T17:00:00Z", "2026-11-23T09:00:00Z"},
		{"on the clock of a city", "* * 9-16 ? * MON-FRI", "America/New_York", "2026-11-20T13:59:00Z", "2026-11-20T14:00:00Z"},
		{"half an hour off", "0 0 9 ? * *", "UTC+05:30", "2026-11-20T00:00:00Z", "2026-11-20T03:30:00Z"},
		{"behind", "0 0 9 ? * *", "UTC-3", "2026-11-20T00:00:00Z", "2026-11-20T12:00:00Z"},
		{"a short name", "0 0 9 * * ?", "CET", "2026-11-20T00:00:00Z", "2026-11-20T08:00:00Z"},
		{"numbers of days: 1 is Sunday", "0 0 9 ? * 1", "", "2026-11-20T00:00:00Z", "2026-11-22T09:00:00Z"},
		{"around the week", "0 0 9 ? * FRI-MON", "", "2026-11-24T00:00:00Z", "2026-11-27T09:00:00Z"},
		{"around midnight", "0 0 22-2 * * ?", "", "2026-11-24T03:00:00Z", "2026-11-24T22:00:00Z"},
		{"steps", "0 5/20 * * * ?", "", "2026-11-24T03:06:00Z", "2026-11-24T03:25:00Z"},
		{"steps of all", "0 */20 * * * ?", "", "2026-11-24T03:41:00Z", "2026-11-24T04:00:00Z"},
		{"steps in a range", "0 0 8-18/4 * * ?", "", "2026-11-24T09:00:00Z", "2026-11-24T12:00:00Z"},
		{"a list", "0 0,30 8,20 * JAN,NOV ?", "", "2026-11-24T20:31:00Z", "2026-11-25T08:00:00Z"},
		{"the last day", "0 0 0 L * ?", "", "2027-02-01T00:00:00Z", "2027-02-28T00:00:00Z"},
		{"three before the last", "0 0 0 L-3 * ?", "", "2028-02-01T00:00:00Z", "2028-02-26T00:00:00Z"},
		{"the nearest weekday: a Saturday", "0 0 0 15W * ?", "", "2026-08-01T00:00:00Z", "2026-08-14T00:00:00Z"},
		{"the nearest weekday: a Sunday", "0 0 0 15W * ?", "", "2026-11-01T00:00:00Z", "2026-11-16T00:00:00Z"},
		{"the nearest weekday stays in the month", "0 0 0 1W * ?", "", "2026-08-01T00:00:00Z", "2026-08-03T00:00:00Z"},
		{"the last weekday", "0 0 0 LW * ?", "", "2026-10-31T00:00:00Z", "2026-11-30T00:00:00Z"},
		{"the last weekday is not Sunday", "0 0 0 LW * ?", "", "2027-02-01T00:00:00Z", "2027-02-26T00:00:00Z"},
		{"the last Friday", "0 0 0 ? * 6L", "", "2026-11-01T00:00:00Z", "2026-11-27T00:00:00Z"},
		{"the third Friday", "0 0 0 ? * FRI#3", "", "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z"},
		{"the fifth Monday", "0 0 0 ? * 2#5", "", "2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z"},
		{"L alone is Saturday", "0 0 0 ? * L", "", "2026-11-01T00:00:00Z", "2026-11-07T00:00:00Z"},
		{"a year", "0 0 0 1 1 ? 2030", "", "2026-11-01T00:00:00Z", "2030-01-01T00:00:00Z"},
		{"a year that is over", "0 0 0 1 1 ? 2020", "", "2026-11-01T00:00:00Z", ""},
		{"a leap day", "0 0 0 29 2 ?", "", "2026-11-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		{"a leap day on a Sunday", "0 0 0 29 2 ? 2096", "", "2070-11-01T00:00:00Z", "2096-02-29T00:00:00Z"},
		{"never", "0 0 0 30 2 ?", "", "2026-11-01T00:00:00Z", ""},

		// On 29 March 2026 the clock of Zurich goes from 02:00 to 03:00, on 25
		// October from 03:00 back to 02:00.
		{"left out by the clock", "0 30 2 29 3 ? 2026", "Europe/Zurich", "2026-03-01T00:00:00Z", ""},
		{"left out, next day", "0 30 2 * * ?", "Europe/Zurich", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"},
		{"after the change", "0 0 3 * * ?", "Europe/Zurich", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"twice: the first", "0 30 2 * * ?", "Europe/Zurich", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		{"twice: the second", "0 30 2 * * ?", "Europe/Zurich", "2026-10-25T00:31:00Z", "2026-10-25T01:30:00Z"},
		{"at midnight where it is left out", "0 0 0 * * ?", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-24T21:00:00Z"},
		{"the day whose midnight is left out", "* * * 24 4 ?", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z"},
		{"an offset of 45 minutes", "0 0 6 * * ?", "Asia/Kathmandu", "2026-04-23T12:00:20Z", "2026-04-24T00:15:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, err := condition.ParseWindow(test.cron, test.zone)
			if err != nil {
				t.Fatal(err)
			}
			next, ok := w.Next(at(t, test.from))
			switch {
			case !ok && test.next == "":
			case !ok || test.next == "":
				t.Errorf("got %s, %t", next.UTC(), ok)
			case !next.Equal(at(t, test.next)):
				t.Errorf("got %s", next.UTC())
			case !w.Open(next):
				t.Error("it is not open then")
			}
		})
	}
}

// TestNextIsTheFirstOpenMinute compares Next with asking for each minute.
func TestNextIsTheFirstOpenMinute(t *testing.T) {
	t.Parallel()
	part := func(of []string) *rapid.Generator[string] { return rapid.SampledFrom(of) }
	rapid.Check(t, func(t *rapid.T) {
		dayAndWeek := part([]string{"* %m ?", "? %m MON-FRI", "15W %m ?", "L %m ?", "? %m 7L", "29,30 %m ?", "? %m 1#2"}).Draw(t, "days")
		cron := "0 " + part([]string{"*", "0", "30", "0/15", "59"}).Draw(t, "minute") + " " +
			part([]string{"*", "0", "2", "2-3", "22-1", "*/6"}).Draw(t, "hour") + " " +
			strings.ReplaceAll(dayAndWeek, "%m", part([]string{"*", "3,10", "APR"}).Draw(t, "month"))
		zone := part([]string{"UTC", "Europe/Zurich", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "UTC-09:30"}).Draw(t, "zone")
		w, err := condition.ParseWindow(cron, zone)
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 365*24*3600).Draw(t, "at")) * time.Second)
		next, ok := w.Next(from)
		for i, minute := 0, from; i < 3*24*60; i++ {
			if open := w.Open(minute); open != (ok && !minute.Before(next)) {
				t.Fatalf("%s in %s from %s: next %s %t, and at %s it is open: %t", cron, zone, from, next, ok, minute, open)
			} else if open {
				return
			}
			minute = minute.Truncate(time.Minute).Add(time.Minute)
		}
	})
}

func TestParseWindowRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ cron, zone, want string }{
		{"", "", "has 0 fields"},
		{"0 9 * * MON", "", "has 5 fields"},
		{"30 * * * * ?", "", "the seconds are"},
		{"0 60 * * * ?", "", `"60" cannot be the minute`},
		{"0 * 24 * * ?", "", `"24" cannot be the hour`},
		{"0 * * 32 * ?", "", "cannot be the day of month"},
		{"0 * * 0 * ?", "", "cannot be the day of month"},
		{"0 * * * 13 ?", "", "cannot be the month"},
		{"0 * * * JANUARY ?", "", "cannot be the month"},
		{"0 * * ? * 8", "", "cannot be the day of week"},
		{"0 * * ? * 0", "", "cannot be the day of week"},
		{"0 * * ? * 6#6", "", "third Friday"},
		{"0 * * ? * X#1", "", "third Friday"},
		{"0 * * ? * XL", "", "last Friday"},
		{"0 * * 32W * ?", "", "in front of W"},
		{"0 * * L-31 * ?", "", "after L-"},
		{"0 * * 1 * MON", "", "write ? in one of them"},
		{"0 * * ? * ?", "", "write * in one of them"},
		{"0 * * * * ? 1969", "", "cannot be the year"},
		{"0 */0 * * * ?", "", "cannot be the minute"},
		{"0 -5 * * * ?", "", "cannot be the minute"},
		{"0 +5 * * * ?", "", "cannot be the minute"},
		{"0 1,,2 * * * ?", "", "cannot be the minute"},
		{"0 1- * * * ?", "", "cannot be the minute"},
		{"0 ? * * * ?", "", "cannot be the minute"},
		{"0 * * * * ?", "Mars/Olympus", "not a time zone"},
		{"0 * * * * ?", "Local", "not a time zone"},
		{"0 * * * * ?", "../../etc/passwd", "not a time zone"},
		{"0 * * * * ?", "UTC+25", "not a time zone"},
		{"0 * * * * ?", "UTC5", "not a time zone"},
		{"0 * * * * ?", "UTC+5:3", "not a time zone"},
		{"0 * * * * ?" + strings.Repeat(" ", 200), "", "the limit is 200"},
	} {
		t.Run(test.cron+" "+test.zone, func(t *testing.T) {
			t.Parallel()
			w, err := condition.ParseWindow(test.cron, test.zone)
			if err == nil || !strings.Contains(err.Error(), test.want) || pipeline.KindOf(err) != pipeline.Invalid {
				t.Errorf("got %v", err)
			}
			if _, ok := w.Next(time.Now()); ok || w.Open(time.Now()) {
				t.Error("it is open all the same")
			}
		})
	}
}
