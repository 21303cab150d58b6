package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/penstock-cd/penstock/bot/web/api"
)

// call VERB N 'BODY' token FILE
//
// is a program that posts to the API about run N, as POST /runs/{id}/VERB, with the
// token that stands in a file; prints the answer, and fails if it is a refusal.
func (s *player) call(args []string) error {
	rest, by := clauses(args, "token")
	if len(rest) != 3 || by["token"] == "" {
		return errors.New("call VERB N 'BODY' token FILE")
	}
	as := func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(s.ts.ReadFile(by["token"])))
		r.Header.Set("Content-Type", "application/json")
	}
	list, err := s.fetch(context.Background(), http.DefaultClient, "/api/v1/runs?repository="+demoRepository, as)
	if err != nil {
		return err
	}
	var all api.Runs
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		return err
	}
	for _, run := range all.Runs {
		if fmt.Sprint(run.Number) == rest[1] {
			return s.ask(run.ID+"/"+rest[0], rest[2], as)
		}
	}
	return fmt.Errorf("no run #%s", rest[1])
}

// ask posts to a run of the API.
func (s *player) ask(path, body string, change func(*http.Request)) error {
	request, err := http.NewRequest(http.MethodPost, s.ts.Getenv("PENSTOCK_URL")+"/api/v1/runs/"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	change(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	s.printf("%s\n", answer)
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return nil
}
