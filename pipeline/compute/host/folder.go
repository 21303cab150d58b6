package host

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

// folder is the path of a task's folder; doc.go tells what is in it.
type folder string

func (h *Host) folder(id string) folder { return folder(filepath.Join(h.opt.Dir, id)) }

func (f folder) path(name string) string { return filepath.Join(string(f), name) }
func (f folder) result() string          { return f.path("result") }
func (f folder) work() string            { return f.path("work") }

func (f folder) has(name string) bool {
	_, err := os.Lstat(f.path(name))
	return err == nil
}

// claimed reports whether the commands have been started, now or ever.
func (f folder) claimed() bool { return f.has("output") }

// unfinished reports whether commands may be running, or their end is not told.
func (f folder) unfinished() bool { return f.claimed() && !f.has("result") }

// input is where an artifact that is not the working folder is unpacked.
func (f folder) input(artifact string) string {
	return filepath.Join(f.path("inputs"), variableSuffix(artifact))
}

// record is what is kept of a task: everything but its environment, which may
// hold what must not be on disk.
type record struct {
	V    int          `json:"v"`
	Task compute.Task `json:"task"`
}

func (f folder) create(spec compute.Task) error {
	if err := os.Mkdir(string(f), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	spec.Environment = nil
	return f.writeJSON("task.json", record{1, spec})
}

func (f folder) spec() (compute.Task, error) {
	var r record
	err := f.readJSON("task.json", &r)
	return r.Task, err
}

// outcome is the answer of Poll after the end.
type outcome struct {
	V      int            `json:"v"`
	Status compute.Status `json:"status"`
}

func (f folder) writeJSON(name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.path(name+".tmp"), text, 0o600); err != nil {
		return err
	}
	return os.Rename(f.path(name+".tmp"), f.path(name))
}

func (f folder) readJSON(name string, value any) error {
	text, err := os.ReadFile(f.path(name))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}

func (f folder) markStop() error {
	if err := os.Mkdir(string(f), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	file, err := os.OpenFile(f.path("stop"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// lock takes the task's lock, or returns nil if a supervisor holds it.
func (f folder) lock() (*os.File, error) {
	file, err := os.OpenFile(f.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, err
	}
	return file, nil
}

// supervised reports whether somebody holds the lock. It looks through a
// read-only descriptor: the watcher takes no notice when that is closed.
func (f folder) supervised() (bool, error) {
	file, err := os.Open(f.path("lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	err = unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

// trashPrefix names folders that are on their way out.
const trashPrefix = "trash-"

// discard makes the folder unfindable at once; removing it may take a while.
func (f folder) discard() (string, error) {
	trash := filepath.Join(filepath.Dir(string(f)), trashPrefix+filepath.Base(string(f)))
	err := os.Rename(string(f), trash)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTEMPTY) {
		if err = removeAll(trash); err == nil {
			err = os.Rename(string(f), trash)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return trash, err
}

// removeAll removes a folder that a task has written, and so may hold folders
// that their owner may not write.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	filepath.WalkDir(dir, func(at string, entry fs.DirEntry, _ error) error {
		if entry != nil && entry.IsDir() {
			os.Chmod(at, 0o700) // a folder, not a link: WalkDir does not follow
		}
		return nil
	})
	return os.RemoveAll(dir)
}

// variableSuffix turns an artifact's name into the end of a variable's name.
func variableSuffix(name string) string {
	return strings.Map(func(c rune) rune {
		if c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return c
		}
		return '_'
	}, name)
}
