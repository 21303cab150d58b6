package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// checks COMMIT
//
// prints every check run: name, state, title, buttons, annotations.
func (s *player) checks(args []string) error {
	if len(args) != 1 {
		return errors.New("checks COMMIT")
	}
	sha, err := s.sha(args[0])
	if err == nil {
		s.printf("%s", s.checkLines(sha))
	}
	return err
}

func (s *scene) checkLines(sha string) string {
	var b strings.Builder
	for _, c := range s.github.AllChecks(demoRepository, sha) {
		fmt.Fprintf(&b, "%s | %s | %s", c.Name, checkState(c), c.Title)
		for _, a := range c.Actions {
			fmt.Fprintf(&b, " [%s]", a.Label)
		}
		b.WriteByte('\n')
		for _, a := range c.Annotations {
			fmt.Fprintf(&b, "  %s:%d: %s: %s\n", a.Path, a.StartLine, a.Level, strings.ReplaceAll(a.Message, "\n", " / "))
		}
	}
	return b.String()
}

// statuses COMMIT
//
// prints each context: name, state, description.
func (s *player) statuses(args []string) error {
	if len(args) != 1 {
		return errors.New("statuses COMMIT")
	}
	sha, err := s.sha(args[0])
	if err == nil {
		s.printf("%s", s.statusLines(sha))
	}
	return err
}

func (s *scene) statusLines(sha string) string {
	var b strings.Builder
	for _, status := range s.github.Statuses(demoRepository, sha) {
		fmt.Fprintf(&b, "%s | %s | %s\n", status.Context, status.State, status.Description)
	}
	return b.String()
}

// comments [on N]
func (s *player) comments(args []string) error {
	_, by := clauses(append([]string{""}, args...), "on")
	number, err := s.numberOf(by)
	if err == nil {
		s.printf("%s", s.commentLines(number))
	}
	return err
}

func (s *scene) commentLines(number int) string {
	var b strings.Builder
	for _, c := range s.github.Comments(demoRepository, number) {
		fmt.Fprintf(&b, "--- %s", c.Author)
		for _, r := range s.github.Reactions(c.ID) {
			fmt.Fprintf(&b, " (%s)", r.Content)
		}
		fmt.Fprintf(&b, "\n%s\n", c.Body)
	}
	return b.String()
}

// all is everything that can be seen from outside, for a story that went wrong.
func (s *scene) all() string {
	var b strings.Builder
	for _, name := range s.order {
		fmt.Fprintf(&b, "== commit %s %s\n%s%s", name, s.commits[name], s.statusLines(s.commits[name]), s.checkLines(s.commits[name]))
	}
	for _, pull := range s.github.PullRequests(demoRepository) {
		fmt.Fprintf(&b, "== pull request #%d, %s, head %s\n%s", pull.Number, pull.State, pull.HeadSHA, s.commentLines(pull.Number))
	}
	b.WriteString("== deliveries\n")
	for _, d := range s.github.Deliveries() {
		fmt.Fprintf(&b, "%s %s %s: %s %d %s\n", d.GUID, d.Event, d.Action, d.State, d.StatusCode, strings.TrimSpace(d.Response))
	}
	b.WriteString(s.slackAll())
	fmt.Fprintf(&b, "== rings: %s\n== the server's log\n%s\n", strings.Join(s.bell.rings.all(), ", "), strings.Join(s.said.all(), "\n"))
	return b.String()
}

// page PATH [as LOGIN] [token FILE]
//
// prints a page of the server as text: as who is logged in, or as a program with
// the token that stands in a file, or as anybody.
func (s *player) page(args []string) error {
	rest, by := clauses(args, "as", "token")
	if len(rest) != 1 {
		return errors.New("page PATH [as LOGIN] [token FILE]")
	}
	ask := func(*http.Request) {}
	if file := by["token"]; file != "" {
		ask = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(s.ts.ReadFile(file))) }
	}
	client := http.DefaultClient
	if login := by["as"]; login != "" {
		var err error
		if client, err = s.browser(login); err != nil {
			return err
		}
	}
	body, err := s.fetch(context.Background(), client, rest[0], ask)
	if strings.Contains(body, "<html") {
		body = plain(body)
	}
	s.printf("%s\n", body)
	return err
}

// get reads a page; a path is one of the server's.
func (s *player) get(ctx context.Context, address string) (string, error) {
	return s.fetch(ctx, http.DefaultClient, address, func(*http.Request) {})
}

func (s *player) fetch(ctx context.Context, client *http.Client, address string, change func(*http.Request)) (string, error) {
	if strings.HasPrefix(address, "/") {
		address = s.ts.Getenv("PENSTOCK_URL") + address
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	change(request)
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, response.Status)
	}
	return string(body), err
}

// plain is the text of a page, a line for each row of a table.
func plain(page string) string {
	page = regexp.MustCompile(`(?s)<head>.*?</head>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`\s+`).ReplaceAllString(page, " ")
	page = regexp.MustCompile(`</(tr|p|h1|h2|div|li)>`).ReplaceAllString(page, "\n")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	var lines []string
	for line := range strings.SplitSeq(html.UnescapeString(page), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// runs
//
// prints the list of runs as the first page shows it, newest first, one a line.
func (s *player) runs([]string) error {
	lines, err := s.runLines(context.Background())
	if err == nil {
		s.printf("%s\n", strings.Join(lines, "\n"))
	}
	return err
}

func (s *player) runLines(ctx context.Context) ([]string, error) {
	body, err := s.get(ctx, "/")
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, row := range regexp.MustCompile(`(?s)<tr>\s*<td>.*?</tr>`).FindAllString(body, -1) {
		lines = append(lines, plain(row))
	}
	return lines, nil
}

// log COMMIT ACTION
//
// follows the status of a commit to the page of its run, and from there to the
// log of an action's newest attempt, and prints it.
func (s *player) log(args []string) error {
	if len(args) != 2 {
		return errors.New("log COMMIT ACTION")
	}
	sha, err := s.sha(args[0])
	if err != nil {
		return err
	}
	var statuses []emulator.Status
	if statuses = s.github.Statuses(demoRepository, sha); len(statuses) == 0 {
		return fmt.Errorf("%s has no status", args[0])
	}
	page, err := s.get(context.Background(), statuses[0].TargetURL)
	if err != nil {
		return err
	}
	links := regexp.MustCompile(`(?s)<b>`+regexp.QuoteMeta(html.EscapeString(args[1]))+`</b>.*?href="(/runs/[^"]+/log/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(links) == 0 {
		return fmt.Errorf("%s shows no log of %s", statuses[0].TargetURL, args[1])
	}
	body, err := s.get(context.Background(), links[len(links)-1][1]+".txt")
	if err == nil {
		s.printf("%s\n", body)
	}
	return err
}

// expect COUNT 'text'
//
// counts the lines that the command before has printed and that fit.
func (s *player) expect(args []string) error {
	if len(args) != 2 {
		return errors.New("expect COUNT 'text'")
	}
	pattern, err := regexp.Compile(args[1])
	if err != nil {
		return err
	}
	printed, n := s.ts.ReadFile("stdout"), 0
	for line := range strings.SplitSeq(printed, "\n") {
		if pattern.MatchString(line) {
			n++
		}
	}
	if fmt.Sprint(n) != args[0] {
		return fmt.Errorf("%d lines fit, want %s, of:\n%s", n, args[0], printed)
	}
	s.printf("%s", printed)
	return nil
}
