package condition

import (
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// field is one field of a cron expression: which numbers it may have, and words
// for them.
type field struct {
	name      string
	low, high int
	words     []string // words[0] stands for low
	wraps     bool     // 7 is 0: the day of week in five fields
}

// set holds the numbers that a field names.
type set map[int]bool

// parse reads numbers, words, lists, ranges and steps. A range whose end lies
// before its start goes around, as in FRI-MON.
func (f field) parse(text string) (set, error) {
	numbers := set{}
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 || n > f.high {
				return nil, f.wrong(text)
			}
			step = n
		}
		first, last, err := f.span(span, stepped)
		if err != nil {
			return nil, err
		}
		size := f.high - f.low + 1
		if last < first {
			last += size
		}
		for i := first; i <= last; i += step {
			numbers[f.low+(i-f.low)%size] = true
		}
	}
	return numbers, nil
}

// span reads *, a number or a range. A number with a step runs to the end.
func (f field) span(text string, stepped bool) (first, last int, err error) {
	from, to, ranged := strings.Cut(text, "-")
	switch {
	case text == "*":
		return f.low, f.high, nil
	case ranged:
		first, last = f.number(from), f.number(to)
	default:
		first = f.number(from)
		if last = first; stepped {
			last = f.high
		}
	}
	if first < f.low || last < f.low {
		return 0, 0, f.wrong(text)
	}
	return first, last, nil
}

// number reads one number or word, or returns -1.
func (f field) number(text string) int {
	for i, w := range f.words {
		if strings.EqualFold(w, text) {
			return f.low + i
		}
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || text[0] == '+' || text[0] == '-':
		return -1
	case f.wraps && n == f.high+1:
		return f.low
	case n < f.low || n > f.high:
		return -1
	}
	return n
}

func (f field) wrong(text string) error {
	return pipeline.Errorf(pipeline.Invalid, "%s cannot be the %s: it is %d to %d, with , - * and /", quote(text), f.name, f.low, f.high)
}

var (
	months = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	days   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)
