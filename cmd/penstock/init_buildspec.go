package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// buildspec is what a buildspec.yml says, as far as it is taken over.
type buildspec struct {
	Env struct {
		Variables yaml.MapSlice `yaml:"variables"`
	} `yaml:"env"`
	Phases    map[string]buildPhase `yaml:"phases"`
	Artifacts struct {
		Files []string `yaml:"files"`
		Base  string   `yaml:"base-directory"`
	} `yaml:"artifacts"`
}

type buildPhase struct {
	Commands []string `yaml:"commands"`
}

// buildspec takes the commands of a buildspec over. It returns false if there are
// none that can be read.
func (f *toolkit) buildspec(name string, content []byte) bool {
	var b buildspec
	var all map[string]any
	if yaml.Unmarshal(content, &b) != nil || yaml.Unmarshal(content, &all) != nil {
		f.notes = append(f.notes, name+" cannot be read, and was left alone")
		return false
	}
	a := firstAction{name: "build", about: "Taken over from " + name + "."}
	for _, phase := range []string{"install", "pre_build", "build", "post_build"} {
		a.commands = append(a.commands, b.Phases[phase].Commands...)
	}
	if len(a.commands) == 0 {
		return false
	}
	if len(a.commands) > 50 {
		a.commands = []string{strings.Join(a.commands, "\n")}
	}
	for _, v := range b.Env.Variables {
		a.variables = append(a.variables, [2]string{fmt.Sprint(v.Key), fmt.Sprint(v.Value)})
	}
	for _, file := range b.Artifacts.Files {
		if file = path.Join(b.Artifacts.Base, file); len(a.files) < 10 {
			a.files = append(a.files, file)
		}
	}
	if len(b.Artifacts.Files) > 0 {
		a.artifact = "build"
	}
	if slices.Contains(a.files, "**/*") {
		a.files = nil
	}
	f.left(name, all)
	f.add("a buildspec ("+name+")", a)
	return true
}

// left notes what of a buildspec has no counterpart.
func (f *toolkit) left(name string, all map[string]any) {
	var keys []string
	for key := range all {
		if !slices.Contains([]string{"version", "env", "phases", "artifacts"}, key) {
			keys = append(keys, key)
		}
	}
	if env, ok := all["env"].(map[string]any); ok {
		for key := range env {
			if key != "variables" {
				keys = append(keys, "env/"+key)
			}
		}
	}
	if phases, ok := all["phases"].(map[string]any); ok {
		for phase, value := range phases {
			parts, _ := value.(map[string]any)
			for key := range parts {
				if key != "commands" {
					keys = append(keys, "phases/"+phase+"/"+key)
				}
			}
		}
	}
	if len(keys) > 0 {
		slices.Sort(keys)
		f.notes = append(f.notes, "not taken over from "+name+": "+strings.Join(keys, ", "))
	}
}
