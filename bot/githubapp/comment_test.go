package githubapp_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	ourApp    = `{"id":9,"slug":"penstock"}`
	ourUser   = `{"id":900,"login":"penstock[bot]","type":"Bot"}`
	otherUser = `{"id":901,"login":"hubot","type":"User"}`
)

func TestApp(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("GET /app", 200, ourApp)
	s.answer("POST /repos/octocat/shop/issues/7/comments", 201, `{"id":1,"user":`+ourUser+`}`)
	a := s.app(t)
	for range 2 {
		us, err := a.App(t.Context())
		want := githubapp.Identity{ID: 9, Slug: "penstock", BotLogin: "penstock[bot]"}
		if err != nil || us != want {
			t.Fatalf("%+v, %v", us, err)
		}
		if !us.Ours(pipeline.Actor{ID: 1, Login: "Penstock[bot]"}) || us.Ours(pipeline.Actor{ID: 1, Login: "penstock"}) {
			t.Error("the login decides while the id is unknown")
		}
	}
	if n := len(s.seen("GET /app")); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if _, err := a.CreateComment(t.Context(), shop, 7, "hello"); err != nil {
		t.Fatal(err)
	}
	us, err := a.App(t.Context())
	if err != nil || us.BotID != 900 {
		t.Fatalf("%+v, %v", us, err)
	}
	if us.Ours(pipeline.Actor{ID: 1, Login: "penstock[bot]"}) || !us.Ours(pipeline.Actor{ID: 900, Login: "renamed[bot]"}) {
		t.Error("the id decides once it is known")
	}
}

func TestAppRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
		kind   pipeline.Kind
		says   string
	}{
		{"wrong key", 401, `{"message":"A JSON web token could not be decoded"}`, pipeline.Forbidden, "clock"},
		{"unknown app", 404, `{"message":"Integration not found"}`, pipeline.Forbidden, "app id"},
		{"another app", 200, `{"id":10,"slug":"other"}`, pipeline.Invalid, "app 10"},
		{"down", 503, ``, pipeline.Unavailable, "503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.answer("GET /app", c.status, c.body)
			_, err := s.app(t).App(t.Context())
			callstest.WantKind(t, err, c.kind, c.says)
		})
	}
}

func TestFindComment(t *testing.T) {
	t.Parallel()
	const marker = "<!-- penstock:gate:1 -->"
	s := newStub()
	s.answer("GET /app", 200, ourApp)
	s.handle("GET /repos/octocat/shop/issues/7/comments", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("page") {
		case "":
			w.Header().Set("Link", `<https://api.github.com/x?page=2>; rel="next"`)
			callstest.Reply(w, 200, `[{"id":1,"body":"`+marker+` copied","user":`+otherUser+`},{"id":2,"body":"other","user":`+ourUser+`},
				{"id":3,"body":"`+marker+`","user":null}]`)
		case "2":
			w.Header().Set("Link", `<https://api.github.com/x?page=3>; rel="next"`)
			callstest.Reply(w, 200, `[{"id":4,"body":"`+marker+` mine","created_at":"2026-01-02T03:04:05Z","html_url":"https://github.com/x","user":`+ourUser+`}]`)
		default:
			t.Error("read on after the comment was found")
		}
	})
	a := s.app(t)
	c, found, err := a.FindComment(t.Context(), shop, 7, marker)
	if err != nil || !found || c.ID != 4 || !c.CreatedAt.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) || !c.Author.Bot {
		t.Errorf("%+v, %v, %v", c, found, err)
	}
}

func TestListCommentsEnds(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.handle("GET /repos/octocat/shop/issues/7/comments", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<https://api.github.com/x?page=2>; rel="next"`) // for ever
		callstest.Reply(w, 200, `[{"id":1,"user":`+otherUser+`}]`)
	})
	if _, err := s.app(t).ListComments(t.Context(), shop, 7, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if n := len(s.seen("/comments")); n != githubapp.MaxComments/50 {
		t.Errorf("%d pages", n)
	}
}

func TestEditCommentAndReact(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("PATCH /repos/octocat/shop/issues/comments/4", 200, `{"id":4,"body":"new","user":`+ourUser+`}`)
	s.answer("PATCH /repos/octocat/shop/issues/comments/5", 404, `{"message":"Not Found"}`)
	s.answer("POST /repos/octocat/shop/issues/comments/4/reactions", 200, `{"id":1,"content":"eyes"}`)
	s.answer("POST /repos/octocat/shop/issues/comments/6/reactions", 201, `{"id":1,"content":"eyes"}`)
	a := s.app(t)
	c, err := a.EditComment(t.Context(), shop, 4, "new")
	if err != nil || c.Body != "new" {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = a.EditComment(t.Context(), shop, 5, "new")
	callstest.WantKind(t, err, pipeline.NotFound)
	for _, id := range []int64{4, 6} {
		if err := a.React(t.Context(), shop, id, githubapp.ReactionEyes); err != nil {
			t.Error(err)
		}
	}
}
