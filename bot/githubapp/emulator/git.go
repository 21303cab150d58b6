package emulator

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// gitTool runs the git of this machine without a shell, in a fixed clean
// environment.
type gitTool struct {
	path    string // the git binary
	backend string // git http-backend
	env     []string
}

func findGit(home string) (gitTool, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return gitTool{}, fmt.Errorf("emulator needs git: %w", err)
	}
	out, err := exec.Command(path, "--exec-path").Output()
	if err != nil {
		return gitTool{}, fmt.Errorf("git --exec-path: %w", err)
	}
	libexec := strings.TrimSpace(string(out))
	if _, err := os.Stat(filepath.Join(libexec, "git-http-backend")); err != nil {
		return gitTool{}, fmt.Errorf("emulator needs git http-backend, which this git lacks: %w", err)
	}
	return gitTool{
		path:    path,
		backend: filepath.Join(libexec, "git-http-backend"),
		env: []string{
			"PATH=" + libexec + ":" + filepath.Dir(path) + ":/usr/bin:/bin",
			"HOME=" + home,
			"LC_ALL=C",
			"TZ=UTC",
			"GIT_CONFIG_NOSYSTEM=1",
			"GIT_CONFIG_GLOBAL=/dev/null",
			"GIT_TERMINAL_PROMPT=0",
		},
	}, nil
}

// run answers the standard output of one git command in a bare repository.
func (t gitTool) run(ctx context.Context, dir string, in []byte, args ...string) ([]byte, error) {
	return t.runAs(ctx, dir, nil, in, args...)
}

// runAs is run with additions to the environment.
func (t gitTool) runAs(ctx context.Context, dir string, env []string, in []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, t.path, args...)
	cmd.Dir = dir
	cmd.Env = append(append(cmd.Env, t.env...), env...)
	if in != nil {
		cmd.Stdin = bytes.NewReader(in)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return out.Bytes(), fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(errs.String()))
	}
	return out.Bytes(), nil
}

// bareConfig is the configuration of every repository: fetch any commit by SHA
// as on github.com, push over HTTP, keep refs/pull to ourselves, spend no time
// on packing or on disks.
const bareConfig = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	logAllRefUpdates = false
	fsync = none
[uploadpack]
	allowAnySHA1InWant = true
	allowReachableSHA1InWant = true
	allowTipSHA1InWant = true
	allowFilter = true
[http]
	receivepack = true
[receive]
	hideRefs = refs/pull
	autogc = false
	advertisePushOptions = false
[gc]
	auto = 0
[maintenance]
	auto = false
`
