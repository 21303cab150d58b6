package githubapp_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/pipeline"
)

// tree serves files of a commit the way GitHub does.
type tree map[string]string

func (f tree) serve(s *stub) {
	s.handle("GET /repos/octocat/shop/contents/{path...}", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("ref") != sha {
			callstest.Reply(w, 404, `{"message":"No commit found for the ref"}`)
			return
		}
		path := r.PathValue("path")
		if content, ok := f[path]; ok {
			size, encoding, text := len(content), "base64", base64.StdEncoding.EncodeToString([]byte(content))
			if size > 1<<20 {
				encoding, text = "none", ""
			}
			callstest.Reply(w, 200, fmt.Sprintf(`{"type":"file","name":"x","size":%d,"encoding":%q,"content":%q}`, size, encoding, text))
			return
		}
		entries := map[string]string{}
		for name, content := range f {
			rest, ok := strings.CutPrefix("/"+name, strings.TrimSuffix("/"+path, "/")+"/")
			if !ok {
				continue
			}
			if folder, _, deeper := strings.Cut(rest, "/"); deeper {
				entries[folder] = fmt.Sprintf(`{"type":"dir","name":%q,"size":0}`, folder)
			} else {
				entries[rest] = fmt.Sprintf(`{"type":"file","name":%q,"size":%d}`, rest, len(content))
			}
		}
		if len(entries) == 0 && path != "" {
			callstest.Reply(w, 404, `{"message":"Not Found"}`)
			return
		}
		var list []string
		for _, e := range entries {
			list = append(list, e)
		}
		callstest.Reply(w, 200, "["+strings.Join(list, ",")+"]")
	})
}

func TestPipelineFiles(t *testing.T) {
	t.Parallel()
	many := tree{}
	for i := range 33 {
		many[fmt.Sprintf(".penstock/%d.yml", i)] = "name: x\n"
	}
	large := strings.Repeat("#", 1<<20+1)
	for _, c := range []struct {
		name     string
		files    tree
		want     []string // path=content
		requests int
		refuse   string
	}{
		{"none", tree{"README.md": "x"}, nil, 2, ""},
		{"empty commit", tree{}, nil, 2, ""},
		{"the usual one", tree{".penstock.yml": "name: a\n", "go.mod": "x"}, []string{".penstock.yml=name: a\n"}, 2, ""},
		{"empty file", tree{".penstock.yml": ""}, []string{".penstock.yml="}, 2, ""},
		{"json at the root", tree{".penstock.json": "{}"}, []string{".penstock.json={}"}, 3, ""},
		{"a folder", tree{".penstock/b.yml": "b", ".penstock/a.json": "a", ".penstock/notes.md": "x", ".penstock/deep/c.yml": "c", "x/.penstock/d.yml": "d"},
			[]string{".penstock/a.json=a", ".penstock/b.yml=b"}, 5, ""},
		{"everything", tree{".penstock.yml": "1", ".penstock.json": "2", ".penstock/a.yml": "3"},
			[]string{".penstock.yml=1", ".penstock.json=2", ".penstock/a.yml=3"}, 5, ""},
		{"odd names", tree{".penstock/a b#c?d%.yml": "x"}, []string{".penstock/a b#c?d%.yml=x"}, 4, ""},
		{"too large", tree{".penstock.yml": large}, nil, 2, ".penstock.yml is larger than 1 MB"},
		{"too large in the folder", tree{".penstock/a.yml": large}, nil, 3, ".penstock/a.yml is larger than 1 MB"},
		{"just not too large", tree{".penstock.yml": large[1:]}, []string{".penstock.yml=" + large[1:]}, 2, ""},
		{"too many", many, nil, 3, "33 pipeline files"},
		{"a folder where the file should be", tree{".penstock.yml/x": "x"}, nil, 2, ".penstock.yml is not a file"},
		{"a file where the folder should be", tree{".penstock": "x"}, nil, 2, ".penstock is not a folder"},
		{"dots in a name", tree{".penstock/a..b.yml": "x"}, nil, 3, "two dots"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			c.files.serve(s)
			a := s.app(t)
			for range 2 { // the second time from memory
				files, err := a.PipelineFiles(t.Context(), shop, sha)
				if c.refuse != "" {
					callstest.WantKind(t, err, pipeline.Invalid, c.refuse)
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, f := range files {
					got = append(got, f.Path+"="+string(f.Content))
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Error(d)
				}
			}
			if n := len(s.seen("/contents/")); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
		})
	}
}

func TestPipelineFilesOfACommitNotThereYet(t *testing.T) {
	t.Parallel()
	s := newStub()
	tree{".penstock.yml": "x"}.serve(s)
	a := s.app(t)
	_, err := a.PipelineFiles(t.Context(), shop, otherSHA)
	callstest.WantKind(t, err, pipeline.NotFound)
}

func TestPipelineFilesWhenGitHubFails(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"{$}", ".penstock.yml", ".penstock/{$}", ".penstock/a.yml"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newStub()
			tree{".penstock.yml": "x", ".penstock/a.yml": "y"}.serve(s)
			path := strings.Replace(path, ".penstock/{$}", ".penstock", 1)
			s.answer("GET /repos/octocat/shop/contents/"+path, 502, `oops`)
			files, err := s.app(t).PipelineFiles(t.Context(), shop, sha)
			callstest.WantKind(t, err, pipeline.Unavailable)
			if files != nil {
				t.Error("half an answer")
			}
		})
	}
}

func TestPipelineFilesAskedForAtOnce(t *testing.T) {
	t.Parallel()
	s := newStub()
	tree{".penstock.yml": "x"}.serve(s)
	a := s.app(t)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			files, err := a.PipelineFiles(t.Context(), shop, sha)
			if err != nil || len(files) != 1 {
				t.Errorf("%v, %v", files, err)
			}
		})
	}
	group.Wait()
	if n := len(s.seen("/contents/")); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestPipelineFilesAreKeptPerRepository(t *testing.T) {
	t.Parallel()
	s := newStub()
	tree{".penstock.yml": "x"}.serve(s)
	a := s.app(t)
	other := shop
	other.ID++
	for _, r := range []pipeline.Repository{shop, other, shop, other} {
		if _, err := a.PipelineFiles(t.Context(), r, sha); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.seen("/contents/")); n != 4 {
		t.Errorf("%d requests, want two per repository", n)
	}
}
