package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// supervisors lists the supervisors of this server's jobs that live: the process by
// the attempt.
func (h *house) supervisors() map[string]int {
	found := map[string]int{}
	for pid, args := range processes() {
		where, _ := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
		if args[0] == "penstock-supervisor" && len(args) > 1 && strings.HasPrefix(where, filepath.Join(h.data(), "jobs")+"/") {
			found[args[1]] = pid
		}
	}
	return found
}

// processes lists what runs on this machine, with its arguments.
func processes() map[int][]string {
	found := map[int][]string{}
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range names {
		text, err := os.ReadFile(name) // it may have ended
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err == nil && len(text) > 0 && pid > 0 {
			found[pid] = strings.Split(string(bytes.TrimRight(text, "\x00")), "\x00")
		}
	}
	return found
}

// killSupervisors waits a moment for supervisors and kills them; first the server,
// if it is to die with them.
func (s *storm) killSupervisors(serverToo bool) error {
	alive := s.supervisors()
	for until := time.Now().Add(300 * time.Millisecond); len(alive) == 0 && time.Now().Before(until); alive = s.supervisors() {
		time.Sleep(2 * time.Millisecond)
	}
	how := "supervisors killed"
	if serverToo {
		how = "supervisors killed with the server"
		if err := s.server.Process.Kill(); err != nil {
			return err
		}
	}
	for attempt, pid := range alive {
		switch err := syscall.Kill(pid, syscall.SIGKILL); {
		case errors.Is(err, syscall.ESRCH): // it has ended
		case err != nil:
			return fmt.Errorf("supervisor of %s: %w", attempt, err)
		default:
			s.sent[how]++
			s.killed[attempt] = true
		}
	}
	return nil
}

// lost: a build whose supervisor was killed says so, or had ended by then, and no
// other build says so. Nothing of any job is left.
func (c *checker) lost() {
	seen := map[string]bool{}
	for _, run := range c.runs {
		for _, stage := range run.Stages {
			for _, a := range stage.Actions {
				lost := strings.Contains(a.Summary, "the host lost this build")
				seen[a.ID] = true
				switch {
				case lost && !c.killed[a.ID]:
					c.wrong("%s: %s is lost, and nobody killed its supervisor", c.name(run), a.Name)
				case lost && (a.Status != pipeline.ActionFailed || a.FailureType != pipeline.SystemUnavailable):
					c.wrong("%s: %s was lost and is %s %s", c.name(run), a.Name, a.Status, a.FailureType)
				case c.killed[a.ID] && !a.Status.Ended():
					c.wrong("%s: the supervisor of %s was killed, and it is %s", c.name(run), a.Name, a.Status)
				}
				if lost {
					c.checked["lost builds are told"]++
				}
			}
		}
	}
	for attempt := range c.killed {
		if !seen[attempt] {
			c.wrong("the supervisor of %s was killed, and no run has such an attempt", attempt)
		}
	}
	if len(c.killed) == 0 || !c.sandboxed {
		return // without a sandbox what a job leaves behind is not contained
	}
	c.checked["nothing of a killed build lives"] = len(c.killed)
	for pid, args := range processes() {
		if slices.Equal(args, []string{"sleep", c.bell.sleeper()}) {
			c.wrong("process %d of a job has outlived it", pid)
		}
	}
}
