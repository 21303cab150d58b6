package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// toolkit is what a repository is made with, and the actions that follow.
type toolkit struct {
	what    []string
	actions []firstAction
	notes   []string // what was not taken over
}

// firstAction is an action of the first file.
type firstAction struct {
	name, about string
	runOrder    int
	variables   [][2]string
	commands    []string
	artifact    string
	files       []string // of the artifact; none: the whole folder
}

// words say what was found.
func (f toolkit) words() string {
	if len(f.what) == 0 {
		return "a repository whose tools are not known; write its commands into it"
	}
	return strings.Join(f.what, ", ")
}

// tree is a repository's folder, of which only the root is looked at.
type tree string

func (t tree) has(name string) bool {
	_, err := os.Stat(filepath.Join(string(t), name))
	return err == nil
}

// first returns the first of some files that is there, or "".
func (t tree) first(names ...string) string {
	for _, name := range names {
		if t.has(name) {
			return name
		}
	}
	return ""
}

// read returns a file of at most 1 MB, or nothing if there is none.
func (t tree) read(name string) ([]byte, error) {
	f, err := os.Open(filepath.Join(string(t), name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 1<<20))
}

// detect looks at the root of a repository. A buildspec says everything itself;
// else each tool that is found gets an action.
func detect(root string) (toolkit, error) {
	t, f := tree(root), toolkit{}
	if name := t.first("buildspec.yml", "buildspec.yaml"); name != "" {
		content, err := t.read(name)
		if err != nil {
			return f, err
		}
		if f.buildspec(name, content) {
			return f, nil
		}
	}
	if t.has("go.mod") {
		f.add("Go", firstAction{name: "go", commands: []string{"go build ./...", "go vet ./...", "go test ./..."}})
	}
	if t.has("package.json") {
		content, err := t.read("package.json")
		if err != nil {
			return f, err
		}
		f.add("Node", firstAction{name: "node", commands: nodeCommands(t, content)})
	}
	if t.first("pyproject.toml", "requirements.txt", "setup.py", "uv.lock", "poetry.lock") != "" {
		f.add("Python", firstAction{name: "python", commands: pythonCommands(t)})
	}
	if t.has("pom.xml") {
		f.add("Java (Maven)", firstAction{name: "maven", commands: []string{wrapper(t, "mvnw", "mvn") + " --batch-mode verify"}, artifact: "jar", files: []string{"target/*.jar"}})
	}
	if t.first("build.gradle", "build.gradle.kts") != "" {
		f.add("Java (Gradle)", firstAction{name: "gradle", commands: []string{wrapper(t, "gradlew", "gradle") + " build"}, artifact: "jar", files: []string{"build/libs/*.jar"}})
	}
	if t.first("Dockerfile", "Containerfile") != "" {
		f.add("Docker", firstAction{name: "image", about: "The server must have docker, and let jobs use it.", runOrder: min(len(f.actions), 1) + 1,
			commands: []string{"docker build --tag " + strings.ToLower(pipelineNameOf(root)) + ":#{penstock.ShortCommit} --file " + t.first("Dockerfile", "Containerfile") + " ."}})
	}
	return f, nil
}

func (f *toolkit) add(what string, a firstAction) {
	f.what = append(f.what, what)
	f.actions = append(f.actions, a)
}

// wrapper prefers the tool that the repository brings along.
func wrapper(t tree, own, installed string) string {
	if t.has(own) {
		return "./" + own
	}
	return installed
}

// nodeCommands install with the manager whose lock file is there, and run the
// scripts that package.json has.
func nodeCommands(t tree, content []byte) []string {
	manager, commands := "npm", []string{"npm install"}
	switch {
	case t.has("pnpm-lock.yaml"):
		manager, commands = "pnpm", []string{"pnpm install --frozen-lockfile"}
	case t.has("yarn.lock"):
		manager, commands = "yarn", []string{"yarn install --frozen-lockfile"}
	case t.has("package-lock.json"):
		commands = []string{"npm ci"}
	}
	var file struct {
		Scripts map[string]string `json:"scripts"`
	}
	if json.Unmarshal(content, &file) != nil {
		return commands
	}
	for _, script := range []string{"lint", "build", "test"} {
		if s := file.Scripts[script]; s != "" && !strings.Contains(s, "no test specified") {
			commands = append(commands, manager+" run "+script)
		}
	}
	return commands
}

// pythonCommands install into a virtual environment and run the tests.
func pythonCommands(t tree) []string {
	switch {
	case t.has("uv.lock"):
		return []string{"uv sync --frozen", "uv run pytest"}
	case t.has("poetry.lock"):
		return []string{"poetry install --no-interaction", "poetry run pytest"}
	}
	commands := []string{"python3 -m venv .venv"}
	if t.has("requirements.txt") {
		commands = append(commands, ".venv/bin/pip install -r requirements.txt")
	} else {
		commands = append(commands, ".venv/bin/pip install .")
	}
	return append(commands, ".venv/bin/pip install pytest", ".venv/bin/python -m pytest")
}
