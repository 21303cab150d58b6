package condition

import (
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// dayRule says which days of a month a window has: by their number, or by their
// day of the week.
type dayRule struct {
	numbers  set  // days of the month
	last     bool // L, counted back by before
	before   int
	nearest  int          // 15W: the weekday nearest to that day; with last: LW
	weekdays set          // 0 is Sunday
	weekday  time.Weekday // of 6L and 6#3
	nth      int          // 1 to 5; 0 if there is none
	lastOf   bool         // 6L
}

// parseDayRule reads the day of month and the day of week, one of which is ?.
func parseDayRule(month, week string) (dayRule, error) {
	switch {
	case month == "?" && week == "?":
		return dayRule{}, pipeline.Errorf(pipeline.Invalid, "both the day of month and the day of week are ?: write * in one of them")
	case month == "?":
		return parseWeekday(week)
	case week == "?", week == "*":
		return parseMonthday(month)
	case month == "*":
		return parseWeekday(week)
	}
	return dayRule{}, pipeline.Errorf(pipeline.Invalid, "both the day of month (%s) and the day of week (%s) are given: write ? in one of them", quote(month), quote(week))
}

func parseMonthday(text string) (dayRule, error) {
	f := field{name: "day of month", low: 1, high: 31}
	upper := strings.ToUpper(text)
	switch {
	case upper == "L":
		return dayRule{last: true}, nil
	case upper == "LW", upper == "WL":
		return dayRule{last: true, nearest: -1}, nil
	case strings.HasPrefix(upper, "L-"):
		if n, err := strconv.Atoi(upper[2:]); err == nil && n >= 1 && n <= 30 {
			return dayRule{last: true, before: n}, nil
		}
		return dayRule{}, pipeline.Errorf(pipeline.Invalid, "%s is not a day of month: after L- stands a number from 1 to 30", quote(text))
	case strings.HasSuffix(upper, "W"):
		if n := f.number(strings.TrimSuffix(upper, "W")); n > 0 {
			return dayRule{nearest: n}, nil
		}
		return dayRule{}, pipeline.Errorf(pipeline.Invalid, "%s is not a day of month: in front of W stands a number from 1 to 31", quote(text))
	}
	numbers, err := f.parse(text)
	return dayRule{numbers: numbers}, err
}

func parseWeekday(text string) (dayRule, error) {
	f := field{name: "day of week", low: 1, high: 7, words: days}
	name, nth, counted := strings.Cut(text, "#")
	switch last := strings.TrimSuffix(strings.ToUpper(text), "L"); {
	case counted:
		day, n := f.number(name), 0
		if len(nth) == 1 {
			n = int(nth[0] - '0')
		}
		if day < 1 || n < 1 || n > 5 {
			return dayRule{}, pipeline.Errorf(pipeline.Invalid, "%s is not a day of week: write for example 6#3 for the third Friday", quote(text))
		}
		return dayRule{weekday: time.Weekday(day - 1), nth: n}, nil
	case last == "":
		return dayRule{weekdays: set{int(time.Saturday): true}}, nil // L alone is the last day of the week
	case last != strings.ToUpper(text):
		day := f.number(last)
		if day < 1 {
			return dayRule{}, pipeline.Errorf(pipeline.Invalid, "%s is not a day of week: write for example 6L for the last Friday", quote(text))
		}
		return dayRule{weekday: time.Weekday(day - 1), lastOf: true}, nil
	}
	numbers, err := f.parse(text)
	if err != nil {
		return dayRule{}, err
	}
	weekdays := set{}
	for n := range numbers {
		weekdays[n-1] = true
	}
	return dayRule{weekdays: weekdays}, nil
}

// fits reports whether the rule has the day of t.
func (d dayRule) fits(t time.Time) bool {
	length := time.Date(t.Year(), t.Month()+1, 0, 12, 0, 0, 0, time.UTC).Day()
	switch {
	case d.last && d.nearest != 0:
		return t.Day() == nearestWeekday(t, length, length)
	case d.last:
		return t.Day() == length-d.before
	case d.nearest != 0:
		return d.nearest <= length && t.Day() == nearestWeekday(t, d.nearest, length)
	case d.lastOf:
		return t.Weekday() == d.weekday && t.Day() > length-7
	case d.nth != 0:
		return t.Weekday() == d.weekday && (t.Day()+6)/7 == d.nth
	case d.weekdays != nil:
		return d.weekdays[int(t.Weekday())]
	}
	return d.numbers[t.Day()]
}

// nearestWeekday returns the day from Monday to Friday that is nearest to a day,
// without leaving the month of t.
func nearestWeekday(t time.Time, day, length int) int {
	switch time.Date(t.Year(), t.Month(), day, 12, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == length {
			return day - 2
		}
		return day + 1
	}
	return day
}
