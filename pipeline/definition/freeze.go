package definition

import (
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
)

// maxMoment is how long the text of a point in time may be.
const maxMoment = 40

// freezes reads the times in which nothing goes out.
func (r *reader) freezes(n *node) []pipeline.Freeze {
	var freezes []pipeline.Freeze
	for _, item := range r.elements(n, 1, maxFreezes, "write `[{reason: weekend, cron: \"0 18 * * FRI\", for: 63h}]`") {
		freezes = append(freezes, r.freeze(item))
	}
	return freezes
}

func (r *reader) freeze(n *node) pipeline.Freeze {
	var f pipeline.Freeze
	values := r.object(n, freezeGrammar())
	if values == nil {
		return f
	}
	r.missing(n, "reason", "write what people are to be told: `reason: weekend`")
	if v := values["reason"]; v != nil {
		f.Reason, _ = r.line(v, maxFreezeReason)
	}
	ok := true
	if v := values["timeZone"]; v != nil {
		f.TimeZone, ok = r.timeZone(v)
	}
	if v := values["pipelines"]; v != nil {
		for _, item := range r.elements(v, 1, maxFreezePipelines, "write `pipelines: [release]`") {
			if name, ok := r.word(item, nameCharacters, maxName); ok {
				f.Pipelines = append(f.Pipelines, name)
				r.held = append(r.held, item)
			}
		}
	}
	again, once := n.has("cron") || n.has("for"), n.has("from") || n.has("to")
	switch {
	case again && once:
		r.bad(n, "write two freezes", "a freeze comes again, with `cron` and `for`, or is once, with `from` and `to`")
	case again:
		r.freezeAgain(n, values, ok, &f)
	case once:
		r.freezeOnce(n, values, ok, &f)
	default:
		r.bad(n, "write `cron` and `for`, or `from` and `to`", "a freeze has no time")
	}
	return f
}

// freezeAgain reads one that comes again. zoned says whether its time zone is one.
func (r *reader) freezeAgain(n *node, values map[string]*node, zoned bool, f *pipeline.Freeze) {
	r.missing(n, "cron", "write when it begins: `cron: \"0 18 * * FRI\"`")
	r.missing(n, "for", "write how long it lasts: `for: 63h`")
	lasts := false
	if v := values["for"]; v != nil {
		f.For, lasts = r.duration(v)
	}
	if v := values["cron"]; v != nil && zoned {
		cron, ok := r.cron(v, f.TimeZone)
		if f.Cron = cron; ok && lasts && r.endsNever(*f) {
			r.warn(n, "shorten `for`, or let it begin less often", "a freeze begins again before it has ended: nothing ever goes out")
		}
	}
}

// freezeOnce reads one from a point in time to another.
func (r *reader) freezeOnce(n *node, values map[string]*node, zoned bool, f *pipeline.Freeze) {
	r.missing(n, "from", "write when it begins: `from: 2026-12-24T12:00`")
	r.missing(n, "to", "write when it ends: `to: 2027-01-04T06:00`")
	if v := values["from"]; v != nil && zoned {
		f.From, _ = r.moment(v, values["timeZone"], f.TimeZone)
	}
	if v := values["to"]; v != nil && zoned {
		_, f.To = r.moment(v, values["timeZone"], f.TimeZone)
	}
	f.TimeZone = "" // it has done what it is for
	if v := values["to"]; !f.From.IsZero() && !f.To.IsZero() && !f.To.After(f.From) {
		r.bad(v, "", "the freeze ends before it begins")
	}
}

// moment reads a point in time: the first and the last at which a clock shows it.
func (r *reader) moment(n, zoneNode *node, zone string) (first, last time.Time) {
	s, ok := r.line(n, maxMoment)
	if !ok {
		return first, last
	}
	first, last, fixed, err := condition.ParseMoment(s, zone)
	switch {
	case err != nil:
		r.bad(n, "", "%s", clean(err.Error(), 300))
	case fixed && zoneNode != nil:
		r.bad(n, "keep one of the two", "%s has an offset, and `timeZone` is given, too", quote(s))
	}
	return first, last
}

// timeZone reads the name of a time zone.
func (r *reader) timeZone(n *node) (string, bool) {
	s, ok := r.line(n, 64)
	if !ok {
		return "", false
	}
	if _, err := condition.ParseZone(s); err != nil {
		r.bad(n, "", "%s", clean(err.Error(), 300))
		return s, false
	}
	return s, true
}

// cron reads a schedule on the clock of a time zone.
func (r *reader) cron(n *node, zone string) (string, bool) {
	s, ok := r.line(n, condition.MaxCron)
	if !ok {
		return "", false
	}
	if err := r.checkCron(s, zone); err != nil {
		r.bad(n, "", "%s", clean(err.Error(), 300))
		return s, false
	}
	return s, true
}
