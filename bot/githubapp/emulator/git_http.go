package emulator

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// serveGit is git's smart HTTP protocol: access decided here, the rest done by
// git http-backend.
func (g *GitHub) serveGit(w http.ResponseWriter, r *http.Request, repo *repository, path string) {
	service := r.URL.Query().Get("service")
	if r.Method == http.MethodPost {
		service = path
	}
	push := service == "git-receive-pack"
	by, ok := g.admitGit(w, r, repo, push)
	if !ok {
		return
	}
	body, err := requestBody(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !push || r.Method != http.MethodPost {
		g.runBackend(w, r, repo, path, by, body)
		return
	}
	g.receivePack(w, r, repo, path, by, body)
}

// receivePack runs one push and everything that follows from it. The answer
// ends after that, so a finished "git push" has happened entirely.
func (g *GitHub) receivePack(w http.ResponseWriter, r *http.Request, repo *repository, path string, by *user, body io.Reader) {
	in := bufio.NewReaderSize(body, 64<<10)
	var head bytes.Buffer
	names, err := readCommands(in, &head)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	repo.pushing.Lock()
	defer repo.pushing.Unlock()
	before := make([]string, len(names))
	for i, name := range names {
		before[i], _ = repo.refs.get(name)
	}
	g.runBackend(w, r, repo, path, by, io.MultiReader(&head, in))
	var updates []refUpdate
	for i, name := range names {
		after, _ := repo.refs.get(name)
		if after != before[i] {
			updates = append(updates, refUpdate{name: name, before: before[i], after: after})
		}
	}
	if len(updates) == 0 {
		return
	}
	if err := g.pushed(repo, updates, by); err != nil {
		g.log.Error("push", "repository", repo.fullName(), "err", err)
	}
}

// readCommands reads which refs a push wants to change and keeps the bytes read.
func readCommands(in *bufio.Reader, head *bytes.Buffer) ([]string, error) {
	var names []string
	for {
		size := make([]byte, 4)
		if _, err := io.ReadFull(in, size); err != nil {
			if err == io.EOF && len(names) == 0 {
				return nil, nil
			}
			return nil, fmt.Errorf("git push: %w", err)
		}
		head.Write(size)
		n, err := strconv.ParseUint(string(size), 16, 16)
		if err != nil {
			return nil, fmt.Errorf("git push: bad packet length %q", size)
		}
		if n < 4 {
			return names, nil // the flush packet ends the list
		}
		line := make([]byte, n-4)
		if _, err := io.ReadFull(in, line); err != nil {
			return nil, fmt.Errorf("git push: %w", err)
		}
		head.Write(line)
		command, _, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), "\x00")
		if fields := strings.SplitN(command, " ", 3); len(fields) == 3 {
			names = append(names, fields[2])
		}
	}
}

func requestBody(r *http.Request) (io.Reader, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return r.Body, nil
	}
	return gzip.NewReader(r.Body)
}

// runBackend is the CGI call, with nothing of our own environment in it.
func (g *GitHub) runBackend(w http.ResponseWriter, r *http.Request, repo *repository, path string, by *user, body io.Reader) {
	cmd := exec.CommandContext(g.ctx, g.git.backend)
	cmd.Dir = repo.dir
	cmd.WaitDelay = time.Second
	if r.Method == http.MethodPost {
		cmd.Stdin = body
	}
	cmd.Env = append(cmd.Env, g.git.env...)
	cmd.Env = append(cmd.Env,
		"GIT_HTTP_EXPORT_ALL=1",
		"GIT_PROJECT_ROOT="+repo.dir,
		"PATH_INFO=/"+path,
		"REQUEST_METHOD="+r.Method,
		"QUERY_STRING="+r.URL.RawQuery,
		"CONTENT_TYPE="+r.Header.Get("Content-Type"),
		"REMOTE_ADDR=127.0.0.1",
	)
	if by != nil {
		cmd.Env = append(cmd.Env, "REMOTE_USER="+by.Login)
	}
	if protocol := r.Header.Get("Git-Protocol"); protocol != "" {
		cmd.Env = append(cmd.Env, "GIT_PROTOCOL="+protocol)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	copyCGI(w, stdout)
	_, _ = io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); err != nil {
		g.log.Debug("git http-backend", "path", path, "err", err, "stderr", errs.String())
	}
}

func copyCGI(w http.ResponseWriter, out io.Reader) {
	in := bufio.NewReaderSize(out, 64<<10)
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil && len(header) == 0 {
		http.Error(w, "git http-backend: no answer", http.StatusInternalServerError)
		return
	}
	code := http.StatusOK
	for key, values := range header {
		if key == "Status" {
			code, _ = strconv.Atoi(values[0][:min(3, len(values[0]))])
			continue
		}
		w.Header()[key] = values
	}
	w.WriteHeader(max(code, 100))
	_, _ = io.Copy(w, in)
}
