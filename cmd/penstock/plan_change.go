package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/definition"
)

// change is what was said of the change, filled up from git, as triggers and as
// expressions look at it.
func (o *planOptions) change(ctx context.Context) (definition.Change, pipeline.Execution, error) {
	git := func(args ...string) string {
		out, err := exec.CommandContext(ctx, "git", args...).Output()
		if err != nil {
			return "" // then it is not known
		}
		return strings.TrimSpace(string(out))
	}
	kinds := map[string]pipeline.TriggerKind{
		"push": pipeline.TriggerPush, "pull_request": pipeline.TriggerPullRequest, "merge_group": pipeline.TriggerMergeGroup,
		"schedule": pipeline.TriggerSchedule, "manual": pipeline.TriggerManual,
	}
	events := map[string]pipeline.PullRequestEvent{
		"opened": pipeline.PullRequestOpened, "updated": pipeline.PullRequestUpdated, "closed": pipeline.PullRequestClosed,
	}
	kind, known := kinds[o.event]
	event, meant := events[o.action]
	switch {
	case !known:
		return definition.Change{}, pipeline.Execution{}, &exitError{exitUsage, fmt.Errorf("--event %s: write push, pull_request, merge_group, schedule or manual", o.event)}
	case !meant:
		return definition.Change{}, pipeline.Execution{}, &exitError{exitUsage, fmt.Errorf("--action %s: write opened, updated or closed", o.action)}
	case o.tag != "" && (o.ref != "" || kind != pipeline.TriggerPush):
		return definition.Change{}, pipeline.Execution{}, &exitError{exitUsage, errors.New("--tag is for pushes, instead of --ref")}
	}
	first := func(values ...string) string {
		for _, v := range values {
			if v != "" {
				return v
			}
		}
		return ""
	}
	o.defaultBranch = first(o.defaultBranch, strings.TrimPrefix(git("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"), "origin/"), "main")
	branch := first(strings.TrimPrefix(o.ref, "refs/heads/"), git("symbolic-ref", "--quiet", "--short", "HEAD"), o.defaultBranch)
	o.base = first(o.base, o.defaultBranch)
	o.message = first(o.message, git("log", "-1", "--format=%B"))
	o.actor = first(o.actor, git("config", "user.name"))
	run := pipeline.Execution{
		Lane:    pipeline.BranchLane(branch),
		Trigger: pipeline.Trigger{Kind: kind, By: pipeline.Actor{Login: o.actor}},
		Revision: pipeline.Revision{
			SHA: git("rev-parse", "HEAD"), Ref: "refs/heads/" + branch, Branch: branch, Message: o.message, Author: git("log", "-1", "--format=%an"),
		},
	}
	c := definition.Change{Kind: kind, Branch: branch, DefaultBranch: o.defaultBranch, PullRequest: event, Labels: o.labels, Draft: o.draft}
	before := "HEAD~1"
	switch kind {
	case pipeline.TriggerPullRequest, pipeline.TriggerMergeGroup:
		c.Branch, run.Revision.BaseRef = o.base, o.base
		before = first(git("merge-base", "HEAD", "origin/"+o.base), git("merge-base", "HEAD", o.base))
		if kind == pipeline.TriggerPullRequest {
			run.Lane = pipeline.PullLane(1) // its number is not known yet
			run.Trigger.PullRequest, run.Trigger.Labels, run.Trigger.Draft = 1, o.labels, o.draft
		}
	case pipeline.TriggerPush:
		if o.tag != "" {
			c.Branch, c.Tag = "", o.tag
			run.Lane, run.Revision.Ref, run.Revision.Branch = pipeline.TagLane(o.tag), "refs/tags/"+o.tag, ""
		}
	}
	files := o.files
	if len(files) == 0 && before != "" && git("rev-parse", "--quiet", "--verify", before) != "" {
		files = []string{}
		if names := git("-c", "core.quotePath=false", "diff", "--name-only", "--no-renames", before, "HEAD"); names != "" {
			files = strings.Split(names, "\n")
		}
	}
	run.Revision.Files = files
	c.Files = func() ([]string, error) { return files, nil }
	return c, run, nil
}

// pairs reads NAME=VALUE words.
func pairs(words []string) (map[string]string, error) {
	values := map[string]string{}
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--var %s: write NAME=VALUE", word)
		}
		values[name] = value
	}
	return values, nil
}
