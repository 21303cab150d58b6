package condition

import (
	"slices"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// span is a freeze that was read.
type span struct {
	reason   string
	from, to time.Time // without zone
	zone     *time.Location
	cron     Cron
	length   time.Duration
}

// spans are the freezes that hold one pipeline.
type spans []span

func spansOf(freezes []pipeline.Freeze, pipelineName string) (spans, error) {
	var all spans
	for _, f := range freezes {
		s, err := spanOf(f)
		if err != nil {
			return nil, err
		}
		if holds(f, pipelineName) {
			all = append(all, s)
		}
	}
	return all, nil
}

func spanOf(f pipeline.Freeze) (span, error) {
	s := span{reason: f.Reason, from: f.From, to: f.To, length: f.For}
	switch {
	case f.Cron == "" && f.For == 0 && f.To.After(f.From):
		return s, nil
	case f.Cron == "" || f.For <= 0 || !f.From.IsZero() || !f.To.IsZero():
		return s, pipeline.Errorf(pipeline.Invalid, "the freeze %s has no time: it needs cron and for, or from and to", quote(f.Reason))
	}
	var err error
	if s.zone, err = ParseZone(f.TimeZone); err != nil {
		return s, err
	}
	s.cron, err = ParseCron(f.Cron, f.TimeZone)
	return s, err
}

// holds reports whether a freeze is for a pipeline.
func holds(f pipeline.Freeze, pipelineName string) bool {
	return len(f.Pipelines) == 0 || slices.Contains(f.Pipelines, pipelineName)
}

// end is when the freeze that holds at t ends; zero: none holds.
func (s span) end(t time.Time) time.Time {
	end := s.to
	if s.zone != nil {
		began, ok := s.cron.Previous(t)
		if !ok {
			return time.Time{}
		}
		_, end = onClock(shownBy(began.In(s.zone)).Add(s.length), s.zone)
	} else if t.Before(s.from) {
		return time.Time{}
	}
	if !end.After(t) {
		return time.Time{}
	}
	return end
}

// next is when it begins after t; zero: never.
func (s span) next(t time.Time) time.Time {
	if s.zone != nil {
		next, _ := s.cron.Next(t)
		return next
	}
	if s.from.After(t) {
		return s.from
	}
	return time.Time{}
}

// end is the last end of those that hold at t, with its reason; zero: none holds.
func (all spans) end(t time.Time) (end time.Time, reason string) {
	for _, s := range all {
		if e := s.end(t); e.After(end) {
			end, reason = e, s.reason
		}
	}
	return end, reason
}

// next is the first beginning after t; zero: never.
func (all spans) next(t time.Time) (first time.Time) {
	for _, s := range all {
		if next := s.next(t); !next.IsZero() && (first.IsZero() || next.Before(first)) {
			first = next.UTC()
		}
	}
	return first
}
