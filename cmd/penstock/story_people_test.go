package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// pullRequest is one of:
//
//	pull open BRANCH [as LOGIN]                   its number is $pull
//	pull base BRANCH [as LOGIN]                   another base branch
//	pull close|reopen [N] [as LOGIN]
//	pull merge|squash|rebase NAME [as LOGIN]      NAME is the commit that comes of it
func (s *player) pullRequest(args []string) error {
	rest, by := clauses(args, "as", "on")
	number, err := s.numberOf(by)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 2 && rest[0] == "open":
		pull, err := s.github.OpenPullRequest(emulator.NewPullRequest{Repository: demoRepository, Title: rest[1], Head: rest[1], As: as(by)})
		if err == nil {
			s.number = pull.Number
			s.ts.Setenv("pull", strconv.Itoa(pull.Number))
		}
		return err
	case len(rest) == 2 && rest[0] == "base":
		return s.github.ChangeBase(demoRepository, number, rest[1], as(by))
	case len(rest) == 2 && (rest[0] == "label" || rest[0] == "unlabel"):
		return s.github.LabelPullRequest(demoRepository, number, rest[1], rest[0] == "label", as(by))
	case len(rest) == 1 && (rest[0] == "draft" || rest[0] == "ready"):
		return s.github.SetDraft(demoRepository, number, rest[0] == "draft", as(by))
	case len(rest) == 2 && rest[0] == "queue":
		sha, err := s.github.AddToMergeQueue(demoRepository, number, as(by))
		if err == nil {
			s.named(rest[1], sha)
		}
		return err
	case len(rest) == 1 && rest[0] == "dequeue":
		return s.github.DestroyMergeGroup(demoRepository, "dequeued", as(by))
	case len(rest) == 1 && rest[0] == "close":
		return s.github.ClosePullRequest(demoRepository, number, as(by))
	case len(rest) == 1 && rest[0] == "reopen":
		return s.github.ReopenPullRequest(demoRepository, number, as(by))
	case len(rest) == 2 && (rest[0] == emulator.MergeCommit || rest[0] == emulator.MergeSquash || rest[0] == emulator.MergeRebase):
		sha, err := s.github.Merge(demoRepository, number, rest[0], as(by))
		if err == nil {
			s.named(rest[1], sha)
		}
		return err
	}
	return errors.New("pull open BRANCH | base BRANCH | label NAME | unlabel NAME | draft | ready | queue NAME | dequeue | close | reopen | merge NAME | squash NAME | rebase NAME")
}

// numberOf is the pull request of a clause; the one opened last unless said
// otherwise.
func (s *scene) numberOf(by map[string]string) (int, error) {
	if by["on"] == "" {
		return s.number, nil
	}
	return strconv.Atoi(by["on"])
}

// comment 'BODY' | file FILE [as LOGIN] [on N]
func (s *player) comment(args []string) error {
	rest, by := clauses(args, "as", "on")
	number, err := s.numberOf(by)
	if err != nil {
		return err
	}
	body := strings.Join(rest, " ")
	switch {
	case len(rest) == 2 && rest[0] == "file":
		body = s.ts.ReadFile(rest[1])
	case len(rest) != 1:
		return errors.New("comment 'BODY' | file FILE [as LOGIN] [on N]")
	}
	s.scene.comment, err = s.github.Comment(demoRepository, number, as(by), body)
	return err
}

// edit 'BODY' [as LOGIN]
//
// changes the last comment; octocat, who may, does it unless said otherwise.
func (s *player) edit(args []string) error {
	rest, by := clauses(args, "as")
	if len(rest) != 1 {
		return errors.New("edit 'BODY' [as LOGIN]")
	}
	return s.github.EditComment(s.scene.comment.ID, as(by), rest[0])
}

// erase [as LOGIN]
//
// deletes the last comment.
func (s *player) erase(args []string) error {
	rest, by := clauses(append([]string{""}, args...), "as")
	if len(rest) != 1 {
		return errors.New("erase [as LOGIN]")
	}
	return s.github.DeleteComment(s.scene.comment.ID, as(by))
}

// click BUTTON COMMIT 'CHECK' [as LOGIN]
func (s *player) click(args []string) error {
	rest, by := clauses(args, "as")
	if len(rest) != 3 {
		return errors.New("click BUTTON COMMIT 'CHECK' [as LOGIN]")
	}
	check, err := s.check(rest[1], rest[2])
	if err != nil {
		return err
	}
	return s.github.ClickCheckAction(check.ID, rest[0], as(by))
}

// rerun COMMIT ['CHECK'] [as LOGIN]
//
// presses Re-run on a check, or on all checks of a commit.
func (s *player) rerun(args []string) error {
	rest, by := clauses(args, "as")
	switch len(rest) {
	case 1:
		sha, err := s.sha(rest[0])
		if err != nil {
			return err
		}
		for _, suite := range s.github.Suites(demoRepository, sha) {
			if err := s.github.RerequestCheckSuite(suite, as(by)); err != nil {
				return err
			}
		}
		return nil
	case 2:
		check, err := s.check(rest[0], rest[1])
		if err != nil {
			return err
		}
		return s.github.RerequestCheckRun(check.ID, as(by))
	}
	return errors.New("rerun COMMIT ['CHECK'] [as LOGIN]")
}

// check finds the newest check run of a name.
func (s *scene) check(commit, name string) (check emulator.CheckRun, err error) {
	sha, err := s.sha(commit)
	if err != nil {
		return check, err
	}
	found := false
	s.github.Look(func(v *emulator.View) { check, found = v.Check(demoRepository, sha, name) })
	if !found {
		return check, fmt.Errorf("%s has no check %q", commit, name)
	}
	return check, nil
}

// fork as LOGIN
func (s *player) fork(args []string) error {
	if len(args) != 2 || args[0] != "as" {
		return errors.New("fork as LOGIN")
	}
	_, err := s.github.Fork(demoRepository, args[1])
	return err
}
