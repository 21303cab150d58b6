package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/penstock-cd/penstock/pipeline"
)

// lockName is the file in the data folder whose lock is held while a process
// works with it.
const lockName = "penstock.lock"

// lockFolder takes the folder for this process, until the file is closed or the
// process ends. Kind Conflict if another process has it.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: lock: %w", dir, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder := make([]byte, 32)
		n, _ := f.ReadAt(holder, 0) // the number is a courtesy; without it the sentence still stands
		f.Close()
		by := "another Penstock"
		if pid := strings.TrimSpace(string(holder[:n])); pid != "" {
			by += " (process " + pid + ")"
		}
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
