package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

var (
	voteForm    = regexp.MustCompile(`(?s)<form class="vote" method="post" action="([^"]*)">(.*?)</form>`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)
)

// vote approve|reject N ['REASON'] [as LOGIN]
//
// fills in the form of the open gate on the page of run N, as somebody who is logged
// in; prints the page that comes, and fails if the vote was not counted.
func (s *player) vote(args []string) error {
	rest, by := clauses(args, "as")
	if len(rest) < 2 || len(rest) > 3 || rest[0] != "approve" && rest[0] != "reject" {
		return errors.New("vote approve|reject N ['REASON'] [as LOGIN]")
	}
	browser, err := s.browser(as(by))
	if err != nil {
		return err
	}
	ctx := context.Background()
	list, err := s.fetch(ctx, browser, "/runs", func(*http.Request) {})
	if err != nil {
		return err
	}
	run := regexp.MustCompile(`href="(/runs/[^"]*)"><b>[^<]*</b> #` + regexp.QuoteMeta(rest[1]) + `</a>`).FindStringSubmatch(list)
	if run == nil {
		return fmt.Errorf("no run #%s on the page:\n%s", rest[1], plain(list))
	}
	page, err := s.fetch(ctx, browser, run[1], func(*http.Request) {})
	if err != nil {
		return err
	}
	form := voteForm.FindStringSubmatch(page)
	if form == nil {
		return fmt.Errorf("no form on the page:\n%s", plain(page))
	}
	values := url.Values{"verdict": {strings.ToUpper(rest[0][:1]) + rest[0][1:]}}
	for _, field := range hiddenField.FindAllStringSubmatch(form[2], -1) {
		values.Set(field[1], html.UnescapeString(field[2]))
	}
	if len(rest) == 3 {
		values.Set("reason", rest[2])
	}
	return s.send(ctx, browser, form[1], values)
}

// send sends a form as a browser does, and prints the page that comes.
func (s *player) send(ctx context.Context, browser *http.Client, path string, values url.Values) error {
	base := s.ts.Getenv("PENSTOCK_URL")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", base)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	response, err := browser.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	s.printf("%s\n", plain(string(body)))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return nil
}
