package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// disk is a small disk of the story's own, with the server's data folder on it. It
// is mounted where only the servers of the story see it: in the mounts of a process
// that does nothing else than to keep them.
type disk struct {
	keeper *exec.Cmd
	hands  io.WriteCloser // what the keeper is told to do
	says   *bufio.Scanner
	folder string // the data folder as servers see it
}

// mounts are the keeper's words. Each is answered with a line.
const mounts = `
mount -t tmpfs -o size="$2" tmpfs "$1" && echo ready || exit 1
while read word; do
	case $word in
	readonly) mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && echo done ;;
	writable) umount "$1" && echo done ;;
	esac || exit 1
done`

// newDisk mounts a disk of so many bytes ("24m") on a folder, with no other right
// than what everybody has who may make namespaces.
func newDisk(folder, size string) (*disk, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	d := &disk{keeper: exec.Command("sh", "-c", mounts, "sh", folder, size), folder: folder}
	own := func(id int) []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
	}
	d.keeper.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: own(os.Getuid()), GidMappings: own(os.Getgid()),
	}
	var trouble strings.Builder
	d.keeper.Stderr = &trouble
	hands, err := d.keeper.StdinPipe()
	if err != nil {
		return nil, err
	}
	says, err := d.keeper.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := d.keeper.Start(); err != nil {
		return nil, err
	}
	d.hands, d.says = hands, bufio.NewScanner(says)
	if !d.says.Scan() {
		d.close()
		return nil, errors.New(strings.TrimSpace(trouble.String()))
	}
	return d, nil
}

// tell has the keeper do something.
func (d *disk) tell(word string) error {
	if _, err := fmt.Fprintln(d.hands, word); err != nil {
		return err
	}
	if !d.says.Scan() {
		return fmt.Errorf("disk %s: it could not be mounted so", word)
	}
	return nil
}

// command is a program that sees the disk.
func (d *disk) command(dir, name string, args ...string) *exec.Cmd {
	enter := []string{"--target", fmt.Sprint(d.keeper.Process.Pid), "--user", "--preserve-credentials", "--mount", "--wd=" + dir, name}
	return exec.Command("nsenter", append(enter, args...)...)
}

// path is where everybody else finds what servers see as the data folder.
func (d *disk) path() string {
	return fmt.Sprintf("/proc/%d/root%s", d.keeper.Process.Pid, d.folder)
}

// fill leaves no room at all.
func (d *disk) fill() error {
	file, err := os.Create(filepath.Join(d.path(), "filler"))
	if err != nil {
		return err
	}
	defer file.Close()
	for _, size := range []int{1 << 20, 4096, 1} { // whole pages, then what is left of the last
		for piece := make([]byte, size); err == nil; {
			_, err = file.Write(piece)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		err = nil
	}
	return nil
}

func (d *disk) free() error { return os.Remove(filepath.Join(d.path(), "filler")) }

// close ends the keeper; the disk goes with the last process that sees it.
func (d *disk) close() {
	d.hands.Close()
	d.keeper.Process.Kill()
	d.keeper.Wait()
}

// disk SIZE; disk fill, free, readonly, writable
//
// The first comes before serve and gives the data folder a disk of its own.
func (s *player) disk(args []string) error {
	if len(args) != 1 || s.data == nil && s.server != nil {
		return errors.New("disk SIZE before serve, then fill, free, readonly, writable")
	}
	var err error
	switch {
	case s.data == nil:
		s.data, err = newDisk(s.ts.Getenv("PENSTOCK_DATA"), args[0])
	case args[0] == "fill":
		err = s.data.fill()
	case args[0] == "free":
		err = s.data.free()
	case args[0] == "readonly" || args[0] == "writable":
		err = s.data.tell(args[0])
	default:
		err = fmt.Errorf("disk %s: no such word", args[0])
	}
	return err
}

// conditions are what a story can ask in brackets: [!disk] skip.
func conditions(name string) (bool, error) {
	if name != "disk" {
		return false, fmt.Errorf("nobody knows whether %s", name)
	}
	if os.Getenv("PENSTOCK_REQUIRE_BWRAP") == "1" {
		return true, nil // where namespaces must work, a story without fails
	}
	folder, err := os.MkdirTemp("", "penstock-disk-")
	if err != nil {
		return false, err
	}
	defer os.Remove(folder)
	d, err := newDisk(folder, "1m")
	if err != nil {
		return false, nil
	}
	defer d.close()
	return d.command("/", "true").Run() == nil, nil
}

// jobs is the folder of the server's jobs as the story sees it.
func (s *scene) jobs() string {
	if s.data != nil {
		return filepath.Join(s.data.path(), "jobs")
	}
	return filepath.Join(s.dir, "data", "jobs")
}

// awaitReady asks until the server says that it is ready, or that it is not for a
// reason; nothing tells of a change.
func (s *player) awaitReady(what, want string, reason *regexp.Regexp) error {
	return s.wait(what, func(ctx waiting) error {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			code, body, err := s.readyz(ctx)
			if err == nil && (code == http.StatusOK) == (want == "ready") && reason.MatchString(body) {
				return nil
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("%d %s%v", code, body, err)
			}
		}
	})
}

func (s *player) readyz(ctx context.Context) (code int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.ts.Getenv("PENSTOCK_URL")+"/readyz", nil)
	if err != nil {
		return 0, "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}
