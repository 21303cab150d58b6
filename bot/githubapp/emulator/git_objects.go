package emulator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// errMissing says that an object or ref does not exist.
var errMissing = errors.New("no such object")

// objects reads the objects of one repository through a git cat-file that stays,
// so a read costs microseconds and no process. It has its own lock.
type objects struct {
	git gitTool
	dir string
	ctx context.Context

	mu      sync.Mutex
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	commits map[string]*commit // objects never change
}

type gitObject struct {
	sha, kind string
	data      []byte
}

// get reads an object by anything git understands: SHA, "ref^{commit}",
// "sha:path". The error is errMissing when there is none.
func (o *objects) get(name string) (gitObject, error) {
	if strings.ContainsAny(name, "\n\r\x00") || name == "" {
		return gitObject{}, errMissing
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.cmd == nil {
		if err := o.start(); err != nil {
			return gitObject{}, err
		}
	}
	obj, err := o.ask(name)
	if err != nil && !errors.Is(err, errMissing) {
		o.stop()
	}
	return obj, err
}

func (o *objects) start() error {
	cmd := exec.CommandContext(o.ctx, o.git.path, "cat-file", "--batch")
	cmd.Dir, cmd.Env = o.dir, o.git.env
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	o.cmd, o.in, o.out = cmd, in, bufio.NewReaderSize(out, 64<<10)
	return nil
}

func (o *objects) ask(name string) (gitObject, error) {
	if _, err := io.WriteString(o.in, name+"\n"); err != nil {
		return gitObject{}, fmt.Errorf("git cat-file: %w", err)
	}
	line, err := o.out.ReadString('\n')
	if err != nil {
		return gitObject{}, fmt.Errorf("git cat-file: %w", err)
	}
	line = strings.TrimSuffix(line, "\n")
	if strings.HasSuffix(line, " missing") || strings.HasSuffix(line, " ambiguous") {
		return gitObject{}, errMissing
	}
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return gitObject{}, fmt.Errorf("git cat-file: unexpected answer %q", line)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return gitObject{}, fmt.Errorf("git cat-file: unexpected answer %q", line)
	}
	data := make([]byte, size+1) // the newline after it, too
	if _, err := io.ReadFull(o.out, data); err != nil {
		return gitObject{}, fmt.Errorf("git cat-file: %w", err)
	}
	return gitObject{sha: fields[0], kind: fields[1], data: data[:size]}, nil
}

func (o *objects) stop() {
	if o.cmd == nil {
		return
	}
	_ = o.in.Close()
	_ = o.cmd.Process.Kill()
	_ = o.cmd.Wait()
	o.cmd = nil
}

func (o *objects) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stop()
}
