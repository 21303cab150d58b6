package main

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// scene is what one script plays with.
type scene struct {
	dir    string // $WORK
	github *emulator.GitHub
	app    emulator.App
	people map[string]emulator.User
	bell   *bell
	server *process // nil while none runs
	data   *disk    // nil: the data folder is on everybody's disk
	said   *journal // of all servers of the story

	commits  map[string]string // SHA by the name that the script gave it
	order    []string          // names of commits
	number   int               // the pull request that was opened last
	comment  emulator.Comment  // the comment that was written last
	troubles []*emulator.Injected
	cloned   bool
	browsers map[string]*http.Client // of people who have logged in

	installLink string // that setup has printed

	slackWorld *slackScene // nil before slack serve
}

const storySecret = "the-secret-of-the-stories"

type storyKey struct{}

// newStory furnishes a GitHub with the files below shop/ as its repository
// octo-org/shop. octocat and hubot may write there, monalisa may only read.
func newStory(env *testscript.Env, key *rsa.PrivateKey) error {
	s := &scene{
		dir: env.WorkDir, people: map[string]emulator.User{}, commits: map[string]string{},
		said: newJournal(), browsers: map[string]*http.Client{},
	}
	env.Values[storyKey{}] = s
	env.Defer(func() {
		s.close()
		if s.slackWorld != nil {
			s.slackWorld.close(env.T().(testing.TB), s.said.all())
		}
		for _, line := range s.said.all() { // whatever the story is about, never this
			if strings.Contains(line, "DATA RACE") || strings.Contains(line, "panic: ") {
				env.T().(testing.TB).Errorf("the server's log:\n%s", strings.Join(s.said.all(), "\n"))
				break
			}
		}
	})
	var err error
	if s.github, err = emulator.New(emulator.Options{Dir: filepath.Join(s.dir, "github")}); err != nil {
		return err
	}
	if s.bell, err = newBell(filepath.Join(s.dir, "rings")); err != nil {
		return err
	}
	if err := s.furnish(key); err != nil {
		return err
	}
	address, err := storyAddress()
	if err != nil {
		return err
	}
	settings := map[string]string{
		"HOME":                           filepath.Join(s.dir, "home"),
		"PENSTOCK_LISTEN":                address,
		"PENSTOCK_URL":                   "http://" + address,
		"PENSTOCK_SERVER":                "http://" + address,
		"PENSTOCK_DATA":                  filepath.Join(s.dir, "data"),
		"PENSTOCK_ALLOW":                 "octo-org",
		"PENSTOCK_GITHUB_APP_ID":         fmt.Sprint(s.app.ID),
		"PENSTOCK_GITHUB_WEBHOOK_SECRET": storySecret,
		"PENSTOCK_GITHUB_API_URL":        s.github.APIURL(),
		"PENSTOCK_HOST_UNSANDBOXED":      fmt.Sprint(!sandboxWorks()),
	}
	for name, value := range settings {
		env.Setenv(name, value)
	}
	if err := os.Mkdir(settings["HOME"], 0o700); err != nil {
		return err
	}
	return s.github.SetWebhook(s.app.ID, settings["PENSTOCK_URL"]+"/webhooks/github", storySecret)
}

func (s *scene) furnish(key *rsa.PrivateKey) error {
	for _, login := range []string{"octocat", "hubot", "monalisa"} {
		user, err := s.github.AddUser(login)
		if err != nil {
			return err
		}
		s.people[login] = user
	}
	if _, err := s.github.AddOrganization("octo-org"); err != nil {
		return err
	}
	files, err := s.files("shop")
	if err != nil {
		return err
	}
	files["ring.sh"] = s.bell.script()
	if _, err := s.github.AddRepository(emulator.NewRepository{Owner: "octo-org", Name: "shop", Files: files}); err != nil {
		return err
	}
	for login, role := range map[string]emulator.Role{
		"octocat": emulator.RoleWrite, "hubot": emulator.RoleWrite, "monalisa": emulator.RoleRead,
	} {
		if err := s.github.SetRole(demoRepository, login, role); err != nil {
			return err
		}
	}
	if s.app, err = s.github.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octo-org", WebhookSecret: storySecret, Key: key}); err != nil {
		return err
	}
	_, err = s.github.Install(s.app.ID, "octo-org")
	return err
}

// files reads a folder of the story.
func (s *scene) files(dir string) (map[string]string, error) {
	files, root := map[string]string{}, filepath.Join(s.dir, dir)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a story without a server has no shop
		}
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	return files, err
}

// close ends everything that the story has begun; nothing of it runs any longer
// when it returns.
func (s *scene) close() {
	if s.bell != nil {
		s.bell.close() // jobs that wait for an answer go on
	}
	for _, t := range s.troubles {
		t.Remove()
	}
	if s.server != nil {
		s.server.kill()
	}
	awaitSupervisors(s.jobs())
	if s.data != nil {
		s.data.close()
	}
	if s.github != nil {
		s.github.Close()
	}
}

// player is a scene with the script that plays it.
type player struct {
	*scene
	ts *testscript.TestScript
	no bool // the line began with "!"
}

// verb makes a command of a script out of a method.
func verb(do func(*player, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		s := &player{ts.Value(storyKey{}).(*scene), ts, neg}
		switch err := do(s, args); {
		case err != nil && neg:
			fmt.Fprintln(ts.Stderr(), err)
		case err != nil:
			ts.Fatalf("%v", err)
		case neg:
			ts.Fatalf("this was expected to fail")
		}
	}
}

// clauses takes the pairs "key word value" off a line: in "two to main as hubot"
// these are to and as.
func clauses(args []string, keys ...string) (rest []string, by map[string]string) {
	by = map[string]string{}
	for i := 0; i < len(args); i++ {
		found := false
		for _, key := range keys {
			if args[i] == key && i+1 < len(args) && i > 0 {
				by[key], found = args[i+1], true
			}
		}
		if found {
			i++
			continue
		}
		rest = append(rest, args[i])
	}
	return rest, by
}

func (s *player) printf(format string, args ...any) { fmt.Fprintf(s.ts.Stdout(), format, args...) }

// as names the person of a clause; octocat unless said otherwise.
func as(by map[string]string) string {
	if by["as"] == "" {
		return "octocat"
	}
	return by["as"]
}

// sha resolves the name that a script has given to a commit.
func (s *scene) sha(name string) (string, error) {
	sha, ok := s.commits[name]
	if !ok {
		return "", fmt.Errorf("no commit of this story is named %s; there are %s", name, strings.Join(s.order, ", "))
	}
	return sha, nil
}

// named remembers a commit: $NAME is its SHA, and $NAME_7 the beginning of it.
func (s *player) named(name, sha string) {
	if _, known := s.commits[name]; !known {
		s.order = append(s.order, name)
	}
	s.commits[name] = sha
	s.ts.Setenv(name, sha)
	s.ts.Setenv(name+"_7", sha[:7])
}

// Scripts are one per rule; a README tells newcomers what they can say.
func TestStoriesAreExplained(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, script := range scripts {
		content, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(content), "# ") {
			t.Errorf("%s: does not begin with a sentence that says what it shows", script)
		}
	}
}
