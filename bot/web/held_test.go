package web_test

import (
	"net/http"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// One account follows so many logs at once and no more; nobody else is kept from it,
// and what was ended makes room.
func TestWhoFollowsTooMuch(t *testing.T) {
	t.Parallel()
	s := newAPI(t)
	hubot, octocat := s.token(t, "hubot", pipeline.ScopeRead), s.token(t, "octocat", pipeline.ScopeRead)
	follow := func(token string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/v1/runs/"+runID+"/logs/test-2?follow=true", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { answer.Body.Close() })
		return answer
	}
	var first *http.Response
	for i := range 50 {
		answer := follow(hubot)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("log %d: %s", i+1, answer.Status)
		}
		if first == nil {
			first = answer
		}
	}
	if answer := follow(hubot); answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %s", answer.Status)
	}
	if answer := follow(octocat); answer.StatusCode != http.StatusOK {
		t.Errorf("somebody else: %s", answer.Status)
	}
	first.Body.Close()
	for tries := 0; follow(hubot).StatusCode != http.StatusOK; tries++ { // the server has to notice first
		if tries == 10_000 {
			t.Fatal("no room is made")
		}
	}
}
