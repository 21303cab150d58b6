package host_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

// both runs a test with and without a sandbox.
func both(t *testing.T, test func(t *testing.T, sandbox func(*host.Options))) {
	t.Helper()
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		test(t, func(*host.Options) {})
	})
	t.Run("sandboxed", func(t *testing.T) {
		t.Parallel()
		needBubblewrap(t)
		test(t, sandboxed)
	})
}

func TestCommands(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200)
	tests := []struct {
		name     string
		commands []string
		status   pipeline.ActionStatus
		code     int
		summary  string
		log      string
	}{
		{"one", []string{"echo hello"}, pipeline.ActionSucceeded, 0, "succeeded", "$ echo hello\nhello\n"},
		{"none", nil, pipeline.ActionSucceeded, 0, "succeeded", ""},
		{"folder and variables carry over", []string{"mkdir a; cd a; X='1  2'", `echo "$X" "${PWD##*/}"`},
			pipeline.ActionSucceeded, 0, "succeeded", "$ mkdir a; cd a; X='1  2'\n$ echo \"$X\" \"${PWD##*/}\"\n1  2 a\n"},
		{"functions carry over", []string{"f() { echo f $1; }", "f 3"}, pipeline.ActionSucceeded, 0, "succeeded",
			"$ f() { echo f $1; }\n$ f 3\nf 3\n"},
		{"first failure ends", []string{"true", "go() { return 7; }; go", "echo never"}, pipeline.ActionFailed, 7,
			"command 2 of 3 exited with 7: go() { return 7; }; go",
			"$ true\n$ go() { return 7; }; go\ncommand 2 of 3 exited with 7: go() { return 7; }; go\n"},
		{"status is that of the last line", []string{"false\necho on"}, pipeline.ActionSucceeded, 0, "succeeded", "$ false\n> echo on\non\n"},
		{"errexit is obeyed", []string{"set -e", "false\necho never"}, pipeline.ActionFailed, 1,
			"command 2 of 2 exited with 1: false ...", "$ set -e\n$ false\n> echo never\ncommand 2 of 2 exited with 1: false ...\n"},
		{"nounset does no harm", []string{"set -u", "echo on"}, pipeline.ActionSucceeded, 0, "succeeded", "$ set -u\n$ echo on\non\n"},
		{"exit ends all", []string{"exit 3", "echo never"}, pipeline.ActionFailed, 3, "command 1 of 2 exited with 3: exit 3",
			"$ exit 3\ncommand 1 of 2 exited with 3: exit 3\n"},
		{"exit 0 ends all", []string{"exit 0", "echo never"}, pipeline.ActionSucceeded, 0, "succeeded", "$ exit 0\n"},
		{"streams keep their order", []string{"echo 1; echo 2 >&2", "echo 3"}, pipeline.ActionSucceeded, 0, "succeeded",
			"$ echo 1; echo 2 >&2\n1\n2\n$ echo 3\n3\n"},
		{"no newline at the end", []string{"printf a", "printf b"}, pipeline.ActionSucceeded, 0, "succeeded", "$ printf a\na\n$ printf b\nb\n"},
		{"descriptors are the task's", []string{"exec 8>x 9<x 7>y; echo z >&8", "echo on; cat x"}, pipeline.ActionSucceeded, 0, "succeeded",
			"$ exec 8>x 9<x 7>y; echo z >&8\n$ echo on; cat x\non\nz\n"},
		{"nothing to read", []string{"cat; echo on"}, pipeline.ActionSucceeded, 0, "succeeded", "$ cat; echo on\non\n"},
		{"killed", []string{"sh -c 'kill -9 $$'"}, pipeline.ActionFailed, 137, "command 1 of 1 exited with 137: sh -c 'kill -9 $$'", ""},
		{"unknown command", []string{"no-such-command-anywhere"}, pipeline.ActionFailed, 127, "command 1 of 1 exited with 127", ""},
		{"long command", []string{"false " + long}, pipeline.ActionFailed, 1, "command 1 of 1 exited with 1: false " + long[:114] + " ...", ""},
		{"handler of the task at exit", []string{"trap 'echo bye' EXIT", "echo on"}, pipeline.ActionSucceeded, 0, "succeeded", ""},
	}
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		h := newHarness(t, sandbox)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				task := h.task(tt.commands...)
				status := h.run(task)
				if status.Status != tt.status || status.ExitCode != tt.code || !strings.HasPrefix(status.Summary, tt.summary) {
					t.Errorf("got %+v\n%s", status, h.log(task))
				}
				if diff := cmp.Diff(tt.log, h.log(task)); tt.log != "" && diff != "" {
					t.Error(diff)
				}
				if !h.logs.Finished(repository, task.ID) {
					t.Error("the log has no end")
				}
			})
		}
	})
}

func TestQuotingMistakesStayInTheirCommand(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("echo 'open", "echo never'")
	status := h.run(task)
	h.failed(task, status, pipeline.JobFailed, "command 1 of 2 exited with 2: echo 'open")
}

func TestEnvironmentIsExact(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		h := newHarness(t, sandbox, func(o *host.Options) { o.Path = "/usr/bin:/bin" })
		task := h.task("env -u PWD -u _ -u SHLVL -u OLDPWD | sort")
		task.Environment = map[string]string{"GREETING": "a 'b' \"c\" $d\ntwo", "LD_PRELOAD_": "x"}
		status := h.run(task)
		h.succeeded(task, status)
		dir, tmp := "/run/penstock", "/tmp" // in a sandbox the same for every task
		if !h.opt.Sandbox {
			dir = h.opt.Dir + "/" + task.ID
			tmp = dir + "/tmp"
		}
		want := strings.Join([]string{"CI=true", "CODEBUILD_SRC_DIR=" + dir + "/work", "GREETING=a 'b' \"c\" $d", "HOME=" + dir + "/home",
			"LANG=C.UTF-8", "LD_PRELOAD_=x", "PATH=/usr/bin:/bin", "TMPDIR=" + tmp, "two", ""}, "\n")
		if diff := cmp.Diff(want, h.log(task, pipeline.Stdout)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOutputVariables(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	tests := []struct {
		name     string
		commands []string
		want     map[string]string
	}{
		{"set", []string{"A=1", "B=\"x\n\ny \""}, map[string]string{"A": "1", "B": "x\n\ny "}},
		{"empty is a value", []string{"A="}, map[string]string{"A": ""}},
		{"backslashes and percents", []string{`A='%s\n\0'`}, map[string]string{"A": `%s\n\0`}},
		{"set in another shell is not set", []string{"(A=1)"}, map[string]string{}},
		{"after exit", []string{"A=1; exit 0", "A=2"}, map[string]string{"A": "1"}},
		{"with errexit and nounset", []string{"set -eu; A=1"}, map[string]string{"A": "1"}},
		{"other folder and functions", []string{"cd /; A=$PWD"}, map[string]string{"A": "/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			task := h.task(tt.commands...)
			task.OutputVariables = []string{"A", "B"}
			status := h.run(task)
			h.succeeded(task, status)
			if diff := cmp.Diff(tt.want, status.Variables); diff != "" {
				t.Errorf("%s\n%s", diff, h.log(task))
			}
		})
	}
}

func TestOutputVariablesHaveLimits(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	t.Run("too many", func(t *testing.T) {
		t.Parallel()
		task := h.task("true")
		for c := 'A'; c < 'A'+16; c++ {
			task.OutputVariables = append(task.OutputVariables, string(c))
		}
		h.failed(task, h.run(task), pipeline.ConfigurationError, "at most 15")
	})
	t.Run("too large", func(t *testing.T) {
		t.Parallel()
		task := h.task(`A=$(head -c 122880 /dev/zero | tr '\0' x)`)
		task.OutputVariables = []string{"A"}
		h.failed(task, h.run(task), pipeline.JobFailed, "larger than 122880 bytes")
	})
	t.Run("just small enough", func(t *testing.T) {
		t.Parallel()
		task := h.task(`A=$(head -c 122879 /dev/zero | tr '\0' x)`)
		task.OutputVariables = []string{"A"}
		h.succeeded(task, h.run(task))
	})
	t.Run("a name that is a command", func(t *testing.T) {
		t.Parallel()
		task := h.task("true")
		task.OutputVariables = []string{"A}; touch /tmp/evil; ${B"}
		h.failed(task, h.run(task), pipeline.ConfigurationError, "cannot be the name")
	})
}

func TestValidation(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	tests := []struct {
		name   string
		change func(*compute.Task)
		want   string
	}{
		{"variable name", func(t *compute.Task) { t.Environment = map[string]string{"A=B": ""} }, "cannot be the name of an environment"},
		{"option as name", func(t *compute.Task) { t.Environment = map[string]string{"--bind": ""} }, "cannot be the name of an environment"},
		{"zero in value", func(t *compute.Task) { t.Environment = map[string]string{"A": "x\x00--bind\x00/\x00/"} }, "zero byte"},
		{"huge value", func(t *compute.Task) { t.Environment = map[string]string{"A": strings.Repeat("x", 128<<10)} }, "longer than"},
		{"zero in command", func(t *compute.Task) { t.Commands = []string{"a\x00b"} }, "zero byte"},
		{"colliding inputs", func(t *compute.Task) {
			t.Inputs = []pipeline.Artifact{{Name: "x"}, {Name: "a.b"}, {Name: "a-b"}}
		}, "$CODEBUILD_SRC_DIR_a_b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			task := h.task("true")
			tt.change(&task)
			h.failed(task, h.run(task), pipeline.ConfigurationError, tt.want)
		})
	}
}

func TestTimeoutEndsTheCommands(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		h := newHarness(t, sandbox)
		task := h.task("echo on", "while :; do sleep 1; done")
		task.Timeout = 300 * time.Millisecond
		h.failed(task, h.run(task), pipeline.TimedOut, "command 2 of 2 took too long: the limit is 300ms")
	})
}

func TestEveryEnvironmentIsInMemoryOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	task := h.task("true")
	task.Environment = map[string]string{"PASSWORD": "correct-horse-battery"}
	h.succeeded(task, h.run(task))
	if found := grep(t, os.DirFS(h.dir), "correct-horse"); found != "" {
		t.Errorf("a value of the environment is in %s", found)
	}
}
