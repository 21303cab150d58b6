package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// limits hour DURATION
// limits refused at most N
//
// switches GitHub's limits on, with their real numbers and an hour that is as
// long as a story can wait; and says that GitHub had to refuse no more requests
// than that.
func (s *player) limits(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "hour":
		hour, err := time.ParseDuration(args[1])
		if err != nil {
			return err
		}
		limits := emulator.GitHubLimits()
		limits.Hour = hour
		s.github.EnforceRateLimits(limits)
		return nil
	case len(args) == 4 && args[0] == "refused" && args[1] == "at" && args[2] == "most":
		most, err := strconv.Atoi(args[3])
		if err != nil {
			return err
		}
		if refused := s.github.Refused(); refused.Total() > most {
			return fmt.Errorf("GitHub refused %+v", refused)
		}
		return nil
	}
	return errors.New("limits hour DURATION | limits refused at most N")
}

// burst COUNT NAME
//
// pushes so many branches at once, NAME-1 and so on, each with a commit of its
// own and of that name.
func (s *player) burst(args []string) error {
	if len(args) != 2 {
		return errors.New("burst COUNT NAME")
	}
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	const login = "octocat"
	clone, err := s.clone(login)
	if err != nil {
		return err
	}
	var script strings.Builder // one git for all of them
	for i := range count {
		name := fmt.Sprintf("%s-%d", args[1], i+1)
		fmt.Fprintf(&script, "commit refs/heads/%s\ncommitter %s <%s@example.com> now\ndata %d\n%s\n", name, login, login, len(name), name)
		fmt.Fprintf(&script, "from refs/remotes/origin/main^0\nM 100644 inline change.txt\ndata %d\n%s\n\n", len(name), name)
	}
	if _, err := s.gitReading(script.String(), login, clone, "fast-import", "--quiet", "--date-format=now"); err != nil {
		return err
	}
	pattern := "refs/heads/" + args[1] + "-*"
	if _, err := s.git(login, clone, "push", "--quiet", "origin", pattern+":"+pattern); err != nil {
		return err
	}
	list, err := s.git(login, clone, "for-each-ref", "--format=%(refname:short) %(objectname)", pattern)
	for _, line := range strings.Fields(strings.ReplaceAll(list, " ", "=")) {
		name, sha, _ := strings.Cut(line, "=")
		s.named(name, sha)
	}
	return err
}

// burstTime is how long a burst may take until all of it is shown.
const burstTime = 2 * time.Minute

// awaitBurst waits until every commit of a burst has one status and one check,
// both of a state.
func (s *player) awaitBurst(what string, args []string) error {
	var shas []string
	for _, name := range s.order {
		if strings.HasPrefix(name, args[0]+"-") {
			shas = append(shas, s.commits[name])
		}
	}
	if len(shas) == 0 {
		return fmt.Errorf("there is no burst %s", args[0])
	}
	shown := 0 // the first of them are; what is right stays right
	err := s.waitFor(burstTime, what, func(ctx waiting) error {
		return s.github.Await(ctx, func(v *emulator.View) bool {
			for shown < len(shas) && rightAt(v, shas[shown], args[1]) {
				shown++
			}
			return shown == len(shas)
		})
	})
	if err != nil {
		return err
	}
	for i, sha := range shas { // all of it, once more
		s.github.Look(func(v *emulator.View) {
			if !rightAt(v, sha, args[1]) || len(v.AllChecks(demoRepository, sha)) != 1 {
				err = fmt.Errorf("%s-%d: %+v %+v", args[0], i+1, v.Statuses(demoRepository, sha), v.AllChecks(demoRepository, sha))
			}
		})
	}
	return err
}

func rightAt(v *emulator.View, sha, state string) bool {
	statuses, checks := v.Statuses(demoRepository, sha), v.Checks(demoRepository, sha)
	return len(statuses) == 1 && statuses[0].State == state && len(checks) == 1 && checks[0].Conclusion == state
}
