package githubapp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

const checksPath = "/repos/octocat/shop/check-runs"

func TestCreateCheck(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("POST "+checksPath, 201, `{"id":31}`)
	id, err := s.app(t).CreateCheck(t.Context(), shop, sha, githubapp.Check{
		Name: "penstock / release / Build", ExternalID: "run-1", DetailsURL: "https://ci.example/runs/1",
		Status: "completed", Conclusion: "action_required",
		StartedAt: time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC), EndedAt: time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC),
		Title: "waiting", Summary: "| a |", Text: strings.Repeat("ä", 40000),
		Annotations: []githubapp.Annotation{
			{Path: ".penstock.yml", StartLine: 3, StartColumn: 5, Level: "failure", Message: "wrong", Title: "t"},
			{Path: ".penstock.yml", StartLine: 3, EndLine: 4, StartColumn: 5, Level: "warning", Message: "wrong"},
		},
		Actions: []githubapp.CheckAction{{Label: "Approve", Description: "Let it go on", Identifier: "approve"}},
	})
	if err != nil || id != 31 {
		t.Fatalf("id %d, %v", id, err)
	}
	got := fields(t, s.seen("POST " + checksPath)[0].Body)
	output := got["output"].(map[string]any)
	if text := output["text"].(string); len(text) > 65535 || !strings.HasSuffix(text, "ä…") {
		t.Errorf("text of %d bytes ends in %q", len(text), text[len(text)-5:])
	}
	delete(output, "text")
	want := map[string]any{
		"name": "penstock / release / Build", "head_sha": sha, "external_id": "run-1", "details_url": "https://ci.example/runs/1",
		"status": "completed", "conclusion": "action_required",
		"started_at": "2026-01-02T03:04:05Z", "completed_at": "2026-01-02T03:05:00Z",
		"output": map[string]any{"title": "waiting", "summary": "| a |", "annotations": []any{
			map[string]any{"path": ".penstock.yml", "start_line": 3.0, "end_line": 3.0, "start_column": 5.0, "end_column": 5.0,
				"annotation_level": "failure", "message": "wrong", "title": "t"},
			map[string]any{"path": ".penstock.yml", "start_line": 3.0, "end_line": 4.0, "annotation_level": "warning", "message": "wrong"},
		}},
		"actions": []any{map[string]any{"label": "Approve", "description": "Let it go on", "identifier": "approve"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestUpdateCheckTakesAwayWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("PATCH "+checksPath+"/31", 200, `{"id":31}`)
	err := s.app(t).UpdateCheck(t.Context(), shop, 31, githubapp.Check{
		Name: "c", Status: "in_progress", Title: "running", Summary: "s",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"name": "c", "status": "in_progress", "actions": []any{},
		"output": map[string]any{"title": "running", "summary": "s", "text": ""},
	}
	if d := cmp.Diff(want, fields(t, s.seen("PATCH")[0].Body)); d != "" {
		t.Error(d)
	}
}

func TestAnnotationsArePaged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    int
		want []int
	}{{0, []int{0}}, {50, []int{50}}, {51, []int{50, 1}}, {120, []int{50, 50, 20}}} {
		t.Run(fmt.Sprint(c.n), func(t *testing.T) {
			t.Parallel()
			s := newStub()
			s.answer("POST "+checksPath, 201, `{"id":31}`)
			s.answer("PATCH "+checksPath+"/31", 200, `{"id":31}`)
			check := githubapp.Check{Name: "c", Status: "completed", Conclusion: "failure", Title: "t", Summary: "s"}
			for i := range c.n {
				check.Annotations = append(check.Annotations, githubapp.Annotation{
					Path: "f", StartLine: i + 1, Level: "failure", Message: fmt.Sprint(i),
				})
			}
			if _, err := s.app(t).CreateCheck(t.Context(), shop, sha, check); err != nil {
				t.Fatal(err)
			}
			var sent []int
			next := 0
			for _, r := range s.seen(checksPath) {
				list, _ := fields(t, r.Body)["output"].(map[string]any)["annotations"].([]any)
				sent = append(sent, len(list))
				for _, a := range list {
					if m := a.(map[string]any)["message"]; m != fmt.Sprint(next) {
						t.Errorf("message %v, want %d", m, next)
					}
					next++
				}
			}
			if d := cmp.Diff(c.want, sent); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCheckWithoutItsLastAnnotations(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("POST "+checksPath, 201, `{"id":31}`)
	s.answer("PATCH "+checksPath+"/31", 502, ``)
	check := githubapp.Check{Name: "c", Title: "t", Summary: "s", Annotations: make([]githubapp.Annotation, 51)}
	id, err := s.app(t).CreateCheck(t.Context(), shop, sha, check)
	callstest.WantKind(t, err, pipeline.Unavailable)
	if id != 31 {
		t.Errorf("id %d: the check run would be created twice", id)
	}
}

func TestFindCheck(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.handle("GET /repos/octocat/shop/commits/"+sha+"/check-runs", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("check_name") != "penstock / a" || q.Get("filter") != "all" || q.Get("app_id") != "9" {
			t.Errorf("query %q", r.URL.RawQuery)
		}
		if q.Get("page") == "" {
			w.Header().Set("Link", fmt.Sprintf(`<https://api.github.com%s?%s&page=2>; rel="next"`, r.URL.Path, r.URL.RawQuery))
			callstest.Reply(w, 200, `{"total_count":101,"check_runs":[
				{"id":1,"name":"penstock / a","external_id":"old","app":{"id":9}},
				{"id":2,"name":"penstock / a","external_id":"mine","app":{"id":10}}]}`)
			return
		}
		callstest.Reply(w, 200, `{"total_count":101,"check_runs":[
			{"id":3,"name":"penstock / a","external_id":"mine","head_sha":"`+sha+`","status":"completed","conclusion":"success","app":{"id":9},"check_suite":{"id":4}},
			{"id":5,"name":"penstock / ab","external_id":"mine","app":{"id":9}}]}`)
	})
	a := s.app(t)
	run, found, err := a.FindCheck(t.Context(), shop, sha, "penstock / a", "mine")
	want := githubapp.CheckRun{ID: 3, Name: "penstock / a", HeadSHA: sha, ExternalID: "mine", Status: "completed", Conclusion: "success", SuiteID: 4}
	if err != nil || !found || run != want {
		t.Errorf("%+v, %v, %v", run, found, err)
	}
	_, found, err = a.FindCheck(t.Context(), shop, sha, "penstock / a", "none")
	if err != nil || found {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestCreateStatus(t *testing.T) {
	t.Parallel()
	s := newStub()
	s.answer("POST /repos/octocat/shop/statuses/"+sha, 201, `{"id":1}`)
	a := s.app(t)
	err := a.CreateStatus(t.Context(), shop, sha, githubapp.Status{
		Context: "penstock/release", State: "success", Description: strings.Repeat("ä", 141), TargetURL: "https://ci.example/runs/1",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"context": "penstock/release", "state": "success", "description": strings.Repeat("ä", 139) + "…",
		"target_url": "https://ci.example/runs/1",
	}
	if d := cmp.Diff(want, fields(t, s.seen("POST /repos")[0].Body)); d != "" {
		t.Error(d)
	}
}
