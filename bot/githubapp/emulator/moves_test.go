package emulator_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// hearsOfMoves subscribes the app to what happens to repositories.
func (w *world) hearsOfMoves(t *testing.T) {
	t.Helper()
	check(t, w.ChangeApp(w.app.ID, emulator.Permissions{"metadata": "read", "contents": "read", "statuses": "write"}, "repository", "push"))
	check(t, w.AcceptPermissions(w.installation.ID))
}

func TestRename(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hearsOfMoves(t)
	head, client, ctx := w.tip(t, "main"), w.client(t), t.Context()
	check(t, w.RenameRepository(shop, "store", "octocat"))

	r, _, err := client.Repositories.Get(ctx, "octocat", "shop")
	check(t, err)
	if r.GetFullName() != "octocat/store" || r.GetID() != w.repo.ID {
		t.Errorf("the old name leads to %s", r.GetFullName())
	}
	_, answer, err := client.Repositories.CreateStatus(ctx, "octocat", "shop", head, &github.RepoStatus{State: github.String("success")})
	check(t, err)
	if answer.StatusCode != http.StatusCreated || len(w.Statuses("octocat/store", head)) != 1 {
		t.Errorf("a write under the old name: %s", answer.Status)
	}
	if _, _, _, err := client.Repositories.GetContents(ctx, "octocat", "shop", "src/a.txt", &github.RepositoryContentGetOptions{Ref: head}); err != nil {
		t.Errorf("a path with slashes and a query: %v", err)
	}
	dir := t.TempDir()
	gitIn(t, dir, "clone", "--quiet", w.octocat.GitURL(w.repo), "clone")
	w.settle(t)
	var e struct {
		Action  string
		Changes struct {
			Repository struct{ Name struct{ From string } }
		}
		Repository struct {
			FullName string `json:"full_name"`
		}
	}
	check(t, json.Unmarshal(w.hooks.of("repository")[0].body, &e))
	if e.Action != "renamed" || e.Changes.Repository.Name.From != "shop" || e.Repository.FullName != "octocat/store" {
		t.Errorf("the webhook says %+v", e)
	}

	// The name is used again: it leads to the new one, and no further.
	other := must(w.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "shop", Files: map[string]string{"b": "b"}}))(t)
	r, _, err = client.Repositories.Get(ctx, "octocat", "shop")
	check(t, err)
	if r.GetID() != other.ID {
		t.Errorf("the name leads to %d", r.GetID())
	}
	for name, err := range map[string]error{
		"a name in use":          w.RenameRepository("octocat/store", "shop", "octocat"),
		"somebody without admin": w.RenameRepository("octocat/store", "new", "hubot"),
		"no such repository":     w.RenameRepository("octocat/none", "new", "octocat"),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hearsOfMoves(t)
	must(w.AddOrganization("octo-org"))(t)
	must(w.Install(w.app.ID, "octo-org"))(t)
	client := w.client(t)
	check(t, w.TransferRepository(shop, "octo-org", "octocat"))
	w.settle(t)
	var e struct {
		Action       string
		Installation struct{ ID int64 }
		Changes      struct {
			Owner struct {
				From struct{ User struct{ Login string } }
			}
		}
	}
	check(t, json.Unmarshal(w.hooks.of("repository")[0].body, &e))
	if e.Action != "transferred" || e.Installation.ID == w.installation.ID || e.Changes.Owner.From.User.Login != "octocat" {
		t.Errorf("the webhook says %+v", e)
	}
	check(t, w.SetPrivate("octo-org/shop", true))
	if _, answer, _ := client.Repositories.Get(t.Context(), "octocat", "shop"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("the old owner's installation still reaches it: %s", answer.Status)
	}
	check(t, w.TransferRepository("octo-org/shop", "monalisa", "octo-org"))
	w.settle(t)
	if err := w.TransferRepository(shop, "nobody", "monalisa"); err == nil {
		t.Error("it went to nobody")
	}
}
