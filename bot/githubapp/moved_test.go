package githubapp_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

// A repository that was renamed is still reached under the name that we know, to read
// and to write.
func TestRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx := t.Context()
	head := must(w.app.Head(ctx, w.repo, "main"))(t)
	id := must(w.app.CreateCheck(ctx, w.repo, head, githubapp.Check{Name: "build", Status: "queued"}))(t)
	ok(t, w.RenameRepository("octocat/shop", "store", "octocat"))

	if got := must(w.app.Head(ctx, w.repo, "main"))(t); got != head {
		t.Errorf("main is at %s", got)
	}
	ok(t, w.app.CreateStatus(ctx, w.repo, head, githubapp.Status{Context: "penstock/release", State: "success"}))
	ok(t, w.app.UpdateCheck(ctx, w.repo, id, githubapp.Check{Name: "build", Status: "in_progress"}))
	if files := must(w.app.PipelineFiles(ctx, w.repo, head))(t); len(files) != 1 {
		t.Errorf("files %v", files)
	}
	if found, there, err := w.app.FindCheck(ctx, w.repo, head, "build", ""); err != nil || !there || found.Status != "in_progress" {
		t.Errorf("found %+v, %v", found, err)
	}
	now, _, err := w.app.RepositoryNow(ctx, w.repo)
	if err != nil || now.FullName() != "octocat/store" || now.ID != w.repo.ID {
		t.Errorf("now %+v, %v", now, err)
	}
	// Somebody takes the name: that is not our repository, and nothing of it is read or
	// written.
	must(w.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "shop", Files: map[string]string{".penstock.yml": "name: evil\n"}}))(t)
	if now, _, err := w.app.RepositoryNow(ctx, w.repo); err != nil || now.FullName() != "octocat/store" {
		t.Errorf("now %+v, %v", now, err)
	}
	if got := must(w.app.Head(ctx, w.repo, "main"))(t); got != head {
		t.Errorf("main is at %s", got)
	}
	ok(t, w.app.CreateStatus(ctx, w.repo, head, githubapp.Status{Context: "penstock/late", State: "success"}))
	if list := w.Statuses("octocat/store", head); len(list) != 2 {
		t.Errorf("statuses %+v", list)
	}
	source := must(w.app.Source(ctx, w.repo, pipeline.Revision{SHA: head}))(t)
	if !strings.HasSuffix(source.URL, "/octocat/store.git") {
		t.Errorf("fetched from %s", source)
	}
}

// A repository that was given to another owner who has the app too is reached there as
// soon as that is known.
func TestTransferredToAnotherInstallation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx := t.Context()
	head := must(w.app.Head(ctx, w.repo, "main"))(t)
	there := must(w.Install(w.id, "monalisa"))(t)
	ok(t, w.TransferRepository("octocat/shop", "monalisa", "octocat"))
	status := githubapp.Status{Context: "penstock/release", State: "success"}
	callstest.WantKind(t, w.app.CreateStatus(ctx, w.repo, head, status), pipeline.Forbidden)
	now := w.repo
	now.Owner, now.Installation = "monalisa", there.ID
	w.app.Learn(now)
	ok(t, w.app.CreateStatus(ctx, w.repo, head, status))
	if source := must(w.app.Source(ctx, w.repo, pipeline.Revision{SHA: head}))(t); !strings.HasSuffix(source.URL, "/monalisa/shop.git") {
		t.Errorf("fetched from %s", source)
	}
}

// A repository that was given away is out of reach, and says so.
func TestTransferred(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx := t.Context()
	head := must(w.app.Head(ctx, w.repo, "main"))(t)
	ok(t, w.TransferRepository("octocat/shop", "monalisa", "octocat"))
	callstest.WantKind(t, w.app.CreateStatus(ctx, w.repo, head, githubapp.Status{Context: "penstock/release", State: "success"}), pipeline.Forbidden)
	w.app.Forget(w.repo.Installation)
	_, err := w.app.Head(ctx, w.repo, "main")
	callstest.WantKind(t, err, pipeline.Forbidden, "no longer reaches repository")
}
