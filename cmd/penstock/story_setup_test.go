package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// setup FLAG... [as LOGIN]
//
// runs `penstock setup` against the story's GitHub, with somebody who goes through
// its page and GitHub's in a browser. With --page FILE they open the file and paste
// where they were led. Afterwards the app is the one that was made, and servers
// take their settings from the configuration that was written, below etc.
func (s *player) setup(args []string) error {
	args, by := clauses(args, "as")
	name, err := exec.LookPath("penstock")
	if err != nil {
		return err
	}
	cmd := exec.Command(name, append([]string{"setup", "--github", s.github.URL(), "--dir", "etc", "--data", "data"}, args...)...)
	cmd.Dir, cmd.Env = s.dir, s.settings()
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = s.ts.Stderr()
	if err := cmd.Start(); err != nil {
		return err
	}
	walked := s.walkSetup(bufio.NewReader(out), in, as(by))
	if walked != nil {
		cmd.Process.Kill()
	}
	if err := cmd.Wait(); err != nil {
		return errors.Join(errors.New("setup did not work"), walked)
	}
	return walked
}

var (
	madeApp     = regexp.MustCompile(`The app (\S+) exists`)
	printedLink = regexp.MustCompile(`http\S+/installations/new`)
)

// walkSetup is the person. Setup that ends without an address needs none.
func (s *player) walkSetup(out *bufio.Reader, in io.WriteCloser, login string) error {
	defer in.Close()
	address := ""
	for address == "" {
		line, err := out.ReadString('\n')
		s.printf("%s", line)
		if err != nil {
			return nil
		}
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "http://127.") || strings.HasPrefix(line, s.dir) {
			address = line
		}
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var page []byte
	if strings.HasPrefix(address, s.dir) {
		page, err = os.ReadFile(address)
	} else {
		page, err = fetch(client, address)
	}
	if err != nil {
		return err
	}
	back, err := walkNewApp(client, "", string(page), login)
	if err != nil {
		return err
	}
	if strings.HasPrefix(address, s.dir) {
		fmt.Fprintf(in, "\nwhat?\n%s\n", back)
	} else if _, err = fetch(client, back.String()); err != nil {
		return err
	}
	rest, err := io.ReadAll(out)
	s.printf("%s", rest)
	if err != nil {
		return err
	}
	return s.becomeApp(string(rest))
}

// becomeApp makes the app that was made the one of the story.
func (s *player) becomeApp(said string) error {
	slug := madeApp.FindStringSubmatch(said)
	if slug == nil {
		return errors.New("setup made no app")
	}
	if err := s.github.SetWebhook(s.app.ID, "", ""); err != nil {
		return err
	}
	app, ok := s.github.App(slug[1])
	if !ok {
		return fmt.Errorf("GitHub has no app %s", slug[1])
	}
	s.app, s.installLink = app, printedLink.FindString(said)
	for _, name := range []string{"PENSTOCK_GITHUB_APP_ID", "PENSTOCK_GITHUB_WEBHOOK_SECRET", "PENSTOCK_GITHUB_API_URL", "PENSTOCK_URL", "PENSTOCK_DATA", "PENSTOCK_ALLOW"} {
		s.ts.Setenv(name, "")
	}
	s.ts.Setenv("CONFIG", "etc/config.yml")
	return nil
}

// fetch reads a page that must be there.
func fetch(client *http.Client, address string) ([]byte, error) {
	answer, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s\n%s", answer.Request.URL.Path, answer.Status, body)
	}
	return body, err
}

// protect BRANCH
//
// puts a rule on a branch.
func (s *player) protect(args []string) error {
	if len(args) != 1 {
		return errors.New("protect BRANCH")
	}
	return s.github.Protect(demoRepository, args[0], true)
}

// install
//
// follows the link that setup has printed, and installs the app.
func (s *player) install([]string) error {
	answer, err := http.PostForm(s.installLink, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", s.installLink, answer.Status)
	}
	return nil
}
