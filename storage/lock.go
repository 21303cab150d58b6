package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// lockName is the file in the data folder whose lock is held while a process
// works with it.
const lockName = "penstock.lock"

// inheritedFor is how long a lock is waited for whose holder is dead: a child that
// it had just forked holds it too, until it becomes another program.
const inheritedFor = 5 * time.Second

func takeLock(f *os.File) error {
	for until := time.Now().Add(inheritedFor); ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || holderLives(f) || time.Now().After(until) {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// holderLives reports whether the process that says it holds the lock is there.
func holderLives(f *os.File) bool {
	pid, err := strconv.Atoi(holder(f))
	return err != nil || syscall.Kill(pid, 0) != syscall.ESRCH
}

// holder is the number that the holder has left, or empty.
func holder(f *os.File) string {
	text := make([]byte, 32)
	n, _ := f.ReadAt(text, 0) // a courtesy; without it the sentence still stands
	return strings.TrimSpace(string(text[:n]))
}

// lockFolder takes the folder for this process, until the file is closed or the
// process ends. Kind Conflict if another process has it.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, syscall.EROFS) {
		return nil, pipeline.Errorf(pipeline.Unavailable, "data folder %s is on a disk that is read-only: a server keeps everything there; "+
			"make it writable (a disk with errors is mounted read-only: see dmesg), or set PENSTOCK_DATA to another folder", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("data folder %s: lock: %w", dir, err)
	}
	err = takeLock(f)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		by := "another Penstock"
		if pid := holder(f); pid != "" {
			by += " (process " + pid + ")"
		}
		f.Close()
		return nil, pipeline.Errorf(pipeline.Conflict, "data folder %s is in use by %s: two servers cannot share one data folder", dir, by)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("data folder %s: lock: %w", dir, err)
	}
	if err := f.Truncate(0); err == nil {
		f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // as above: a courtesy
	}
	return f, nil
}
