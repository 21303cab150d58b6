package definition

import (
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// The sizes of triggers and their filters.
const (
	maxTriggers       = 50
	maxTriggerFilters = 10
	maxPatterns       = 50
	maxPattern        = 255
)

// triggers reads what starts the pipeline. Left out, it is pushes to the default
// branch and pull requests against it.
func (r *reader) triggers(n *node) pipeline.Triggers {
	if n == nil {
		return pipeline.Triggers{
			Push:        []pipeline.PushFilter{{Branches: r.defaultBranch()}},
			PullRequest: []pipeline.PullRequestFilter{{Branches: r.defaultBranch()}},
		}
	}
	if n.kind == kindList {
		return r.awsTriggers(n)
	}
	var t pipeline.Triggers
	values := r.object(n, triggersGrammar())
	for _, item := range r.oneOrMore(values["push"]) {
		t.Push = append(t.Push, r.pushFilter(item, r.defaultBranch()))
	}
	for _, item := range r.oneOrMore(values["pullRequest"]) {
		t.PullRequest = append(t.PullRequest, r.pullRequestFilter(item))
	}
	for _, item := range r.oneOrMore(values["mergeGroup"]) {
		f := pipeline.MergeGroupFilter{Branches: r.defaultBranch()}
		if v := r.object(item, mergeGroupGrammar())["branches"]; v != nil {
			f.Branches = r.filter(v)
		}
		t.MergeGroup = append(t.MergeGroup, f)
	}
	for _, item := range r.oneOrMore(values["schedule"]) {
		t.Schedule = append(t.Schedule, r.schedule(item))
	}
	return t
}

// oneOrMore returns the entries of a list, or the value itself.
func (r *reader) oneOrMore(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == kindList:
		return r.elements(n, 1, maxTriggerFilters, "write `{branches: [main]}`")
	}
	return []*node{n}
}

// pushFilter reads one filter of pushes. branches is what it means by itself.
func (r *reader) pushFilter(n *node, branches *pipeline.Filter) pipeline.PushFilter {
	values := r.object(n, pushGrammar())
	var f pipeline.PushFilter
	if v := values["tags"]; v != nil {
		if f.Tags = r.filter(v); values["branches"] != nil || values["filePaths"] != nil {
			r.bad(v, "write two filters in a list: `push: [{branches: [main]}, {tags: [\"v*\"]}]`",
				"a push is of a branch or of a tag: `tags` stands alone, without `branches` and `filePaths`")
		}
		return f
	}
	if f.Branches = branches; values["branches"] != nil {
		f.Branches = r.filter(values["branches"])
	}
	if v := values["filePaths"]; v != nil {
		f.FilePaths = r.filter(v)
	}
	return f
}

// pullRequestFilter reads one filter of changes of pull requests.
func (r *reader) pullRequestFilter(n *node) pipeline.PullRequestFilter {
	values := r.object(n, pullRequestGrammar())
	f := pipeline.PullRequestFilter{Branches: r.defaultBranch()}
	if v := values["events"]; v != nil {
		for _, item := range r.elements(v, 1, 3, "write `events: [open, updated]`") {
			word, ok := r.enum(item, "open", "updated", "closed")
			event := pipeline.PullRequestEvent(strings.ToUpper(word))
			switch {
			case !ok:
			case slices.Contains(f.Events, event):
				r.bad(item, "", "%s is named twice", word)
			default:
				f.Events = append(f.Events, event)
			}
		}
	}
	if v := values["branches"]; v != nil {
		f.Branches = r.filter(v)
	}
	if v := values["filePaths"]; v != nil {
		f.FilePaths = r.filter(v)
	}
	if v := values["labels"]; v != nil {
		f.Labels = r.filter(v)
	}
	if v := values["drafts"]; v != nil {
		if b, ok := r.boolean(v); ok {
			f.Drafts = &b
		}
	}
	return f
}

// schedule reads one schedule.
func (r *reader) schedule(n *node) pipeline.Schedule {
	var s pipeline.Schedule
	values := r.object(n, scheduleGrammar())
	if values == nil {
		return s
	}
	r.missing(n, "cron", "write `schedule: {cron: \"30 3 * * MON-FRI\"}`")
	zoned := true
	if v := values["timeZone"]; v != nil {
		s.TimeZone, zoned = r.timeZone(v)
	}
	if v := values["cron"]; v != nil && zoned {
		s.Cron, _ = r.cron(v, s.TimeZone)
	}
	if v := values["branch"]; v != nil {
		s.Branch, _ = r.line(v, maxPattern)
		if strings.ContainsAny(s.Branch, `*?[]{}\`) {
			r.bad(v, "", "%s is a pattern, and a schedule runs one branch", quote(s.Branch))
		}
	}
	return s
}
