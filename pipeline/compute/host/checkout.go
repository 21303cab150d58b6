package host

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
)

// checkout puts one commit, and nothing before it, into the empty folder dir.
//
// Speaking to the server is our own work (fetch.go); git only unpacks, in two
// short processes. So the token is in no process's environment, argv or file,
// there is no remote in .git/config, redirects and answers are in our hands, and
// it takes half as long as git fetch, which spends its time on starting.
//
// The repository is hostile: no hook, filter, attribute command or submodule can
// run, because git reads no configuration but the one written here.
func (h *Host) checkout(ctx context.Context, source compute.Source, sha, dir string) error {
	if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(sha) {
		return failure(pipeline.RevisionUnavailable, "%q is not a full commit id", sha)
	}
	git := filepath.Join(dir, ".git")
	if err := errors.Join(os.MkdirAll(filepath.Join(git, "objects/pack"), 0o755), os.MkdirAll(filepath.Join(git, "refs"), 0o755),
		os.WriteFile(filepath.Join(git, "HEAD"), []byte("ref: refs/heads/main\n"), 0o644),
		os.WriteFile(filepath.Join(git, "config"), []byte("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"), 0o644)); err != nil {
		return err
	}
	pack, err := h.fetch.commit(ctx, source, sha)
	if err != nil {
		return err
	}
	defer pack.close()
	indexErr := h.git(ctx, dir, pack, "index-pack", "--stdin")
	if err := pack.failed(); err != nil {
		return err // why the pack was cut short, rather than that it was
	}
	if indexErr != nil {
		return indexErr
	}
	if len(pack.shallow) > 0 {
		if err := os.WriteFile(filepath.Join(git, "shallow"), []byte(strings.Join(pack.shallow, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	if err := h.git(ctx, dir, nil, "checkout", "--quiet", "--force", "--detach", sha); err != nil {
		return err
	}
	head, err := os.ReadFile(filepath.Join(git, "HEAD"))
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(head)) != sha {
		return failure(pipeline.RevisionUnavailable, "checkout: the commit is %s, not %s", strings.TrimSpace(string(head)), sha)
	}
	return nil
}

// git runs one local git command with exactly the configuration given here.
func (h *Host) git(ctx context.Context, dir string, stdin *packStream, args ...string) error {
	settings := []string{
		"core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "core.fsync=none", "core.logAllRefUpdates=false",
		"protocol.allow=never", "submodule.recurse=false", "gc.auto=0", "maintenance.auto=false", "advice.detachedHead=false",
	}
	var full []string
	for _, setting := range settings {
		full = append(full, "-c", setting)
	}
	cmd := exec.CommandContext(ctx, h.opt.GitPath, append(full, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_ATTR_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_DIR=" + filepath.Join(dir, ".git"), "GIT_WORK_TREE=" + dir,
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if stdin != nil {
		cmd.Stdin = stdin
	}
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("git %s: %w: %s", args[0], err, firstLine(said.String()))
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// basic is how the token travels.
func basic(token string) string {
	if token == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))
}
