package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/penstock-cd/penstock/bot/web"
	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// index is where the API looks runs up in a house.
type index struct {
	*house
	repositories []pipeline.Repository
}

func (i index) Executions(_ context.Context, f pipeline.ExecutionFilter) ([]*pipeline.Execution, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []*pipeline.Execution
	for _, id := range i.order {
		e := i.runs[id]
		if f.Before != "" {
			if id == f.Before {
				f.Before = ""
			}
			continue
		}
		if e == nil || f.RepositoryID != 0 && e.Repository.ID != f.RepositoryID || f.Pipeline != "" && e.Pipeline != f.Pipeline ||
			f.Lane != (pipeline.Lane{}) && e.Lane != f.Lane || f.SHA != "" && e.Revision.SHA != f.SHA || f.Status != "" && e.Status != f.Status ||
			f.OpenGates && len(e.Gates()) == 0 || len(all) >= f.Limit {
			continue
		}
		all = append(all, e)
	}
	return all, nil
}

func (i index) Numbered(_ context.Context, _ string, id int64, name string, number int64) ([]*pipeline.Execution, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []*pipeline.Execution
	for _, run := range i.order {
		if e := i.runs[run]; e != nil && e.Repository.ID == id && e.Number == number && (name == "" || e.Pipeline == name) {
			all = append(all, e)
		}
	}
	return all, nil
}

func (i index) RepositoryNamed(_ context.Context, owner, name string) (pipeline.Repository, error) {
	n := slices.IndexFunc(i.repositories, func(r pipeline.Repository) bool { return strings.EqualFold(r.FullName(), owner+"/"+name) })
	if n < 0 {
		return pipeline.Repository{}, pipeline.Errorf(pipeline.NotFound, "no repository %s/%s", owner, name)
	}
	return i.repositories[n], nil
}

func (i index) LoadState(_ context.Context, key pipeline.StateKey, _ ...string) (pipeline.State, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	state := pipeline.State{Key: key, Definitions: map[string]*pipeline.Pipeline{}}
	for _, id := range i.order {
		if e := i.runs[id]; e != nil && e.Key() == key {
			state.Executions = append(state.Executions, e)
		}
	}
	return state, nil
}

func (i index) Transitions(_ context.Context, _ string, _ int64, name string) ([]pipeline.Transition, error) {
	if name != "release" {
		return nil, nil
	}
	return []pipeline.Transition{
		{Stage: "Production", Reason: "freeze", By: pipeline.Actor{ID: 1, Login: "octocat"}, At: at(0)},
		{Stage: "Build", Lane: pipeline.BranchLane("main"), Enabled: true, At: at(0)},
	}, nil
}

func (i index) Judged(_ context.Context, _ pipeline.Repository, before string, _ int) ([]pipeline.Judgement, string, error) {
	judged := func(id, sha, note string) pipeline.Judgement {
		return pipeline.Judgement{Delivery: pipeline.Delivery{ID: id, Event: "push", Status: pipeline.DeliveryDone, Note: note, ReceivedAt: at(0)}, Ref: "refs/heads/main", SHA: sha}
	}
	if before == "" {
		return []pipeline.Judgement{judged("d3", sha, "not triggered: release."), judged("d2", "", "long ago")}, "d2", nil
	}
	return []pipeline.Judgement{judged("d1", "c0ffee0000000000000000000000000000000000", "started release.")}, "", nil
}

func (i index) Repository(_ context.Context, host string, id int64) (pipeline.Repository, error) {
	n := slices.IndexFunc(i.repositories, func(r pipeline.Repository) bool { return r.Host == host && r.ID == id })
	if n < 0 {
		return pipeline.Repository{}, pipeline.Errorf(pipeline.NotFound, "no repository %d", id)
	}
	return i.repositories[n], nil
}

// bundles keeps one artifact.
type bundles struct{}

func (bundles) Get(_ context.Context, _ int64, digest string) (io.ReadCloser, error) {
	if digest != "sha256:kept" {
		return nil, pipeline.Errorf(pipeline.NotFound, "not stored")
	}
	return io.NopCloser(strings.NewReader("a bundle")), nil
}

// newAPI is a site with the API.
func newAPI(t *testing.T, change ...func(*web.Options)) *site {
	t.Helper()
	all := &index{}
	s := newSite(t, append([]func(*web.Options){func(o *web.Options) {
		all.house = o.Runs.(*house)
		o.Index, o.Artifacts, o.URL, o.Version = all, bundles{}, o.Login.URL, "test"
	}}, change...)...)
	all.repositories = []pipeline.Repository{s.shop, s.other}
	return s
}

// token makes an API token of somebody.
func (s *site) token(t *testing.T, login string, scope pipeline.Scope) string {
	t.Helper()
	account := must(s.app.Account(t.Context(), s.shop, login))(t)
	text, hash := pipeline.NewTokenText()
	ok(t, s.db.SaveToken(t.Context(), pipeline.Token{
		ID: pipeline.NewID(time.Now()), Hash: hash, Host: s.app.Host(), Who: account.Actor, Scopes: []pipeline.Scope{scope},
		CreatedAt: s.now(), ExpiresAt: s.now().Add(time.Hour),
	}))
	return text
}

// caller is a program that calls the API; every answer is held against the document.
type caller struct {
	t      *testing.T
	url    string
	token  string
	routes routers.Router
}

func (s *site) caller(t *testing.T, login string, scope pipeline.Scope) *caller {
	t.Helper()
	return &caller{t, s.url, s.token(t, login, scope), strictRoutes(t, s.url)}
}

// strictRoutes are those of the document, with fields that it lacks forbidden.
func strictRoutes(t *testing.T, url string) routers.Router {
	t.Helper()
	document := must(openapi3.NewLoader().LoadFromData(api.Document("test", url)))(t)
	ok(t, document.Validate(t.Context()))
	for _, schema := range document.Components.Schemas {
		schema.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: new(bool)}
	}
	return must(gorillamux.NewRouter(document))(t)
}

func (c *caller) call(method, path, body string, change ...func(*http.Request)) page {
	c.t.Helper()
	r := must(http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body)))(c.t)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(r)
	}
	answer := must(http.DefaultClient.Do(r))(c.t)
	defer answer.Body.Close()
	p := page{answer.StatusCode, answer.Header, string(must(io.ReadAll(answer.Body))(c.t))}
	c.check(r, p)
	return p
}

// check holds an answer against the document.
func (c *caller) check(r *http.Request, p page) {
	c.t.Helper()
	if p.header.Get("Cache-Control") != "no-store" || p.header.Get("X-Content-Type-Options") != "nosniff" {
		c.t.Errorf("%s %s: headers %v", r.Method, r.URL, p.header)
	}
	kind := p.header.Get("Content-Type")
	if p.status >= 400 && kind != api.ProblemType {
		c.t.Errorf("%s %s: %d is a %s: %s", r.Method, r.URL, p.status, kind, p.body)
	}
	route, parameters, err := c.routes.FindRoute(r)
	if err != nil {
		var problem api.Problem
		if p.status < 400 || json.Unmarshal([]byte(p.body), &problem) != nil {
			c.t.Errorf("%s %s is not in the document: %v: %d %s", r.Method, r.URL, err, p.status, p.body)
		}
		return
	}
	if kind == api.LinesType || kind == api.ZstdType || strings.HasSuffix(r.URL.Path, "/openapi.json") {
		return
	}
	err = openapi3filter.ValidateResponse(c.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, Route: route},
		Status:                 p.status, Header: http.Header{"Content-Type": {strings.TrimSuffix(kind, "; charset=UTF-8")}},
		Body:    io.NopCloser(strings.NewReader(p.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: p.status == http.StatusNotModified},
	})
	if err != nil {
		c.t.Errorf("%s %s: %d\n%s\nis not what the document says: %v", r.Method, r.URL, p.status, p.body, err)
	}
}

// get asks and reads the answer.
func (c *caller) get(path string, into any, change ...func(*http.Request)) page {
	c.t.Helper()
	p := c.call(http.MethodGet, path, "", change...)
	if p.status != http.StatusOK {
		c.t.Fatalf("GET %s: %d %s", path, p.status, p.body)
	}
	ok(c.t, json.Unmarshal([]byte(p.body), into))
	return p
}
