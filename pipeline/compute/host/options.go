package host

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/penstock-cd/penstock/pipeline/compute"
)

// Options are what a Host needs. Dir, Sources, Artifacts and Logs are required;
// every other zero value means its default.
type Options struct {
	Dir string // holds the folders of the tasks; made if it is not there

	Concurrency int // tasks at once; default: the number of cores

	// Sandbox runs tasks under bubblewrap. Without it, tasks can do whatever the
	// server's user can.
	Sandbox        bool
	BubblewrapPath string // default: bwrap in PATH
	// Hidden are files and folders that tasks must not see, besides Dir, /home,
	// /root, /run and the machine's /tmp.
	Hidden []string

	// ForkNetwork lets tasks from forks use the network, as all others do. They are
	// cut off from it otherwise: a stranger's commands could reach what listens on
	// this machine and around it.
	ForkNetwork bool

	Sources   compute.Sources
	Artifacts compute.Artifacts
	Logs      compute.Logs
	// OnChange is called after a task has changed its phase, without any lock
	// held. It must not block for long.
	OnChange func(taskID string)
	Logger   *slog.Logger     // default: none
	Now      func() time.Time // of log lines said by us; default: time.Now

	Path string // PATH of the tasks; default: the server's

	DefaultTimeout time.Duration // of the commands; default 55 minutes
	StopGrace      time.Duration // between TERM and KILL; default 10 s
	LogLimit       int64         // bytes of output kept per task, head and tail; default 100 MB
	// PrepareLimit is how long fetching inputs and storing outputs is tried again
	// while the other side cannot be reached; default 10 minutes. RetryDelay is
	// the first pause, which doubles up to 30 s; default 500 ms.
	PrepareLimit time.Duration
	RetryDelay   time.Duration
	GitPath      string         // default: git in PATH
	Limits       compute.Limits // of an input artifact, unpacked
}

// minLogLimit keeps the spool's files larger than its largest frame.
const minLogLimit = 1 << 20

func (o Options) withDefaults() (Options, error) {
	if o.Dir == "" || o.Sources == nil || o.Artifacts == nil || o.Logs == nil {
		return o, errors.New("host: Dir, Sources, Artifacts and Logs are needed")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return o, fmt.Errorf("host: %w", err)
	}
	dir, err := filepath.Abs(o.Dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return o, fmt.Errorf("host: %w", err)
	}
	o.Dir = dir
	def(&o.Concurrency, runtime.NumCPU())
	def(&o.BubblewrapPath, "bwrap")
	def(&o.GitPath, "git")
	def(&o.Logger, slog.New(slog.DiscardHandler))
	def(&o.Path, os.Getenv("PATH"))
	def(&o.DefaultTimeout, 55*time.Minute)
	def(&o.StopGrace, 10*time.Second)
	def(&o.LogLimit, 100<<20)
	def(&o.PrepareLimit, 10*time.Minute)
	def(&o.RetryDelay, 500*time.Millisecond)
	o.LogLimit = max(o.LogLimit, minLogLimit)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.OnChange == nil {
		o.OnChange = func(string) {}
	}
	return o, nil
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
