package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// push NAME to BRANCH [with DIR] [as LOGIN] [by AUTHOR] [co AUTHOR]
//
// commits and pushes with git; NAME is what the script calls the commit. The
// files of DIR come on top of what is there; without DIR a file changes that
// nobody reads. A branch that is not there yet starts at main. monalisa:BRANCH
// is a branch of her fork. env MESSAGE is the commit's message instead of NAME. Its
// author is the one who pushes, unless by says otherwise; co is a co-author. An AUTHOR
// is a login, or 'Name <address>' as git has it, which GitHub knows no account of.
func (s *player) push(args []string) error {
	rest, by := clauses(args, "to", "with", "as", "by", "co")
	if len(rest) != 1 || by["to"] == "" {
		return errors.New("push NAME to BRANCH [with DIR] [as LOGIN] [by AUTHOR] [co AUTHOR]")
	}
	name := rest[0]
	message := cmp.Or(s.ts.Getenv("MESSAGE"), name)
	if by["co"] != "" {
		message += "\n\nCo-authored-by: " + s.author(by["co"])
	}
	files := map[string]string{"change.txt": name + "\n"}
	if by["with"] != "" {
		var err error
		if files, err = s.files(by["with"]); err != nil {
			return err
		}
	}
	if owner, branch, ok := strings.Cut(by["to"], ":"); ok {
		sha, err := s.github.Push(emulator.Change{Repository: owner + "/shop", Branch: branch, As: owner, Message: message, Author: s.author(by["by"]), Files: files})
		if err == nil {
			s.named(name, sha)
		}
		return err
	}
	return s.pushWithGit(name, by["to"], as(by), files, "--author="+s.author(cmp.Or(by["by"], as(by))), "-m", message)
}

// author is somebody as git writes them down; empty stays empty.
func (s *scene) author(name string) string {
	if user, known := s.people[name]; known {
		return user.Login + " <" + user.Email + ">"
	}
	return name
}

func (s *player) pushWithGit(name, branch, login string, files map[string]string, commit ...string) error {
	clone, err := s.clone(login)
	if err != nil {
		return err
	}
	if _, err := s.git(login, clone, "fetch", "--quiet", "--prune", "origin"); err != nil {
		return err
	}
	start := "origin/" + branch
	if _, err := s.git(login, clone, "rev-parse", "--verify", "--quiet", start); err != nil {
		start = "origin/main"
	}
	if _, err := s.git(login, clone, "checkout", "--quiet", "-B", branch, "--no-track", start); err != nil {
		return err
	}
	for path, content := range files {
		file := filepath.Join(clone, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"add", "--all"}, append([]string{"commit", "--quiet", "--allow-empty"}, commit...),
		{"push", "--quiet", "origin", "HEAD:refs/heads/" + branch},
	} {
		if _, err := s.git(login, clone, args...); err != nil {
			return err
		}
	}
	sha, err := s.git(login, clone, "rev-parse", "HEAD")
	if err == nil {
		s.named(name, sha)
	}
	return err
}

// clone makes a clone, once, and returns its folder.
func (s *player) clone(login string) (string, error) {
	clone := filepath.Join(s.dir, "clone")
	if s.cloned {
		return clone, nil
	}
	_, err := s.git(login, s.dir, "clone", "--quiet", s.github.URL()+"/"+demoRepository+".git", clone)
	s.cloned = err == nil
	return clone, err
}

// tag TAG at NAME [as LOGIN]
//
// pushes an annotated tag.
func (s *player) tag(args []string) error {
	rest, by := clauses(args, "at", "as")
	if len(rest) != 1 || by["at"] == "" {
		return errors.New("tag TAG at NAME [as LOGIN]")
	}
	sha, err := s.sha(by["at"])
	if err != nil {
		return err
	}
	clone, err := s.clone(as(by))
	if err != nil {
		return err
	}
	for _, args := range [][]string{{"tag", "--annotate", "--message", rest[0], rest[0], sha}, {"push", "--quiet", "origin", "refs/tags/" + rest[0]}} {
		if _, err := s.git(as(by), clone, args...); err != nil {
			return err
		}
	}
	return nil
}

// branch delete BRANCH [as LOGIN]
func (s *player) branch(args []string) error {
	rest, by := clauses(args, "as")
	if len(rest) != 2 || rest[0] != "delete" {
		return errors.New("branch delete BRANCH [as LOGIN]")
	}
	return s.github.DeleteBranch(demoRepository, rest[1], as(by))
}

// repository rename NAME | transfer OWNER
//
// gives it another name or owner; the story goes on to call it as before.
func (s *player) repository(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "rename":
		return s.github.RenameRepository(demoRepository, args[1], "octo-org")
	case len(args) == 2 && args[0] == "transfer":
		return s.github.TransferRepository(demoRepository, args[1], "octo-org")
	}
	return errors.New("repository rename NAME | transfer OWNER")
}

// force BRANCH to NAME [as LOGIN]
//
// is a forced push of a commit that is there already.
func (s *player) force(args []string) error {
	rest, by := clauses(args, "to", "as")
	if len(rest) != 1 || by["to"] == "" || !s.cloned {
		return errors.New("force BRANCH to NAME, after a push")
	}
	sha, err := s.sha(by["to"])
	if err != nil {
		return err
	}
	_, err = s.git(as(by), filepath.Join(s.dir, "clone"), "push", "--quiet", "--force", "origin", sha+":refs/heads/"+rest[0])
	return err
}

// git runs git for a person. The token travels in the environment.
func (s *player) git(login, dir string, args ...string) (string, error) {
	return s.gitReading("", login, dir, args...)
}

// gitReading is git with something to read.
func (s *player) gitReading(in, login, dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(in)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.ts.Getenv("HOME"), "LANG=C.UTF-8",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=" + login, "GIT_AUTHOR_EMAIL=" + s.people[login].Email,
		"GIT_COMMITTER_NAME=" + login, "GIT_COMMITTER_EMAIL=" + s.people[login].Email,
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http." + s.github.URL() + "/.extraHeader",
		"GIT_CONFIG_VALUE_0=Authorization: Basic " +
			base64.StdEncoding.EncodeToString([]byte(login+":"+s.people[login].Token)),
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(out))
	}
	return strings.TrimSpace(string(out)), nil
}
