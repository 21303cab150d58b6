package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a running `penstock serve`.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended and all of its log is read
	err    error         // how it ended, once exited is closed
}

// endTime is what a server promises to need at most when it is told to end.
const endTime = 10 * time.Second

// settings of a server; a script changes them with env.
func (s *player) settings() []string {
	var env []string
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "GORACE",
		"PENSTOCK_LISTEN", "PENSTOCK_URL", "PENSTOCK_DATA", "PENSTOCK_ALLOW",
		"PENSTOCK_GITHUB_APP_ID", "PENSTOCK_GITHUB_WEBHOOK_SECRET", "PENSTOCK_GITHUB_WEBHOOK_SECRET_FILE", "PENSTOCK_GITHUB_PRIVATE_KEY_FILE", "PENSTOCK_GITHUB_API_URL",
		"PENSTOCK_HOST_UNSANDBOXED", "PENSTOCK_HOST_FORK_NETWORK", "PENSTOCK_HOST_CONCURRENCY", "PENSTOCK_COMMAND_PREFIX", "PENSTOCK_GITHUB_POLL",
		"STORY_SECRET",
		"PENSTOCK_GITHUB_CONTENT_LIMITS", "PENSTOCK_GITHUB_POINT_LIMITS",
		"PENSTOCK_GITHUB_CLIENT_ID", "PENSTOCK_GITHUB_CLIENT_SECRET_FILE",
		"PENSTOCK_SLACK_BOT_TOKEN", "PENSTOCK_SLACK_BOT_TOKEN_FILE", "PENSTOCK_SLACK_APP_TOKEN", "PENSTOCK_SLACK_APP_TOKEN_FILE",
		"PENSTOCK_SLACK_SIGNING_SECRET", "PENSTOCK_SLACK_SIGNING_SECRET_FILE", "PENSTOCK_SLACK_API_URL",
		"PENSTOCK_SLACK_MATCH_BY_EMAIL", "PENSTOCK_SLACK_DIRECT_MESSAGES",
	} {
		if value := s.ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	if s.ts.Getenv("PENSTOCK_GITHUB_APP_ID") != "" && s.ts.Getenv("PENSTOCK_GITHUB_PRIVATE_KEY_FILE") == "" { // the key of that app, which no log of a test shows
		env = append(env, "PENSTOCK_GITHUB_PRIVATE_KEY="+string(s.app.PrivateKey))
	}
	return env
}

// serve
//
// starts the server and returns when it serves. With "!" it must refuse to, and
// what it says is printed as standard error; another one may be running.
func (s *player) serve(args []string) error {
	if len(args) > 0 || s.server != nil && !s.no {
		return errors.New("serve: there is a server already, and it takes no words")
	}
	seen := len(s.said.all())
	p, err := s.start()
	if err != nil {
		return err
	}
	if before := s.server; s.no {
		defer func() { s.server = before }()
	}
	s.server = p
	err = s.wait("the server to serve", func(ctx waiting) error {
		return s.said.await(ctx, func(lines []string) bool {
			return slices.ContainsFunc(lines[seen:], func(line string) bool { return said(line).Msg == "serving" })
		})
	})
	if s.no {
		return errors.Join(err, p.kill())
	}
	return err
}

// start starts a process whose log goes to the story's journal.
func (s *player) start() (*process, error) {
	name, err := exec.LookPath("penstock") // the one that TestMain has made
	if err != nil {
		return nil, err
	}
	args := []string{"serve"}
	if config := s.ts.Getenv("CONFIG"); config != "" {
		args = append(args, "--config", s.ts.MkAbs(config))
	}
	cmd := exec.Command(name, args...)
	if s.data != nil {
		cmd = s.data.command(s.dir, name, args...)
	}
	cmd.Dir, cmd.Env = s.dir, s.settings()
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, exited: make(chan struct{})}
	go func() {
		lines := bufio.NewScanner(log)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			s.said.add(lines.Text())
		}
		p.err = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// logLine is a line of the server's log.
type logLine struct {
	Msg, Delivery, Event, Status, Note string
}

func said(line string) (l logLine) {
	if json.Unmarshal([]byte(line), &l) != nil {
		l.Msg = line
	}
	return l
}

func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.exited
	return nil
}

// crash [everything]
//
// is the sudden death of the server (SIGKILL); with everything, also of the
// supervisors of its jobs, as when the machine loses power.
func (s *player) crash(args []string) error {
	if s.server == nil {
		return errors.New("crash: no server runs")
	}
	err := s.server.kill()
	s.server = nil
	if err != nil || len(args) == 0 {
		return err
	}
	jobs := s.jobs()
	folders, err := filepath.Glob("/proc/[0-9]*/cwd")
	for _, folder := range folders {
		where, _ := os.Readlink(folder)
		name, _ := os.ReadFile(filepath.Join(filepath.Dir(folder), "cmdline"))
		if !strings.HasPrefix(where, jobs+"/") || !strings.HasPrefix(string(name), "penstock-supervisor\x00") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return err
		}
	}
	awaitSupervisors(jobs)
	return err
}

// terminate
//
// asks the server to end (SIGTERM); it must do so in peace, within ten seconds.
func (s *player) terminate([]string) error {
	p := s.server
	if p == nil {
		return errors.New("terminate: no server runs")
	}
	s.server = nil
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	timer := time.NewTimer(endTime)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		return errors.Join(fmt.Errorf("the server has not ended within %s", endTime), p.kill())
	}
	if p.err != nil {
		return fmt.Errorf("the server has not ended in peace: %w", p.err)
	}
	return nil
}

// storyAddress is a loopback address of the story's own, so that nobody else
// takes its port while the server is down.
func storyAddress() (string, error) {
	host := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
	listener, err := net.Listen("tcp", host+":0")
	if err != nil { // not every system has more than one
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// sandboxWorks reports whether bubblewrap isolates here.
func sandboxWorks() bool {
	return exec.Command("bwrap", "--unshare-user-try", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true").Run() == nil
}

// awaitSupervisors returns when no job of a data folder runs any longer: each of
// them holds a lock until its end.
func awaitSupervisors(jobs string) {
	locks, _ := filepath.Glob(filepath.Join(jobs, "*", "lock"))
	for _, name := range locks {
		lock, err := os.Open(name)
		if err != nil {
			continue // its job has been tidied away
		}
		syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
		lock.Close()
	}
}

// Everything that a test of this package starts as penstock is penstock.
func TestBinaryIsPenstock(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("penstock", "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "penstock ") {
		t.Errorf("penstock version: %q, %v", out, err)
	}
}
