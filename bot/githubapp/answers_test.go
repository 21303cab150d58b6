package githubapp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/pipeline"
)

// tagged answers questions about permissions with an entity tag of what is true.
func tagged(s *stub, truth func(r *http.Request) string) {
	s.handle("GET /repos/octocat/shop/collaborators/{login}/permission", func(w http.ResponseWriter, r *http.Request) {
		tag := fmt.Sprintf("W/%q", truth(r))
		if r.Header.Get("If-None-Match") == tag {
			callstest.Reply(w, 304, "", "ETag", tag)
			return
		}
		callstest.Reply(w, 200, fmt.Sprintf(`{"permission":%q,"user":{"id":1,"login":%q}}`, truth(r), r.PathValue("login")), "ETag", tag)
	})
}

func TestAnAnswerIsAskedForAgainEachTime(t *testing.T) {
	t.Parallel()
	s := newStub()
	permission := "write"
	tagged(s, func(*http.Request) string { return permission })
	a := s.app(t)
	who := pipeline.Actor{ID: 1, Login: "octocat"}
	look := func(want pipeline.Permission, notModified uint64) {
		t.Helper()
		got, err := a.Permission(t.Context(), shop, who)
		if err != nil || got != want {
			t.Errorf("%v %v, want %v", got, err, want)
		}
		if n := a.Budgets()[1].NotModified; n != notModified {
			t.Errorf("%d answers were not modified, want %d", n, notModified)
		}
	}
	look(pipeline.PermissionWrite, 0)
	look(pipeline.PermissionWrite, 1)
	look(pipeline.PermissionWrite, 2)
	permission = "none" // taken away
	look(pipeline.PermissionNone, 2)
	look(pipeline.PermissionNone, 3)
	if n := len(s.seen("/permission")); n != 5 {
		t.Errorf("GitHub was asked %d times, want each time", n)
	}
	a.Forget(shop.Installation)
	if _, err := a.Permission(t.Context(), shop, who); err != nil {
		t.Error(err)
	}
	if b := a.Budgets()[1]; b.NotModified != 3 || b.Requests != 6 {
		t.Errorf("an answer outlived its installation, or its limits did not: %+v", b)
	}
}

// An answer for one repository never stands in for another's, even when GitHub
// says "not modified" without being asked.
func TestAnswersAreKeptApart(t *testing.T) {
	t.Parallel()
	s := newStub()
	tagged(s, func(r *http.Request) string { return "write" })
	a := s.app(t)
	who := pipeline.Actor{ID: 1, Login: "octocat"}
	if _, err := a.Permission(t.Context(), shop, who); err != nil {
		t.Fatal(err)
	}
	other := shop // of the same name, made after the first was deleted
	other.ID++
	if _, err := a.Permission(t.Context(), other, who); err != nil {
		t.Fatal(err)
	}
	other = shop
	other.Installation++
	if _, err := a.Permission(t.Context(), other, who); err != nil {
		t.Fatal(err)
	}
	for _, b := range a.Budgets() {
		if b.NotModified != 0 {
			t.Errorf("%+v", b)
		}
	}
}

func TestWritesAndErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("GET /repos/octocat/shop/git/ref/heads/main", 404, `{}`, "ETag", `"gone"`)
	s.answer("GET /repos/octocat/shop/git/ref/heads/large", 200, `{"ref":"refs/heads/large","object":{"type":"commit","sha":"`+sha+`"},"x":"`+
		strings.Repeat("x", 300<<10)+`"}`, "ETag", `"large"`)
	a := s.app(t)
	for range 2 {
		_, err := a.Head(t.Context(), shop, "main")
		callstest.WantKind(t, err, pipeline.NotFound)
		if _, err := a.Head(t.Context(), shop, "large"); err != nil {
			t.Error(err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if r.IfNoneMatch != "" {
			t.Errorf("%s %s was asked with If-None-Match", r.Method, r.Path)
		}
	}
}
