package condition

import (
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Frozen reports whether a freeze holds a pipeline at a moment, and until when.
// Until is when none of them holds any more: freezes that overlap or follow each
// other without a gap are one. Reason is that of the freeze which holds now; if
// several do, of the one that ends last.
//
// next is when the answer may change: Until, or the beginning of the next freeze;
// zero: never. Where a hundred freezes follow each other Until is early, and to be
// asked again then.
//
// A freeze holds from its beginning on, and not any more at its end. What comes
// again lasts its time on the clock of its zone: 63h from Friday 18:00 end on
// Monday at 09:00 in every week. An end that the clock shows twice is the second.
//
// An error is of kind Invalid: a freeze that cannot be read. Nothing may be let
// through then.
func Frozen(freezes []pipeline.Freeze, pipelineName string, now time.Time) (frozen *pipeline.Frozen, next time.Time, err error) {
	spans, err := spansOf(freezes, pipelineName)
	if err != nil {
		return nil, time.Time{}, err
	}
	until, reason := spans.end(now)
	if until.IsZero() {
		return nil, spans.next(now), nil
	}
	for range maxChain {
		longer, _ := spans.end(until)
		if !longer.After(until) {
			break
		}
		until = longer
	}
	return &pipeline.Frozen{Until: until.UTC(), Reason: reason}, until.UTC(), nil
}

// maxChain bounds how many freezes in a row are counted as one.
const maxChain = 100

// EndsNever reports whether a freeze begins again before it has ended, for as long
// as one can tell. An error is of kind Invalid.
func EndsNever(freeze pipeline.Freeze) (bool, error) {
	freeze.Pipelines = nil
	s, err := spanOf(freeze)
	if err != nil || s.zone == nil {
		return false, err
	}
	at, ok := s.cron.Next(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	for range 2 * maxChain { // each hour of five days is fewer
		end := s.end(at)
		if !ok || !end.After(at) {
			return false, nil
		}
		at = end
	}
	return true, nil
}
