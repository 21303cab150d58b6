package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// probeScript tries what a task must not be able to do. Its last line is the
// only one that means success.
const probeScript = `
[ ! -e "$CANARY" ] || { echo "files of other tasks can be seen"; exit 1; }
[ ! -e "/proc/$SERVER/exe" ] || [ "$(readlink "/proc/$SERVER/exe")" != "$EXE" ] || { echo "processes of this machine can be seen"; exit 1; }
( : > "/usr/.penstock-probe-$SERVER" ) 2>/dev/null && { echo "system folders can be written to"; exit 1; }
[ "$(readlink /proc/self/ns/ipc)" != "$IPC" ] || { echo "shared memory of this machine can be reached"; exit 1; }
grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status || { echo "the task has capabilities"; exit 1; }
( : > "$HOME/probe" ) || { echo "the task's own folders cannot be written to"; exit 1; }
echo isolated
`

// Probe tells whether the sandbox really isolates on this machine: nil, or an
// error with a sentence that serve can refuse with. Without Options.Sandbox
// there is nothing to probe and the answer is an error as well.
func (h *Host) Probe(ctx context.Context) error {
	if h.sandbox == nil {
		return errors.New("the host runs tasks without a sandbox")
	}
	if h.sandbox.missing != nil {
		return h.sandbox.missing
	}
	dir, err := os.MkdirTemp(h.opt.Dir, trashPrefix+"probe-")
	if err != nil {
		return fmt.Errorf("host: probe: %w", err)
	}
	defer removeAll(dir)
	f := folder(dir)
	for _, name := range []string{"script", "work", "home", "tmp", "canary"} {
		if err := os.Mkdir(f.path(name), 0o755); err != nil {
			return fmt.Errorf("host: probe: %w", err)
		}
	}
	inside := h.inside(f)
	exe, _ := os.Executable()
	ipc, _ := os.Readlink("/proc/self/ns/ipc")
	env := []string{"PATH=" + h.opt.Path, "HOME=" + inside.path("home"), "CANARY=" + f.path("canary"),
		fmt.Sprintf("SERVER=%d", os.Getpid()), "EXE=" + exe, "IPC=" + ipc}
	args, err := memoryFile(h.sandbox.arguments(f, inside, env, false))
	if err != nil {
		return fmt.Errorf("host: probe: %w", err)
	}
	defer args.Close()
	cmd := exec.CommandContext(ctx, h.sandbox.path, "--args", "3", "--", "/bin/sh", "-c", probeScript)
	cmd.Env, cmd.ExtraFiles = []string{}, []*os.File{args}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err = cmd.Run()
	text := strings.TrimSpace(said.String())
	if err == nil && strings.HasSuffix(text, "isolated") {
		return nil
	}
	if text == "" {
		text = fmt.Sprint(err)
	}
	return fmt.Errorf("bubblewrap does not isolate here: %s", text)
}
