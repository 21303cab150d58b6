package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// story is somebody who uses Penstock: with git, with GitHub's API where a person would
// click, and with clicks in Slack.
type story struct {
	*demoHouse
	out   io.Writer
	begin time.Time
}

// tell plays the whole story. The error says what was missing.
func (h *demoHouse) tell(ctx context.Context, out io.Writer) error {
	s := &story{h, out, time.Now()}
	head, err := s.pushBranch(ctx)
	if err != nil {
		return err
	}
	number, err := s.openPull(ctx, head)
	if err != nil {
		return err
	}
	if err := s.build(ctx, head); err != nil {
		return err
	}
	if err := s.succeeds(ctx, head); err != nil {
		return err
	}
	merged, err := s.merge(ctx, number)
	if err != nil {
		return err
	}
	if err := s.build(ctx, merged); err != nil {
		return err
	}
	if err := s.approveByComment(ctx, number, merged); err != nil {
		return err
	}
	if err := s.approveInSlack(ctx, merged); err != nil {
		return err
	}
	return s.table(ctx, head, merged)
}

func (s *story) say(format string, args ...any) {
	fmt.Fprintf(s.out, "%6.2fs  %s\n", time.Since(s.begin).Seconds(), fmt.Sprintf(format, args...))
}

// pushBranch clones, commits and pushes.
func (s *story) pushBranch(ctx context.Context) (sha string, err error) {
	clone := filepath.Join(s.dir, "shop")
	steps := []func() error{
		func() error {
			_, err := s.git(ctx, s.dir, "clone", "--quiet", s.github.URL()+"/"+demoRepository+".git", clone)
			return err
		},
		func() error { _, err := s.git(ctx, clone, "switch", "--quiet", "-c", "louder"); return err },
		func() error {
			return os.WriteFile(filepath.Join(clone, "greeting.txt"), []byte("HELLO from the shop!\n"), 0o644)
		},
		func() error { _, err := s.git(ctx, clone, "commit", "--quiet", "-am", "Say it louder"); return err },
		func() error { _, err := s.git(ctx, clone, "push", "--quiet", "-u", "origin", "louder"); return err },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return "", err
		}
	}
	sha, err = s.git(ctx, clone, "rev-parse", "HEAD")
	s.say("cloned, and pushed %.7s to branch louder", sha)
	return sha, err
}

// git runs git with an identity and a home of the demo's own. The token travels
// in the environment.
func (s *story) git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(s.dir, "home"), "LANG=C.UTF-8",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=octocat", "GIT_AUTHOR_EMAIL=" + s.octocat.Email,
		"GIT_COMMITTER_NAME=octocat", "GIT_COMMITTER_EMAIL=" + s.octocat.Email,
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http." + s.github.URL() + "/.extraHeader",
		"GIT_CONFIG_VALUE_0=Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("octocat:"+s.octocat.Token)),
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(out))
	}
	return strings.TrimSpace(string(out)), nil
}

func (s *story) openPull(ctx context.Context, head string) (number int, err error) {
	var pull struct {
		Number int `json:"number"`
	}
	err = s.api(ctx, "POST", "/pulls", map[string]any{"title": "Say it louder", "head": "louder", "base": "main"}, &pull)
	if err != nil {
		return 0, err
	}
	s.say("opened pull request #%d", pull.Number)
	err = s.await(ctx, "the status penstock/release on the pull request", func(v *emulator.View) bool {
		return len(v.Statuses(demoRepository, head)) > 0
	})
	if err == nil {
		s.say("the commit has its first status")
	}
	return pull.Number, err
}

// build waits for the first stage.
func (s *story) build(ctx context.Context, sha string) error {
	err := s.await(ctx, "the check penstock / release / Build to succeed", func(v *emulator.View) bool {
		check, ok := v.Check(demoRepository, sha, "penstock / release / Build")
		return ok && check.Conclusion == "success"
	})
	if err == nil {
		s.say("stage Build of %.7s is green", sha)
	}
	return err
}

// approveByComment waits for the gate to be announced in the pull request. Whoever merged it
// cannot approve it; somebody else can.
func (s *story) approveByComment(ctx context.Context, number int, sha string) error {
	err := s.await(ctx, "the gate to be announced in the pull request, with buttons on its check", func(v *emulator.View) bool {
		check, ok := v.Check(demoRepository, sha, "penstock / release / approve staging")
		return ok && check.Conclusion == "action_required" && len(check.Actions) == 2 && s.comments(v, number, "penstock:gate:")
	})
	if err != nil {
		return err
	}
	s.say("staging waits for approval, announced in pull request #%d", number)
	comment := func(as emulator.User) error {
		s.say("%s comments /approve", as.Login)
		return s.apiAs(ctx, as, "POST", fmt.Sprintf("/issues/%d/comments", number), map[string]any{"body": "/approve"}, nil)
	}
	if err := comment(s.octocat); err != nil {
		return err
	}
	err = s.await(ctx, "the answer that octocat cannot", func(v *emulator.View) bool {
		return s.comments(v, number, "whoever has a hand in it cannot approve it")
	})
	if err != nil {
		return err
	}
	s.say("it is not counted: octocat wrote, pushed and merged the change")
	return comment(s.hubot)
}

// comments reports whether a comment of a pull request holds a text.
func (s *story) comments(v *emulator.View, number int, text string) bool {
	return slices.ContainsFunc(v.Comments(demoRepository, number), func(c emulator.Comment) bool { return strings.Contains(c.Body, text) })
}

func (s *story) succeeds(ctx context.Context, sha string) error {
	err := s.await(ctx, "the status penstock/release to become success", func(v *emulator.View) bool {
		return s.succeeded(v, sha)
	})
	if err == nil {
		s.say("the run of %.7s has succeeded", sha)
	}
	return err
}

// succeeded reports whether a commit shows success all over. A pull request does not
// go to production.
func (s *story) succeeded(v *emulator.View, sha string) bool {
	statuses, checks := v.Statuses(demoRepository, sha), v.Checks(demoRepository, sha)
	for _, status := range statuses {
		if status.State != "success" {
			return false
		}
	}
	for _, check := range checks {
		if check.Conclusion != "success" && check.Conclusion != "skipped" {
			return false
		}
	}
	return len(statuses) == 1 && len(checks) >= 2
}

func (s *story) merge(ctx context.Context, number int) (sha string, err error) {
	var merged struct {
		SHA string `json:"sha"`
	}
	err = s.api(ctx, "PUT", fmt.Sprintf("/pulls/%d/merge", number), map[string]any{"merge_method": "squash"}, &merged)
	if err == nil {
		s.say("merged pull request #%d into main as %.7s", number, merged.SHA)
	}
	return merged.SHA, err
}

// await waits for GitHub to show something.
func (s *story) await(ctx context.Context, what string, condition func(*emulator.View) bool) error {
	err := s.github.Await(ctx, condition)
	if err != nil {
		return fmt.Errorf("missing: %s: %w", what, err)
	}
	return nil
}

// api calls GitHub as octocat.
func (s *story) api(ctx context.Context, method, path string, in, out any) error {
	return s.apiAs(ctx, s.octocat, method, path, in, out)
}

func (s *story) apiAs(ctx context.Context, as emulator.User, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.github.APIURL()+"repos/"+demoRepository+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+as.Token)
	request.Header.Set("Accept", "application/vnd.github+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: GitHub answered %s: %s", method, path, response.Status, content)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(content, out)
}

// table shows what GitHub's API answers about both commits.
func (s *story) table(ctx context.Context, shas ...string) error {
	fmt.Fprintln(s.out)
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "COMMIT\tCHECK OR STATUS\tSHOWS\tTITLE")
	for _, sha := range shas {
		var checks struct {
			CheckRuns []struct {
				Name, Conclusion string
				Output           struct{ Title string }
			} `json:"check_runs"`
		}
		var combined struct {
			Statuses []struct{ Context, State, Description string }
		}
		if err := s.api(ctx, "GET", "/commits/"+sha+"/check-runs", nil, &checks); err != nil {
			return err
		}
		if err := s.api(ctx, "GET", "/commits/"+sha+"/status", nil, &combined); err != nil {
			return err
		}
		for _, status := range combined.Statuses {
			fmt.Fprintf(w, "%.7s\t%s\t%s\t%s\n", sha, status.Context, status.State, status.Description)
		}
		for _, check := range checks.CheckRuns {
			fmt.Fprintf(w, "%.7s\t%s\t%s\t%s\n", sha, check.Name, check.Conclusion, check.Output.Title)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.say("done")
	return nil
}
