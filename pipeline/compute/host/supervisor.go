package host

// #cgo CFLAGS: -std=gnu11 -Wall -Wextra
import "C"

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// supervisorName is what our binary is called when it is to be the supervisor;
// supervisor.c looks for it before the Go runtime starts.
const supervisorName = "penstock-supervisor"

// supervise starts the supervisor of a prepared task and hands it the lock.
// Whether it then runs the commands is told by the task's folder alone.
func (h *Host) supervise(t *task, lock *os.File) error {
	inside := h.inside(t.folder)
	env := h.environment(t.Task, inside)
	argv := []string{"/bin/sh", inside.path("script")}
	files := []*os.File{lock, nil}
	if h.sandbox != nil {
		if h.sandbox.missing != nil {
			return h.sandbox.missing
		}
		inside, err := memoryFile(h.sandbox.arguments(t.folder, inside, env, t.Revision.Fork && !h.opt.ForkNetwork))
		if err != nil {
			return err
		}
		defer inside.Close()
		files = append(files, inside)
		argv = append([]string{h.sandbox.path, "--args", "5", "--"}, argv...)
		env = nil
	}
	config, err := memoryFile(h.configuration(t, argv, env))
	if err != nil {
		return err
	}
	defer config.Close()
	files[1] = config
	// The id is for people who look at the list of processes.
	cmd := &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{supervisorName, t.ID}, Dir: string(t.folder),
		Env: []string{}, ExtraFiles: files,
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	go func() {
		if err := cmd.Wait(); err != nil {
			h.opt.Logger.Error("the supervisor of a task has failed", "task", t.ID, "error", err)
		}
		signal(t.over)
	}()
	return nil
}

// configuration is what supervisor.c reads in read_config.
func (h *Host) configuration(t *task, argv, env []string) []string {
	timeout := t.Timeout
	if timeout <= 0 {
		timeout = h.opt.DefaultTimeout
	}
	head, tail := h.opt.LogLimit/2, h.opt.LogLimit/4
	list := []string{
		"1", strconv.FormatInt(timeout.Milliseconds(), 10), strconv.FormatInt(h.opt.StopGrace.Milliseconds(), 10),
		strconv.FormatInt(head, 10), strconv.FormatInt(tail, 10), flag(h.sandbox != nil), flag(len(t.OutputVariables) > 0), t.folder.work(),
	}
	list = append(list, strconv.Itoa(len(argv)))
	list = append(list, argv...)
	list = append(list, strconv.Itoa(len(env)))
	return append(list, env...)
}

func flag(set bool) string {
	if set {
		return "1"
	}
	return "0"
}

// memoryFile holds strings, each ended by a zero byte, in memory only.
func memoryFile(list []string) (*os.File, error) {
	fd, err := unix.MemfdCreate("penstock", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memory file: %w", err)
	}
	file := os.NewFile(uintptr(fd), "memory")
	if _, err := file.WriteString(strings.Join(list, "\x00") + "\x00"); err != nil {
		file.Close()
		return nil, fmt.Errorf("memory file: %w", err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		file.Close()
		return nil, fmt.Errorf("memory file: %w", err)
	}
	return file, nil
}
