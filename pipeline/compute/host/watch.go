package host

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// watcher learns from the kernel what happens in the folders of running tasks:
// one descriptor and one goroutine for all of them.
type watcher struct {
	file *os.File
	fd   int
	done chan struct{}

	mu    sync.Mutex
	tasks map[int32]*task
}

func newWatcher() (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("host: watch folders: %w", err)
	}
	w := &watcher{file: os.NewFile(uintptr(fd), "inotify"), fd: fd, done: make(chan struct{}), tasks: map[int32]*task{}}
	go w.loop()
	return w, nil
}

func (w *watcher) close() error {
	err := w.file.Close()
	<-w.done
	return err
}

// add watches a task's folder until the returned function is called.
func (w *watcher) add(t *task) (remove func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wd, err := unix.InotifyAddWatch(w.fd, string(t.folder), unix.IN_MODIFY|unix.IN_MOVED_TO|unix.IN_CLOSE_WRITE|unix.IN_ONLYDIR)
	if err != nil {
		return nil, fmt.Errorf("watch folder: %w", err)
	}
	w.tasks[int32(wd)] = t
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.tasks, int32(wd))
		unix.InotifyRmWatch(w.fd, uint32(wd)) // fails if the folder is gone: then there is none
	}, nil
}

func (w *watcher) loop() {
	defer close(w.done)
	buffer := make([]byte, 64<<10)
	for {
		n, err := w.file.Read(buffer)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return
		}
		w.mu.Lock()
		for rest := buffer[:n]; len(rest) >= unix.SizeofInotifyEvent; {
			wd := int32(binary.NativeEndian.Uint32(rest))
			mask := binary.NativeEndian.Uint32(rest[4:])
			size := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(rest[12:]))
			name := strings.TrimRight(string(rest[unix.SizeofInotifyEvent:size]), "\x00")
			rest = rest[size:]
			w.tell(wd, mask, name)
		}
		w.mu.Unlock()
	}
}

// tell passes an event on to the goroutine of its task. The supervisor is the
// only one who keeps the lock file open for writing: that it is closed means
// that the supervisor is gone.
func (w *watcher) tell(wd int32, mask uint32, name string) {
	if mask&unix.IN_Q_OVERFLOW != 0 {
		for _, t := range w.tasks {
			signal(t.output)
			signal(t.over)
		}
		return
	}
	t := w.tasks[wd]
	switch {
	case t == nil:
	case name == "output" || strings.HasPrefix(name, "tail."):
		signal(t.output)
	case name == "status" && mask&unix.IN_MOVED_TO != 0, name == "lock" && mask&unix.IN_CLOSE_WRITE != 0:
		signal(t.over)
	}
}
