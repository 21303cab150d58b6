package host

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// sandbox knows how to call bubblewrap. The task gets its own process, user, IPC
// and host name spaces, shares the network unless it comes from a fork, and sees
// the machine's files read-only, without those that are none of its business.
type sandbox struct {
	path    string
	missing error // bubblewrap is not there
	dir     string
	hidden  []string
}

func newSandbox(opt Options) (*sandbox, error) {
	s := &sandbox{dir: opt.Dir}
	path, err := exec.LookPath(opt.BubblewrapPath)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		s.missing = failure(pipeline.SystemUnavailable, "bubblewrap is not there: %v", err)
	}
	s.path = path
	for _, hidden := range opt.Hidden {
		path, err := filepath.Abs(hidden)
		if err != nil || hidden == "" || path == "/" {
			return nil, fmt.Errorf("host: %q cannot be hidden: not a path below /", hidden)
		}
		s.hidden = append(s.hidden, path)
	}
	return s, nil
}

// inside is where a task finds its folder: under a sandbox in the same place for
// all of them, so that what compilers write down of it is the same in every run.
func (h *Host) inside(f folder) folder {
	if info, err := os.Lstat("/run"); h.sandbox == nil || err != nil || !info.IsDir() {
		return f
	}
	return "/run/penstock" // /run is always covered
}

// arguments are bubblewrap's, without the command. alone cuts the task off from
// every network, the machine's own loopback too. What is hidden is looked up
// anew each time, because files come and go.
func (s *sandbox) arguments(f, inside folder, env []string, alone bool) []string {
	args := []string{
		"--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
		"--die-with-parent", "--new-session", "--cap-drop", "ALL",
		"--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
	}
	if alone {
		args = append(args, "--unshare-net")
	}
	// The machine's temporary folders are replaced by the task's own, on disk: one
	// in memory could be filled by one task for all.
	for _, tmp := range temporary() {
		args = append(args, "--bind", f.path("tmp"), tmp)
	}
	folders, files := s.unseen()
	for _, dir := range folders {
		args = append(args, "--tmpfs", dir)
	}
	for _, file := range files {
		args = append(args, "--ro-bind", "/dev/null", file)
	}
	// Names are often looked up through a file below /run.
	if resolver, err := filepath.EvalSymlinks("/etc/resolv.conf"); err == nil && covered(resolver, folders) {
		args = append(args, "--ro-bind", resolver, resolver)
	}
	args = append(args, "--ro-bind", f.path("script"), inside.path("script"))
	for _, own := range []string{"work", "home", "inputs"} {
		args = append(args, "--bind-try", f.path(own), inside.path(own)) // without inputs, there is no folder for them
	}
	for _, dir := range folders {
		args = append(args, "--remount-ro", dir)
	}
	args = append(args, "--chdir", inside.work(), "--clearenv")
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		args = append(args, "--setenv", name, value)
	}
	return args
}

// unseen lists what is covered: folders, outermost only, and files.
func (s *sandbox) unseen() (folders, files []string) {
	var real []string
	for _, path := range append([]string{"/run", "/home", "/root", s.dir}, s.hidden...) {
		if path, err := filepath.EvalSymlinks(path); err == nil {
			real = append(real, path)
		}
	}
	for _, path := range s.hidden {
		if parent, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil && parent != "/" && onlyHidden(parent, real) {
			real = append(real, parent)
		}
	}
	slices.Sort(real) // what is above comes before what is below
	for _, path := range slices.Compact(real) {
		info, err := os.Stat(path)
		if err != nil || covered(path, folders) || covered(path, temporary()) {
			continue
		}
		if info.IsDir() {
			folders = append(folders, path)
		} else {
			files = append(files, path)
		}
	}
	return folders, files
}

// onlyHidden reports whether all entries of a folder are hidden. Such a folder is
// covered as a whole: a file that is covered by itself comes to light when it is
// replaced, and one that is not there yet cannot be covered.
func onlyHidden(dir string, hidden []string) bool {
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()
	names, err := f.Readdirnames(len(hidden) + 1)
	if err != nil && !errors.Is(err, io.EOF) || len(names) > len(hidden) {
		return false
	}
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(hidden, filepath.Join(dir, name)) })
}

func temporary() []string {
	var found []string
	for _, dir := range []string{"/tmp", "/var/tmp"} {
		if dir, err := filepath.EvalSymlinks(dir); err == nil && !slices.Contains(found, dir) {
			found = append(found, dir)
		}
	}
	return found
}

// covered reports whether a path is one of the folders or below one.
func covered(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(dir string) bool {
		return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
	})
}
