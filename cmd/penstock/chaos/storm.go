package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slack "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// storm is a load of pushes, pull requests, comments and clicks, trouble of GitHub,
// and the deaths of the server in between. What it does depends on its random
// numbers alone; what comes of it also on time.
type storm struct {
	*house
	random *rand.Rand
	sent   map[string]int
	n      int
	linked bool
	heads  map[string][]string // commits by "repository branch", oldest first

	slackTroubles []*slack.Injected
}

// blow kills the server again and again.
func (s *storm) blow(ctx context.Context, o options) error {
	s.heads = map[string][]string{}
	for kill := range o.kills {
		if err := s.start(); err != nil {
			return err
		}
		life := time.After(time.Duration(s.random.IntN(700)) * time.Millisecond)
		if s.random.IntN(4) == 0 { // within the first moments
			life = time.After(time.Duration(s.random.IntN(60)) * time.Millisecond)
		}
		s.trouble()
		s.slackTrouble()
		for living := true; living; {
			if err := s.act(); err != nil {
				return fmt.Errorf("kill %d: %w", kill, err)
			}
			select {
			case <-life:
				living = false
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(s.random.IntN(60)) * time.Millisecond):
			}
		}
		var signal os.Signal = syscall.SIGKILL
		together := kill%6 == 5 // the supervisors die with the server
		if s.random.IntN(10) == 0 && !together {
			signal = syscall.SIGTERM
		}
		s.sent["ends by "+signal.String()]++
		if together || kill%6 == 2 {
			if err := s.killSupervisors(together); err != nil {
				return fmt.Errorf("kill %d: %w", kill, err)
			}
		}
		if err := s.end(signal); err != nil {
			return fmt.Errorf("kill %d: %w", kill, err)
		}
		if o.progress != nil && (kill+1)%20 == 0 {
			fmt.Fprintf(o.progress, "chaos: %d of %d\n", kill+1, o.kills)
		}
	}
	return nil
}

// trouble switches some trouble of GitHub on, or off.
func (s *storm) trouble() {
	switch s.random.IntN(12) {
	case 0:
		s.sent["deliveries dropped"]++
		s.github.DropDeliveries(1 + s.random.IntN(4))
	case 1:
		s.sent["deliveries doubled"]++
		s.github.DuplicateDeliveries(1 + s.random.IntN(6))
	case 2:
		s.sent["deliveries delayed"]++
		s.github.DelayDeliveries(time.Duration(s.random.IntN(300)) * time.Millisecond)
	case 3:
		s.github.DelayDeliveries(0)
	case 4:
		s.sent["deliveries held"]++
		s.github.HoldDeliveries()
	case 5:
		s.sent["deliveries reordered"]++
		s.github.ReleaseReversed()
	case 6:
		s.inject("answers 500", emulator.ServerError(500))
	case 7:
		s.inject("answers 403", emulator.SecondaryLimit(time.Second))
	case 8:
		s.inject("answers 429", emulator.TooManyRequests(time.Second))
	case 9:
		s.inject("replies lost", emulator.LoseReply())
	}
}

func (s *storm) inject(name string, t emulator.Trouble) {
	s.sent[name]++
	s.github.Inject(emulator.Match{Count: 1 + s.random.IntN(3)}, t)
}

// act does one thing that a person might do.
func (s *storm) act() error {
	repository := s.repositories[s.random.IntN(len(s.repositories))]
	switch s.random.IntN(13) {
	case 10, 11, 12:
		return s.inSlack()
	case 0, 1, 2, 3:
		return s.push(repository)
	case 4:
		return s.openPull(repository)
	case 5, 6, 7:
		return s.comment(repository)
	case 8:
		return s.click(repository)
	}
	return s.closePull(repository)
}

func (s *storm) push(repository string) error {
	branch := []string{"main", "one", "two", "three"}[s.random.IntN(4)]
	key := repository + " " + branch
	s.n++
	change := emulator.Change{Repository: repository, Branch: branch, As: "octocat", Message: "change " + strconv.Itoa(s.n),
		Files: map[string]string{"change.txt": fmt.Sprintf("%d %s\n", s.n, []string{"good", "good", "bad"}[s.random.IntN(3)])}}
	kind := "pushes"
	if heads := s.heads[key]; len(heads) > 2 && s.random.IntN(6) == 0 {
		change.From, kind = heads[s.random.IntN(len(heads))], "forced pushes"
	}
	sha, err := s.github.Push(change)
	if err != nil {
		return fmt.Errorf("push to %s: %w", key, err)
	}
	s.sent[kind]++
	s.heads[key] = append(s.heads[key], sha)
	return nil
}

// branches of which there is a pull request are those below main.
func (s *storm) openPull(repository string) error {
	branch := []string{"one", "two", "three"}[s.random.IntN(3)]
	if len(s.heads[repository+" "+branch]) == 0 {
		return nil
	}
	_, err := s.github.OpenPullRequest(emulator.NewPullRequest{Repository: repository, Title: branch, Head: branch, As: "octocat"})
	if err == nil {
		s.sent["pull requests opened"]++
	}
	return nil // it may be open already
}

func (s *storm) pull(repository string) (emulator.PullRequest, bool) {
	pulls := s.github.PullRequests(repository)
	if len(pulls) == 0 {
		return emulator.PullRequest{}, false
	}
	return pulls[s.random.IntN(len(pulls))], true
}

func (s *storm) comment(repository string) error {
	p, ok := s.pull(repository)
	if !ok {
		return nil
	}
	bodies := []string{"/approve", "/approve looks good", "/reject not today", "/retry", "/stop", "/stop abandon", "just words", "/approve\n/retry"}
	body, login := bodies[s.random.IntN(len(bodies))], []string{"octocat", "hubot", "monalisa"}[s.random.IntN(3)]
	s.sent["comments"]++
	_, err := s.github.Comment(repository, p.Number, login, body)
	return err
}

// click presses a button of a gate's check.
func (s *storm) click(repository string) error {
	p, ok := s.pull(repository)
	if !ok {
		return nil
	}
	for _, check := range s.github.Checks(repository, p.HeadSHA) {
		if len(check.Actions) > 0 {
			s.sent["clicks"]++
			return s.github.ClickCheckAction(check.ID, check.Actions[s.random.IntN(len(check.Actions))].Identifier, "hubot")
		}
	}
	return nil
}

func (s *storm) closePull(repository string) error {
	p, ok := s.pull(repository)
	switch {
	case !ok || p.Merged:
		return nil
	case p.State == "open":
		s.sent["pull requests closed"]++
		return s.github.ClosePullRequest(repository, p.Number, "octocat")
	}
	if s.github.ReopenPullRequest(repository, p.Number, "octocat") == nil {
		s.sent["pull requests reopened"]++
	}
	return nil // its branch may have another one
}
