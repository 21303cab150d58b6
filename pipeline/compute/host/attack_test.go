package host_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

// fortress is a server's data folder with what a task would like to have: the
// app's key, the database, the configuration, and tasks of others.
type fortress struct {
	*harness
	data, key, database, config string
}

const secret = "the-secret-of-the-server"

func newFortress(t *testing.T) *fortress {
	t.Helper()
	needBubblewrap(t)
	// Not below the machine's temporary folder: that is hidden in any case, and
	// here it is the folders that the operator names that must be hidden.
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.MkdirTemp(here, ".fortress-")
	if err != nil {
		data = t.TempDir() // a read-only checkout: hidden either way
	}
	t.Cleanup(func() { os.RemoveAll(data) })
	config := t.TempDir()
	f := &fortress{data: data, key: data + "/app.pem", database: data + "/penstock.db", config: data + "-config.yml"}
	t.Cleanup(func() { os.Remove(f.config) })
	for _, file := range []string{f.key, f.database, f.config} {
		if err := os.WriteFile(file, []byte(secret), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f.harness = newHarness(t, sandboxed, func(o *host.Options) {
		o.Dir, o.Hidden = data+"/jobs", []string{data, f.config, config, data + "/not-there"}
	})
	return f
}

// nothing runs commands of which none may print the secret, and returns the log.
func (f *fortress) nothing(commands ...string) string {
	f.t.Helper()
	task := f.task(commands...)
	status := f.run(task)
	f.succeeded(task, status)
	log := f.log(task)
	if strings.Contains(log, secret) {
		f.t.Errorf("the task has read a secret:\n%s", log)
	}
	return log
}

func TestProbe(t *testing.T) {
	t.Parallel()
	if err := newHarness(t).host.Probe(t.Context()); err == nil {
		t.Error("no sandbox is said to isolate")
	}
	missing := newHarness(t, sandboxed, func(o *host.Options) { o.BubblewrapPath = "/nowhere/bwrap" })
	if err := missing.host.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "bubblewrap is not there") {
		t.Errorf("got %v", err)
	}
	task := missing.task("true")
	missing.failed(task, missing.run(task), pipeline.SystemUnavailable, "bubblewrap is not there")
	// A program that runs the command without isolating anything.
	loose := filepath.Join(t.TempDir(), "bwrap")
	script := "#!/bin/sh\nexport HOME=/tmp CANARY=/etc/passwd\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nexec \"$@\"\n"
	if err := os.WriteFile(loose, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	fake := newHarness(t, sandboxed, func(o *host.Options) { o.BubblewrapPath = loose })
	if err := fake.host.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "files of other tasks can be seen") {
		t.Errorf("got %v", err)
	}
	f := newFortress(t)
	if err := f.host.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	// bubblewrap that leaves out one of the walls.
	leaky := filepath.Join(t.TempDir(), "bwrap")
	script = "#!/bin/sh\ntr '\\0' '\\n' <&3 | grep -v '^--unshare-ipc$' | tr '\\n' '\\0' >\"$0.args\"\nexec bwrap \"$@\" 3<\"$0.args\"\n"
	if err := os.WriteFile(leaky, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	shared := newHarness(t, sandboxed, func(o *host.Options) { o.BubblewrapPath = leaky })
	if err := shared.host.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "shared memory") {
		t.Errorf("got %v", err)
	}
}

func TestATaskCannotReadWhatIsTheServers(t *testing.T) {
	t.Parallel()
	f := newFortress(t)
	f.nothing(
		"cat "+f.key+" "+f.database+" "+f.config+" || true",
		"ls -la "+f.data+" || true",
		"cat $CODEBUILD_SRC_DIR/../../../app.pem /proc/1/root"+f.key+" /proc/self/root"+f.key+" || true",
		"cd ../../..; cat app.pem || true; find . -name '*.pem' -exec cat {} + || true",
		"ln -s "+f.key+" key; cat key || true",
		"cat /proc/*/root"+f.key+" 2>/dev/null || true",
		"umount "+f.data+" || true; mount -t tmpfs x /mnt || true; unshare -rm umount "+f.data+" || true; unshare -rm cat "+f.key+" || true",
		"ls -a /root /home /run; cat /dev/sd* /dev/vd* /dev/mem 2>/dev/null | head -c 10 || true",
	)
}

func TestATaskCannotReadTheServersEnvironment(t *testing.T) {
	needBubblewrap(t)
	t.Setenv("PENSTOCK_TEST_SECRET", secret) // so not parallel
	f := newFortress(t)
	log := f.nothing("env", fmt.Sprintf("cat /proc/%d/environ || true; cat /proc/%d/cmdline || true", os.Getpid(), os.Getppid()),
		"cat /proc/*/environ | tr '\\0' '\\n'; cat /proc/*/cmdline | tr '\\0' ' '", "ls /proc | grep -c '^[0-9]'")
	if strings.Contains(log, "PENSTOCK_TEST") || strings.Contains(log, "supervisor") {
		t.Errorf("the server's environment can be read:\n%s", log)
	}
}

func TestATaskCannotReachAnotherTask(t *testing.T) {
	t.Parallel()
	f := newFortress(t)
	victim := f.task("echo "+secret+" > file; echo ready", "while [ ! -e "+f.data+"/go ] && [ ! -e go ]; do sleep 0.01; done; cat file")
	f.start(victim)
	f.awaitLog(victim, "\nready\n")
	dir := filepath.Join(f.opt.Dir, victim.ID)
	pids := processes(t, victim.ID)
	if len(pids) == 0 {
		t.Fatal("the other task is not there")
	}
	var kills strings.Builder
	for _, pid := range pids {
		kills.WriteString(" " + strconv.Itoa(pid))
	}
	f.nothing(
		"cat "+dir+"/work/file || true; ls "+dir+" || true; ls "+f.opt.Dir+" || true",
		"cat "+dir+"/output || true; touch "+dir+"/work/go "+dir+"/stop "+dir+"/status || true",
		"for pid in"+kills.String()+"; do kill -9 $pid || true; done; kill -9 -1 || true",
	)
	if status := f.poll(victim); status.Phase != compute.Running {
		t.Errorf("the other task was reached: %+v", status)
	}
	f.stop(victim)
	f.await(victim, compute.Ended)
}

func TestATaskCannotTouchItsOwnSupervision(t *testing.T) {
	t.Parallel()
	f := newFortress(t)
	task := f.task(
		"ls -A ..",
		"touch ../status ../result ../stop ../output || true; rm -rf ../output ../task.json ../lock || true; echo x > ../control || true",
		"echo 'echo changed' > ../script || true; rm -f ../script || true; mv ../script x || true",
		"echo unchanged; exit 4",
	)
	f.failed(task, f.run(task), pipeline.JobFailed, "command 4 of 4 exited with 4")
	log := f.log(task, pipeline.Stdout)
	if !strings.HasPrefix(log, "home\nscript\nwork\n") || !strings.HasSuffix(log, "unchanged\n") {
		t.Errorf("log:\n%s", log)
	}
}

// A variable that the loader obeys must not reach the programs around the
// sandbox: they run outside of it, in a folder that the repository filled.
func TestVariablesOfTheLoaderStayInside(t *testing.T) {
	t.Parallel()
	f := newFortress(t)
	task := f.task("echo \"$LD_PRELOAD $LD_AUDIT\"")
	task.Environment = map[string]string{"LD_PRELOAD": "./evil.so", "LD_AUDIT": "./audit.so", "LD_LIBRARY_PATH": ".", "PATH": "/usr/bin:/bin", "GCONV_PATH": "."}
	f.succeeded(task, f.run(task))
	log := f.log(task)
	if n := strings.Count(log, "cannot be preloaded"); !strings.Contains(log, "./evil.so ./audit.so\n") || n > 1 {
		t.Errorf("%d programs have tried:\n%s", n, log)
	}
}

func TestATaskCannotWriteElsewhere(t *testing.T) {
	t.Parallel()
	f := newFortress(t)
	name := fmt.Sprintf("penstock-attack-%d", os.Getpid())
	f.nothing(
		"for d in / /usr /etc /var /var/lib /run /home /root /dev/shm/.. /sys /opt "+f.data+" "+f.opt.Dir+"; do touch $d/"+name+" 2>/dev/null && echo written: $d; done; true",
		"touch /tmp/"+name+" /var/tmp/"+name+" $HOME/"+name,
		"echo 1 > /proc/sys/kernel/sysrq || true; echo c > /proc/sysrq-trigger || true",
	)
	for _, dir := range []string{"/", "/usr", "/etc", "/var", "/var/lib", "/run", "/home", "/root", "/dev", "/opt", "/tmp", "/var/tmp", f.data} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("written to %s", dir)
			os.Remove(filepath.Join(dir, name))
		}
	}
}

func TestATaskHasNoRights(t *testing.T) {
	t.Parallel()
	f := newFortress(t)
	log := f.nothing("grep -E '^(CapEff|CapPrm|CapBnd|NoNewPrivs)' /proc/self/status", "ls -l /proc/self/fd | grep -v '/proc/' | grep -o '[0-9]* -> .*'")
	for _, want := range []string{"CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(log, want) {
			t.Errorf("not %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "jobs") || strings.Contains(log, "memfd") {
		t.Errorf("descriptors from outside:\n%s", log)
	}
}
