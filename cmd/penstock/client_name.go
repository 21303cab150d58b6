package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/bot/web/api"
)

// runName is how people name a run.
type runName struct {
	id                   string // or
	repository, pipeline string // either may be empty
	number               string
}

var (
	runID      = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	runNumber  = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
	repository = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}/([A-Za-z0-9_-][A-Za-z0-9._-]{0,99}|\.[A-Za-z0-9_-][A-Za-z0-9._-]{0,98})$`)
)

const runNames = "write its id, the address of its page, #142, PIPELINE#142, OWNER/NAME#142 or OWNER/NAME/PIPELINE#142"

// parseRun reads the name of a run.
func parseRun(text string) (runName, error) {
	bad := &exitError{exitUsage, fmt.Errorf("%q does not name a run: %s", text, runNames)}
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		_, after, _ := strings.Cut(u.Path, "/runs/")
		id, _, _ := strings.Cut(after, "/")
		if !runID.MatchString(id) {
			return runName{}, bad
		}
		return runName{id: id}, nil
	}
	if runID.MatchString(text) {
		return runName{id: text}, nil
	}
	before, number, found := strings.Cut(text, "#")
	if !found {
		before, number = "", text
	}
	if !runNumber.MatchString(number) {
		return runName{}, bad
	}
	name := runName{number: number}
	switch parts := strings.Split(before, "/"); len(parts) {
	case 1:
		name.pipeline = parts[0]
	case 2:
		name.repository = before
	case 3:
		name.repository, name.pipeline = parts[0]+"/"+parts[1], parts[2]
	default:
		return runName{}, bad
	}
	if name.repository != "" && !repository.MatchString(name.repository) {
		return runName{}, bad
	}
	return name, nil
}

// run finds the run that somebody names.
func (r *remote) run(ctx context.Context, c *client, text string) (run api.Run, err error) {
	name, err := parseRun(text)
	if err != nil {
		return run, err
	}
	if name.id != "" {
		return run, c.get(ctx, escaped("/runs/{}", name.id), &run)
	}
	if name.repository == "" {
		if name.repository, err = r.repository(ctx); err != nil {
			return run, err
		}
	}
	if name.pipeline == "" {
		name.pipeline = r.pipeline
	}
	owner, repo, _ := strings.Cut(name.repository, "/")
	path := escaped("/repositories/{}/{}/runs/{}", owner, repo, name.number)
	if name.pipeline != "" {
		path += "?" + url.Values{"pipeline": {name.pipeline}}.Encode()
	}
	err = c.get(ctx, path, &run)
	if problem := new(api.Problem); errors.As(err, &problem) && problem.Field == "pipeline" && len(problem.Allowed) > 0 {
		problem.Detail += fmt.Sprintf("; such as %s/%s#%s", name.repository, onScreen(problem.Allowed[0]), name.number)
	}
	return run, err
}

// repository is the one that --repo names, or that the folder we stand in is a clone
// of.
func (r *remote) repository(ctx context.Context) (string, error) {
	if r.repo != "" {
		if !repository.MatchString(r.repo) {
			return "", &exitError{exitUsage, fmt.Errorf("--repo %q: write OWNER/NAME", r.repo)}
		}
		return r.repo, nil
	}
	out, err := exec.CommandContext(ctx, "git", "remote", "get-url", "origin").Output()
	if err == nil {
		if name := repositoryOf(strings.TrimSpace(string(out))); name != "" {
			return name, nil
		}
	}
	return "", &exitError{exitUsage, errors.New("which repository? Name it with --repo OWNER/NAME, or stand in a clone of it whose remote is called origin")}
}

// repositoryOf is the repository of a remote's address: https://host/OWNER/NAME.git,
// git@host:OWNER/NAME or ssh://git@host/OWNER/NAME; empty if it is none.
func repositoryOf(remote string) string {
	path := ""
	if u, err := url.Parse(remote); err == nil && u.Host != "" {
		path = u.Path
	} else if host, after, found := strings.Cut(remote, ":"); found && !strings.Contains(host, "/") {
		path = after
	}
	name := strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if !repository.MatchString(name) {
		return ""
	}
	return name
}
