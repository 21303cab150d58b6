package host_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

// What comes from a fork reaches no network, this machine's own services neither.
func TestAForkHasNoNetwork(t *testing.T) {
	t.Parallel()
	needBubblewrap(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	reached := make(chan bool, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reached <- true
			conn.Close()
		}
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	knock := "bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + port + "' && echo open || echo shut; ls /sys/class/net 2>/dev/null | tr '\\n' ' ' || true"
	for _, test := range []struct {
		name           string
		fork, shared   bool
		want           string
		wantConnection int
	}{
		{"a branch", false, false, "open", 1},
		{"a fork", true, false, "shut", 0},
		{"a fork, when the operator says so", true, true, "open", 1},
	} {
		h := newHarness(t, sandboxed, func(o *host.Options) { o.ForkNetwork = test.shared })
		task := h.task(knock)
		task.Revision.Fork = test.fork
		h.succeeded(task, h.run(task))
		connections := 0
		for len(reached) > 0 {
			<-reached
			connections++
		}
		if log := h.log(task, pipeline.Stdout); !strings.HasPrefix(log, test.want) || connections != test.wantConnection {
			t.Errorf("%s: %d connections, and it says %q", test.name, connections, log)
		}
	}
}

// Without a sandbox nothing from a fork runs.
func TestAForkNeedsASandbox(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("true")
	task.Revision.Fork = true
	if err := h.host.Start(t.Context(), task); pipeline.KindOf(err) != pipeline.Forbidden {
		t.Errorf("got %v", err)
	}
}

// A secret file that is replaced while a task runs, as when a key is renewed, does
// not come to light, and neither does one that was not there before.
func TestAHiddenFileIsReplaced(t *testing.T) {
	t.Parallel()
	needBubblewrap(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(here, ".secrets-")
	if err != nil {
		t.Skip("a read-only checkout") // below the temporary folder all is hidden
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	key, later := filepath.Join(dir, "app.pem"), filepath.Join(dir, "later.pem")
	if err := os.WriteFile(key, []byte(secret), 0o644); err != nil {
		t.Fatal(err)
	}
	h := newHarness(t, sandboxed, func(o *host.Options) { o.Hidden = []string{key, later} })
	task := h.task("echo ready; while [ ! -e go ]; do sleep 0.01; done", "cat "+key+" "+later+" || true; ls "+dir+" || true")
	h.start(task)
	h.awaitLog(task, "ready\n")
	for _, name := range []string{key, later} {
		if err := os.WriteFile(name+".new", []byte(secret+" anew"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(h.opt.Dir, task.ID, "work", "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	h.succeeded(task, h.await(task, compute.Ended))
	if log := h.log(task); strings.Contains(log, secret) || strings.Contains(log, "app.pem\n") {
		t.Errorf("it came to light:\n%s", log)
	}
}
