package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// status is what the supervisor writes when it ends.
type status struct {
	reason string // exited, stopped, timedout, terminated, unstarted
	code   int    // exit code, 128 + signal, or errno if unstarted
	step   int    // the last command begun; one more: all are done
	lost   int64  // bytes that found no room on the disk
}

func (f folder) status() (status, error) {
	var s status
	file, err := os.Open(f.path("status"))
	if err != nil {
		return s, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), " ")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch key {
		case "reason":
			s.reason = value
		case "code":
			s.code = int(n)
		case "step":
			s.step = int(n)
		case "lost":
			s.lost = n
		}
	}
	if s.reason == "" {
		return s, fmt.Errorf("%s is damaged", f.path("status"))
	}
	return s, nil
}

// finish turns the end of the commands into the end of the task.
func (h *Host) finish(ctx context.Context, t *task, covered int64) {
	s, err := t.folder.status()
	switch {
	case err == nil:
	case !errors.Is(err, fs.ErrNotExist):
		h.fail(t, err, covered)
		return
	case t.folder.claimed():
		h.end(t, failed(pipeline.SystemUnavailable, "the host lost this build: its supervisor is gone and has not said how it ended"), covered)
		return
	default:
		h.end(t, stopped("stopped before it started"), covered)
		return
	}
	if s.lost > 0 {
		t.say(h, fmt.Sprintf("%d bytes of output are missing: the disk was full", s.lost))
	}
	if s.reason != "exited" || s.code != 0 {
		h.end(t, h.verdict(t, s), covered)
		return
	}
	h.succeed(ctx, t, covered)
}

// verdict says why commands that did not succeed have ended.
func (h *Host) verdict(t *task, s status) compute.Status {
	var end compute.Status
	switch {
	case s.reason == "stopped":
		end = stopped("stopped")
	case s.reason == "timedout":
		timeout := t.Timeout
		if timeout <= 0 {
			timeout = h.opt.DefaultTimeout
		}
		end = failed(pipeline.TimedOut, fmt.Sprintf("%s took too long: the limit is %s", t.step(s.step), timeout))
	case s.reason == "terminated":
		end = failed(pipeline.SystemUnavailable, "the host was shut down while the commands ran")
	case s.reason == "unstarted":
		return failed(pipeline.SystemUnavailable, "the commands could not be started: "+syscall.Errno(s.code).Error())
	case s.step == 0:
		end = failed(pipeline.SystemUnavailable, "the commands could not be started: see the end of the log")
	default:
		end = failed(pipeline.JobFailed, t.redactor.String(fmt.Sprintf("%s exited with %d: %s", t.step(s.step), s.code, t.command(s.step))))
	}
	end.ExitCode = s.code
	return end
}

func (t *task) step(n int) string {
	return fmt.Sprintf("command %d of %d", max(1, min(n, len(t.Commands))), len(t.Commands))
}

// command is the first line of a command, short enough for a summary.
func (t *task) command(n int) string {
	if n < 1 || n > len(t.Commands) {
		return ""
	}
	line, rest, _ := strings.Cut(strings.TrimSpace(t.Commands[n-1]), "\n")
	runes := []rune(line)
	if len(runes) > 120 || rest != "" {
		return string(runes[:min(120, len(runes))]) + " ..."
	}
	return line
}

// succeed reads the variables and stores the output artifacts.
func (h *Host) succeed(ctx context.Context, t *task, covered int64) {
	variables, err := t.folder.variables(t.OutputVariables)
	if err != nil {
		h.fail(t, err, covered)
		return
	}
	if text := missing(t.OutputVariables, variables); text != "" {
		t.say(h, text)
	}
	end := ended(pipeline.ActionSucceeded, "", "succeeded")
	for name, value := range variables {
		variables[name] = t.redactor.String(value)
	}
	end.Variables = variables
	if len(t.Outputs) > 0 {
		h.setPhase(t, compute.Uploading)
		if end.Artifacts, err = h.upload(ctx, t); err != nil {
			h.fail(t, err, covered)
			return
		}
	}
	h.end(t, end, covered)
}
