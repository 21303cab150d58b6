package host_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

func TestArtifactsTravel(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, sandbox func(*host.Options)) {
		h := newHarness(t, sandbox)
		source := t.TempDir()
		if err := os.WriteFile(source+"/README", []byte("readme"), 0o644); err != nil {
			t.Fatal(err)
		}
		h.sources.Set(compute.Source{Dir: source}, nil)
		make := h.task("mkdir -p out/bin; echo '#!/bin/sh' > out/bin/tool; echo 'echo tool' >> out/bin/tool; chmod +x out/bin/tool; ln -s bin/tool out/t; echo x > other")
		make.Outputs = []pipeline.OutputArtifact{{Name: "my.tools", Files: []string{"out/**"}}, {Name: "all"}}
		status := h.run(make)
		h.succeeded(make, status)
		if len(status.Artifacts) != 2 || status.Artifacts[0].Name != "my.tools" || status.Artifacts[0].Size == 0 {
			t.Fatalf("got %+v", status.Artifacts)
		}
		use := h.task("ls", "$CODEBUILD_SRC_DIR_my_tools/out/t; cd $CODEBUILD_SRC_DIR_my_tools && find . | sort", "echo changed > $CODEBUILD_SRC_DIR_my_tools/new; cd $CODEBUILD_SRC_DIR; ls $CODEBUILD_SRC_DIR_all")
		use.Inputs = []pipeline.Artifact{{Name: pipeline.SourceArtifact}, status.Artifacts[0], status.Artifacts[1]}
		h.succeeded(use, h.run(use))
		want := "README\ntool\n.\n./out\n./out/bin\n./out/bin/tool\n./out/t\nother\nout\n"
		if diff := cmp.Diff(want, h.log(use, pipeline.Stdout)); diff != "" {
			t.Error(diff)
		}
		again := h.task("cat out/bin/tool | head -1")
		again.Inputs = []pipeline.Artifact{status.Artifacts[0]}
		h.succeeded(again, h.run(again))
		if got := h.log(again, pipeline.Stdout); got != "#!/bin/sh\n" {
			t.Errorf("the first input is not the working folder: %q", got)
		}
	})
}

func TestOutputsThatFail(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	outside := t.TempDir() + "/secret"
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		command string
		files   []string
		want    string
	}{
		{"nothing matches", "true", []string{"out/**"}, `output artifact o: no file matches "out/**"`},
		{"only one of two matches", "touch a", []string{"a", "b"}, `no file matches "b"`},
		{"link out", "ln -s " + outside + " a", []string{"a"}, "must be relative"},
		{"link out in everything", "ln -s ../../../x a", nil, "leads out of the folder"},
		{"folder that is a link", "ln -s / a", []string{"a/etc/passwd"}, "no file matches"},
		{"climbing pattern", "true", []string{"../task.json"}, "no file matches"},
		{"absolute pattern", "true", []string{"/etc/passwd"}, "no file matches"},
		{"working folder replaced", "cd ..; mv work gone; ln -s " + t.TempDir() + " work; ln -s " + outside + " work/a", []string{"a"}, "the working folder was replaced"},
		{"pipe", "mkfifo a", []string{"a"}, "neither a file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			task := h.task(tt.command)
			task.Outputs = []pipeline.OutputArtifact{{Name: "o", Files: tt.files}}
			h.failed(task, h.run(task), pipeline.JobFailed, tt.want)
			if !strings.Contains(h.log(task), tt.want) {
				t.Errorf("the log does not say why:\n%s", h.log(task))
			}
		})
	}
}

func TestAStoreThatComesBack(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.artifacts.Fail(3)
	task := h.task("echo x > a")
	task.Outputs = []pipeline.OutputArtifact{{Name: "o"}}
	h.succeeded(task, h.run(task))
}

func TestInputsThatFail(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	make := h.task("echo x > a")
	make.Outputs = []pipeline.OutputArtifact{{Name: "o"}}
	artifact := h.run(make).Artifacts[0]
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		task := h.task("true")
		task.Inputs = []pipeline.Artifact{{Name: "x", Digest: "sha256:00"}}
		h.failed(task, h.run(task), pipeline.SystemUnavailable, "artifact x is no longer stored")
	})
	t.Run("another content than the digest says", func(t *testing.T) {
		t.Parallel()
		content, err := h.artifacts.Get(t.Context(), repository, artifact.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.artifacts.Put(t.Context(), repository, "sha256:11", content); err != nil {
			t.Fatal(err)
		}
		task := h.task("echo ran")
		task.Inputs = []pipeline.Artifact{{Name: "x", Digest: "sha256:11"}}
		h.failed(task, h.run(task), pipeline.SystemUnavailable, "artifact x is damaged")
	})
	t.Run("not for this repository", func(t *testing.T) {
		t.Parallel()
		task := h.task("true")
		task.Repository.ID++
		task.Inputs = []pipeline.Artifact{artifact}
		h.failed(task, h.run(task), pipeline.SystemUnavailable, "no longer stored")
	})
}
