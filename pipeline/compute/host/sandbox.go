package host

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// sandbox knows how to call bubblewrap. The task gets its own process, user, IPC
// and host name spaces, shares the network, and sees the machine's files
// read-only, without those that are none of its business.
type sandbox struct {
	path    string
	missing error // bubblewrap is not there
	dir     string
	hidden  []string
}

func newSandbox(opt Options) (*sandbox, error) {
	s := &sandbox{dir: opt.Dir, hidden: opt.Hidden}
	path, err := exec.LookPath(opt.BubblewrapPath)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		s.missing = failure(pipeline.SystemUnavailable, "bubblewrap is not there: %v", err)
	}
	s.path = path
	for _, hidden := range opt.Hidden {
		if !filepath.IsAbs(hidden) || filepath.Clean(hidden) == "/" {
			return nil, fmt.Errorf("host: %q cannot be hidden: not an absolute path below /", hidden)
		}
	}
	return s, nil
}

// arguments are bubblewrap's, without the command. What is hidden is looked up
// anew each time, because files come and go.
func (s *sandbox) arguments(f folder, env []string) []string {
	args := []string{
		"--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
		"--die-with-parent", "--new-session", "--cap-drop", "ALL",
		"--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
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
	args = append(args, "--ro-bind", f.path("script"), f.path("script"))
	for _, own := range []string{"work", "home", "inputs"} {
		args = append(args, "--bind-try", f.path(own), f.path(own)) // without inputs, there is no folder for them
	}
	for _, dir := range folders {
		args = append(args, "--remount-ro", dir)
	}
	args = append(args, "--chdir", f.work(), "--clearenv")
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
