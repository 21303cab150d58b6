package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// awaitTime is how long a story waits for anything. It is reached only when
// something is wrong.
const awaitTime = 20 * time.Second

type waiting = context.Context

// wait calls what waits; an error tells all that can be seen from outside.
func (s *player) wait(what string, f func(waiting) error) error { return s.waitFor(awaitTime, what, f) }

func (s *player) waitFor(most time.Duration, what string, f func(waiting) error) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), most, fmt.Errorf("not within %s", most))
	defer cancel()
	if p := s.server; p != nil { // nothing comes from a server that has ended
		ended, end := context.WithCancelCause(ctx)
		defer end(nil)
		go func() {
			select {
			case <-p.exited:
				end(fmt.Errorf("the server has ended: %v", p.err))
			case <-ended.Done():
			}
		}()
		ctx = ended
	}
	if err := f(ctx); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("waiting for %s: %w\n%s", what, err, s.all())
	}
	return nil
}

// show waits until GitHub shows something.
func (s *player) show(what string, condition func(*emulator.View) bool) error {
	return s.wait(what, func(ctx waiting) error { return s.github.Await(ctx, condition) })
}

// await waits for one of:
//
//	status COMMIT STATE ['description']
//	check COMMIT 'NAME' STATE ['title']       a conclusion, queued, or in_progress
//	comment ['text'] [on N]                   a comment of Penstock
//	deployment COMMIT ENVIRONMENT STATE
//	reaction CONTENT                          of Penstock, to the last comment
//	ring NAME [COUNT]
//	run 'text'                                a line of runs
//	accepted                                  every delivery has been answered
//	handled                                   the server has handled all that was delivered
//	log 'text'                                a line of the server's log
//	ready; unready 'text'                     what /readyz says
//	hanging                                   GitHub leaves a request without an answer
//	burst NAME STATE                          every commit of a burst, with status and check
//
// Texts are regular expressions.
func (s *player) await(args []string) error {
	if len(args) == 0 {
		return errors.New("await what?")
	}
	what, rest := strings.Join(args, " "), args[1:]
	switch kind := args[0]; {
	case kind == "status" && (len(rest) == 2 || len(rest) == 3):
		return s.awaitStatus(what, rest)
	case kind == "check" && (len(rest) == 3 || len(rest) == 4):
		return s.awaitCheck(what, rest)
	case kind == "comment":
		return s.awaitComment(what, rest)
	case kind == "deployment" && len(rest) == 3:
		return s.awaitDeployment(what, rest)
	case kind == "reaction" && len(rest) == 1:
		return s.show(what, func(v *emulator.View) bool {
			return slices.ContainsFunc(v.Reactions(s.scene.comment.ID), func(r emulator.Reaction) bool {
				return r.Content == rest[0] && r.User == s.app.Bot.Login
			})
		})
	case kind == "ring" && (len(rest) == 1 || len(rest) == 2):
		return s.awaitRing(what, rest)
	case kind == "run" && len(rest) == 1:
		return s.awaitRun(what, rest[0])
	case kind == "accepted" && len(rest) == 0:
		return s.show(what, func(v *emulator.View) bool {
			return !slices.ContainsFunc(v.Deliveries(), func(d emulator.Delivery) bool { return d.State != emulator.DeliveryDelivered })
		})
	case kind == "attempted" && len(rest) == 0:
		return s.show(what, func(v *emulator.View) bool { return v.PendingDeliveries() == 0 })
	case kind == "said" && len(rest) == 1:
		return s.wait(what, func(ctx waiting) error {
			return s.said.await(ctx, func(lines []string) bool {
				return slices.ContainsFunc(lines, func(line string) bool { return said(line).Msg == rest[0] })
			})
		})
	case kind == "burst" && len(rest) == 2:
		return s.awaitBurst(what, rest)
	case kind == "handled" && len(rest) == 0:
		return s.awaitHandled(what)
	case kind == "log" && len(rest) == 1:
		text, err := regexp.Compile(rest[0])
		if err != nil {
			return err
		}
		return s.wait(what, func(ctx waiting) error {
			return s.said.await(ctx, func(lines []string) bool { return slices.ContainsFunc(lines, text.MatchString) })
		})
	case kind == "ready" && len(rest) == 0, kind == "unready" && len(rest) == 1:
		words, err := text(rest, 0)
		if err != nil {
			return err
		}
		return s.awaitReady(what, kind, words)
	case kind == "hanging" && len(rest) == 0:
		return s.show(what, func(v *emulator.View) bool {
			return slices.ContainsFunc(v.Writes(), func(w emulator.Write) bool { return w.Status == 0 })
		})
	}
	return fmt.Errorf("await %s: nobody can wait for this", what)
}

// text compiles the last of some words, if it is there.
func text(args []string, at int) (*regexp.Regexp, error) {
	if len(args) <= at {
		return regexp.MustCompile(""), nil
	}
	return regexp.Compile(args[at])
}

func (s *player) awaitStatus(what string, args []string) error {
	sha, err := s.sha(args[0])
	if err != nil {
		return err
	}
	words, err := text(args, 2)
	if err != nil {
		return err
	}
	return s.show(what, func(v *emulator.View) bool {
		return slices.ContainsFunc(v.Statuses(demoRepository, sha), func(status emulator.Status) bool {
			return status.State == args[1] && words.MatchString(status.Description)
		})
	})
}

func (s *player) awaitCheck(what string, args []string) error {
	sha, err := s.sha(args[0])
	if err != nil {
		return err
	}
	words, err := text(args, 3)
	if err != nil {
		return err
	}
	return s.show(what, func(v *emulator.View) bool {
		check, ok := v.Check(demoRepository, sha, args[1])
		return ok && checkState(check) == args[2] && words.MatchString(check.Title)
	})
}

func (s *player) awaitComment(what string, args []string) error {
	args, by := clauses(append([]string{""}, args...), "on")
	number, err := s.numberOf(by)
	if err != nil {
		return err
	}
	words, err := text(args, 1)
	if err != nil {
		return err
	}
	return s.show(what, func(v *emulator.View) bool {
		return slices.ContainsFunc(v.Comments(demoRepository, number), func(c emulator.Comment) bool {
			return c.Author == s.app.Bot.Login && words.MatchString(c.Body)
		})
	})
}

func (s *player) awaitRing(what string, args []string) error {
	count := 1
	if len(args) == 2 {
		var err error
		if count, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	return s.wait(what, func(ctx waiting) error {
		return s.bell.rings.await(ctx, func(names []string) bool {
			rung := 0
			for _, name := range names {
				if name == args[0] {
					rung++
				}
			}
			return rung >= count
		})
	})
}

// awaitRun looks at the list of runs after everything that the server says.
func (s *player) awaitRun(what, words string) error {
	pattern, err := regexp.Compile(words)
	if err != nil {
		return err
	}
	return s.wait(what, func(ctx waiting) error {
		var failed error
		err := s.said.await(ctx, func([]string) bool {
			var lines []string
			lines, failed = s.runLines(ctx)
			return failed != nil || slices.ContainsFunc(lines, pattern.MatchString)
		})
		return errors.Join(err, failed)
	})
}

// awaitHandled waits until every delivery has been answered, and all that were
// taken have been worked on.
func (s *player) awaitHandled(what string) error {
	return s.wait(what, func(ctx waiting) error {
		var taken []string
		err := s.github.Await(ctx, func(v *emulator.View) bool {
			taken = taken[:0]
			for _, d := range v.Deliveries() {
				if d.State == emulator.DeliveryQueued {
					return false
				}
				if strings.TrimSpace(d.Response) == "received" {
					taken = append(taken, d.GUID)
				}
			}
			return true
		})
		if err != nil {
			return err
		}
		return s.said.await(ctx, func(lines []string) bool {
			handled := map[string]bool{}
			for _, line := range lines {
				if l := said(line); l.Msg == "delivery" {
					handled[l.Delivery] = true
				}
			}
			return !slices.ContainsFunc(taken, func(guid string) bool { return !handled[guid] })
		})
	})
}

// checkState is a check's conclusion, or its status until it has one.
func checkState(c emulator.CheckRun) string {
	if c.Status == "completed" {
		return c.Conclusion
	}
	return c.Status
}
