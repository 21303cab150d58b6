package condition_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

func TestFrozen(t *testing.T) {
	t.Parallel()
	weekend := pipeline.Freeze{Reason: "weekend", Cron: "0 18 * * FRI", For: 63 * time.Hour, TimeZone: "Europe/Zurich"}
	night := pipeline.Freeze{Reason: "night", Cron: "0 22 * * *", For: 8 * time.Hour}
	evening := pipeline.Freeze{Reason: "evening", Cron: "0 20 * * *", For: 4 * time.Hour}
	holidays := pipeline.Freeze{Reason: "holidays", From: at(t, "2026-12-24T12:00:00Z"), To: at(t, "2027-01-04T06:00:00Z")}
	audit := pipeline.Freeze{Reason: "audit", From: at(t, "2027-01-04T06:00:00Z"), To: at(t, "2027-01-05T06:00:00Z")}
	shop := pipeline.Freeze{Reason: "shop only", Cron: "0 8 * * *", For: time.Hour, Pipelines: []string{"shop", "till"}}
	for _, test := range []struct {
		name        string
		freezes     []pipeline.Freeze
		now         string
		until, next string // empty: not frozen, never
		reason      string
	}{
		{"no freeze is never", nil, "2026-11-20T12:00:00Z", "", "", ""},
		{"before it", []pipeline.Freeze{weekend}, "2026-11-20T16:59:59Z", "", "2026-11-20T17:00:00Z", ""},
		{"from its first moment", []pipeline.Freeze{weekend}, "2026-11-20T17:00:00Z", "2026-11-23T08:00:00Z", "", "weekend"},
		{"to its last", []pipeline.Freeze{weekend}, "2026-11-23T07:59:59Z", "2026-11-23T08:00:00Z", "", "weekend"},
		{"not at its end", []pipeline.Freeze{weekend}, "2026-11-23T08:00:00Z", "", "2026-11-27T17:00:00Z", ""},
		{"the clock is set forward within it", []pipeline.Freeze{weekend}, "2026-03-28T12:00:00Z", "2026-03-30T07:00:00Z", "", "weekend"},
		{"the clock is set back within it", []pipeline.Freeze{weekend}, "2026-10-24T12:00:00Z", "2026-10-26T08:00:00Z", "", "weekend"},
		{"it begins at a time that is left out", []pipeline.Freeze{{Reason: "x", Cron: "30 2 29 3 *", For: time.Hour, TimeZone: "Europe/Zurich"}},
			"2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z", "", "x"},
		{"it has not begun before the time that is left out", []pipeline.Freeze{{Reason: "x", Cron: "30 2 29 3 *", For: time.Hour, TimeZone: "Europe/Zurich"}},
			"2026-03-29T00:59:59Z", "", "2026-03-29T01:00:00Z", ""},
		{"it ends at a time that is left out", []pipeline.Freeze{{Reason: "x", Cron: "30 1 * * *", For: time.Hour, TimeZone: "Europe/Zurich"}},
			"2026-03-29T00:45:00Z", "2026-03-29T01:00:00Z", "", "x"},
		{"it ends at a time that comes twice: the second", []pipeline.Freeze{{Reason: "x", Cron: "30 1 * * *", For: time.Hour, TimeZone: "Europe/Zurich"}},
			"2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z", "", "x"},
		{"it ends at the first time that comes twice: the second", []pipeline.Freeze{{Reason: "x", Cron: "0 1 * * *", For: time.Hour, TimeZone: "Europe/Zurich"}},
			"2026-10-24T23:30:00Z", "2026-10-25T01:00:00Z", "", "x"},
		{"the second also west of Greenwich", []pipeline.Freeze{{Reason: "x", Cron: "0 0 1 11 *", For: time.Hour, TimeZone: "America/New_York"}},
			"2026-11-01T04:30:00Z", "2026-11-01T06:00:00Z", "", "x"},
		{"it begins at a time that comes twice: the first", []pipeline.Freeze{{Reason: "x", Cron: "30 2 * * *", For: time.Hour, TimeZone: "Europe/Zurich"}},
			"2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", "", "x"},
		{"west of Greenwich", []pipeline.Freeze{{Reason: "x", Cron: "0 0 8 3 *", For: 4 * time.Hour, TimeZone: "America/New_York"}},
			"2026-03-08T07:30:00Z", "2026-03-08T08:00:00Z", "", "x"},
		{"overlapping ones are one", []pipeline.Freeze{night, evening}, "2026-11-20T21:00:00Z", "2026-11-21T06:00:00Z", "", "evening"},
		{"of two that hold, the one that ends last", []pipeline.Freeze{evening, night}, "2026-11-20T23:00:00Z", "2026-11-21T06:00:00Z", "", "night"},
		{"whatever their order", []pipeline.Freeze{night, evening}, "2026-11-20T23:00:00Z", "2026-11-21T06:00:00Z", "", "night"},
		{"the next of several", []pipeline.Freeze{night, evening, holidays}, "2026-11-20T12:00:00Z", "", "2026-11-20T20:00:00Z", ""},
		{"one that follows without a gap is the same", []pipeline.Freeze{holidays, audit}, "2026-12-30T12:00:00Z", "2027-01-05T06:00:00Z", "", "holidays"},
		{"with a gap it is not", []pipeline.Freeze{{Reason: "x", From: at(t, "2026-12-01T00:00:00Z"), To: at(t, "2026-12-02T00:00:00Z")}, holidays},
			"2026-12-01T12:00:00Z", "2026-12-02T00:00:00Z", "", "x"},
		{"once, before", []pipeline.Freeze{holidays}, "2026-12-24T11:59:59Z", "", "2026-12-24T12:00:00Z", ""},
		{"once, at its beginning", []pipeline.Freeze{holidays}, "2026-12-24T12:00:00Z", "2027-01-04T06:00:00Z", "", "holidays"},
		{"once, after: never again", []pipeline.Freeze{holidays}, "2027-01-04T06:00:00Z", "", "", ""},
		{"another pipeline's", []pipeline.Freeze{shop}, "2026-11-20T08:30:00Z", "", "", ""},
		{"each day, all day, has no end that is known", []pipeline.Freeze{{Reason: "x", Cron: "0 0 * * *", For: 24 * time.Hour}},
			"2026-11-20T08:30:00Z", "2027-03-01T00:00:00Z", "", "x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			frozen, next, err := condition.Frozen(test.freezes, "release", at(t, test.now))
			if err != nil {
				t.Fatal(err)
			}
			got, until, reason := "", "", ""
			if frozen != nil {
				until, reason = frozen.Until.Format(time.RFC3339), frozen.Reason
			}
			if !next.IsZero() {
				got = next.Format(time.RFC3339)
			}
			if test.until != "" {
				test.next = test.until
			}
			if until != test.until || got != test.next || reason != test.reason {
				t.Errorf("frozen until %q for %q, next %q; want %q, %q, %q", until, reason, got, test.until, test.reason, test.next)
			}
		})
	}
	if frozen, _, err := condition.Frozen([]pipeline.Freeze{shop}, "till", at(t, "2026-11-20T08:30:00Z")); frozen == nil || err != nil {
		t.Errorf("a freeze does not hold a pipeline that it names: %v", err)
	}
}

// A freeze that cannot be read is an error for every pipeline, so that nothing is
// let through.
func TestFrozenRefuses(t *testing.T) {
	t.Parallel()
	from, to := at(t, "2026-12-24T12:00:00Z"), at(t, "2026-12-25T12:00:00Z")
	for name, freeze := range map[string]pipeline.Freeze{
		"no time":           {},
		"no length":         {Cron: "0 18 * * FRI"},
		"a negative length": {Cron: "0 18 * * FRI", For: -time.Hour},
		"no cron":           {For: time.Hour},
		"a bad cron":        {Cron: "0 18 * * FRO", For: time.Hour},
		"a bad zone":        {Cron: "0 18 * * FRI", For: time.Hour, TimeZone: "Europe/Nowhere"},
		"both":              {Cron: "0 18 * * FRI", For: time.Hour, From: from, To: to},
		"no end":            {From: from},
		"ends first":        {From: to, To: from},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			freeze.Pipelines = []string{"another"}
			frozen, _, err := condition.Frozen([]pipeline.Freeze{freeze}, "release", from)
			if frozen != nil || pipeline.KindOf(err) != pipeline.Invalid || err == nil {
				t.Errorf("%v, %v", frozen, err)
			}
		})
	}
}

// TestFrozenAgreesWithItself holds that nothing changes before next, and that
// something does at it.
func TestFrozenAgreesWithItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Zurich", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "America/Havana", "UTC"})
		crons := rapid.SampledFrom([]string{"30 2 * * *", "0 18 * * FRI", "0 0 * * *", "*/50 1-3 * * *", "0 0 1 * *", "59 23 29 3 *"})
		var freezes []pipeline.Freeze
		for i := range rapid.IntRange(1, 4).Draw(t, "freezes") {
			minutes := rapid.IntRange(1, 40*60).Draw(t, "minutes")
			freezes = append(freezes, pipeline.Freeze{
				Reason: string(rune('a' + i)), Cron: crons.Draw(t, "cron"), TimeZone: zone.Draw(t, "zone"), For: time.Duration(minutes) * time.Minute,
			})
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*24*60).Draw(t, "now")) * time.Minute)
		frozen, next, err := condition.Frozen(freezes, "x", now)
		if err != nil || !next.After(now) {
			t.Fatalf("next %s, %v", next, err)
		}
		if endless := frozen != nil && next.Sub(now) > 30*24*time.Hour; endless {
			return
		}
		between := now.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(now))-1).Draw(t, "between")))
		if later, same, _ := condition.Frozen(freezes, "x", between); (later == nil) != (frozen == nil) || !same.Equal(next) {
			t.Fatalf("at %s frozen %v until %s, at %s frozen %v until %s", now, frozen, next, between, later, same)
		}
		if after, _, _ := condition.Frozen(freezes, "x", next); (after == nil) == (frozen == nil) {
			t.Fatalf("at %s frozen %v, and at %s still", now, frozen, next)
		}
	})
}

// Previous and Next are each other's.
func TestCronPrevious(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Zurich", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "America/Havana", "UTC"}).Draw(t, "zone")
		cron := rapid.SampledFrom([]string{"30 2 * * *", "*/7 * * * *", "0 18 * * FRI", "0 0 * * *", "0 0 29 2 *", "15 1,2,3 * 3,10 *"}).Draw(t, "cron")
		c, err := condition.ParseCron(cron, zone)
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*24*60*60).Draw(t, "seconds")) * time.Second)
		previous, ok := c.Previous(from)
		next, has := c.Next(from)
		if !ok || !has || previous.After(from) || !next.After(from) {
			t.Fatalf("around %s: %s and %s", from, previous, next)
		}
		if again, _ := c.Next(previous); !again.Equal(next) {
			t.Fatalf("after %s comes %s, and after %s %s", previous, again, from, next)
		}
		if again, _ := c.Previous(next.Add(-time.Nanosecond)); !again.Equal(previous) {
			t.Fatalf("before %s comes %s, and before %s %s", next, again, from, previous)
		}
	})
	if _, ok := (condition.Cron{}).Previous(time.Now()); ok {
		t.Error("no schedule has times")
	}
}

func TestEndsNever(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cron  string
		hours int
		want  bool
	}{
		{"0 18 * * *", 24, true}, {"0 18 * * *", 23, false}, {"0 * * * *", 1, true}, {"0 * * * MON-FRI", 1, false}, {"0 0 1 * *", 31 * 24, true}, {"0 0 1 * *", 30 * 24, false},
	} {
		got, err := condition.EndsNever(pipeline.Freeze{Cron: test.cron, For: time.Duration(test.hours) * time.Hour, TimeZone: "Europe/Zurich"})
		if err != nil || got != test.want {
			t.Errorf("%s for %dh: %t, %v", test.cron, test.hours, got, err)
		}
	}
	if got, err := condition.EndsNever(pipeline.Freeze{From: at(t, "2026-12-24T12:00:00Z"), To: at(t, "2027-01-04T06:00:00Z")}); got || err != nil {
		t.Errorf("once: %t, %v", got, err)
	}
}
