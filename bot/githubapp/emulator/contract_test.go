package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// contractDir is the folder of the npm package @octokit/openapi that holds
// GitHub's own description of its API: after
//
//	npm ci --prefix testdata/openapi
//
// it is testdata/openapi/node_modules/@octokit/openapi. With it set, every
// request and answer of every test here is held against the description, and
// every webhook against its schema.
func contractDir() string { return os.Getenv("PENSTOCK_OPENAPI_DIR") }

// TestContract proves that the validation has teeth; the other tests do the
// validating, and TestMain sees that they leave nothing out.
func TestContract(t *testing.T) {
	if contractDir() == "" {
		t.Skip("PENSTOCK_OPENAPI_DIR is not set: requests, answers and webhooks are not held against GitHub's description")
	}
	c, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("strict", func(t *testing.T) {
		for _, bad := range []struct{ name, body string }{
			{"unknown member", `{"name":"a","head_sha":"` + strings.Repeat("a", 40) + `","colour":"red"}`},
			{"unknown conclusion", `{"name":"a","head_sha":"` + strings.Repeat("a", 40) + `","conclusion":"splendid"}`},
			{"no head_sha", `{"name":"a"}`},
		} {
			r := httptest.NewRequest(http.MethodPost, "/repos/octocat/shop/check-runs", strings.NewReader(bad.body))
			r.Header.Set("Content-Type", "application/json")
			if err := c.checkRequest(r, []byte(bad.body)); err == nil {
				t.Errorf("%s: the contract does not see it", bad.name)
			}
		}
	})
}

// description is GitHub's OpenAPI description, loaded once for all tests.
type description struct {
	router   routers.Router
	webhooks map[string]*openapi3.Schema

	mu   sync.Mutex
	seen map[string]bool // operations and webhooks that passed
}

func (d *description) passed(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[strings.NewReplacer(":.*}", "}", ":.+}", "}").Replace(name)] = true
}

var contract = sync.OnceValues(func() (*description, error) {
	data, err := os.ReadFile(filepath.Join(contractDir(), "generated", "api.github.com.json"))
	if err != nil {
		return nil, err
	}
	return loadDescription(data)
})

// keptPaths are those the emulator serves. The whole description takes seconds
// to load and minutes under the race detector.
func keptPath(path string) bool {
	for _, prefix := range []string{"/app", "/app-manifests", "/installation", "/meta", "/rate_limit", "/user", "/user/emails", "/users/{username}", "/orgs/{org}/installation", "/orgs/{org}/teams/{team_slug}"} {
		if path == prefix || strings.HasPrefix(path, prefix+"/") && !strings.HasPrefix(path, "/user/") {
			return true
		}
	}
	rest, ok := strings.CutPrefix(path, "/repos/{owner}/{repo}")
	if !ok {
		return false
	}
	if rest == "" {
		return true
	}
	for _, room := range []string{
		"/branches/{branch}", "/check-runs", "/check-suites", "/collaborators/{username}/permission", "/commits", "/compare",
		"/contents", "/deployments", "/git/ref/", "/installation", "/issues/comments", "/issues/{issue_number}", "/pulls", "/statuses", "/forks",
	} {
		if strings.HasPrefix(rest, room) {
			return true
		}
	}
	return false
}

func loadDescription(data []byte) (*description, error) {
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	paths := raw["paths"].(map[string]any)
	kept := map[string]any{}
	for path, item := range paths {
		if keptPath(path) {
			kept[multiSegment(path)] = item
		}
	}
	raw["paths"] = kept
	if err := repair(kept); err != nil {
		return nil, err
	}
	hooks := raw["x-webhooks"].(map[string]any)
	for name := range hooks {
		// As paths of their own the hooks' schemas get resolved like all others.
		if sent(name) {
			kept["/x-webhooks/"+name] = hooks[name]
		}
	}
	delete(raw, "x-webhooks")
	prune(raw)
	data, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	// The description says that the head's repository is always there; GitHub
	// sends null when the fork is gone.
	head := doc.Components.Schemas["pull-request"].Value.Properties["head"].Value
	gone := *head.Properties["repo"].Value
	gone.Nullable = true
	head.Properties["repo"] = &openapi3.SchemaRef{Value: &gone}
	doc.Servers = openapi3.Servers{{URL: "/"}}
	d := &description{webhooks: map[string]*openapi3.Schema{}, seen: map[string]bool{}}
	for path, item := range doc.Paths.Map() {
		if name, ok := strings.CutPrefix(path, "/x-webhooks/"); ok {
			d.webhooks[name] = item.Post.RequestBody.Value.Content["application/json"].Schema.Value
			doc.Paths.Delete(path)
			continue
		}
		for _, operation := range item.Operations() {
			closeBody(operation)
		}
	}
	d.router, err = gorillamux.NewRouter(doc)
	return d, err
}

// repair mends the one place where the description contradicts itself and its
// own example: it wants an installation's account to be a user and an enterprise
// at once. GET of one installation says anyOf.
func repair(paths map[string]any) error {
	var at any = paths
	for _, key := range []string{
		"/app/installations", "get", "responses", "200", "content", "application/json", "schema", "items", "properties", "account",
	} {
		o, ok := at.(map[string]any)
		if !ok {
			return fmt.Errorf("the description has no %s where it had", key)
		}
		at = o[key]
	}
	account, ok := at.(map[string]any)
	if !ok || account["allOf"] == nil {
		return errors.New("the description of an installation's account has changed: look whether repair is still needed")
	}
	account["anyOf"] = account["allOf"]
	delete(account, "allOf")
	return nil
}

// multiSegment lets parameters match slashes that do so at GitHub.
func multiSegment(path string) string {
	path = strings.Replace(path, "contents/{path}", "contents/{path:.*}", 1) // the root's path is empty
	return strings.Replace(path, "git/ref/{ref}", "git/ref/{ref:.+}", 1)
}

func sent(name string) bool {
	for _, prefix := range []string{"push", "pull-request-opened", "pull-request-synchronize", "pull-request-closed", "pull-request-reopened",
		"issue-comment-", "check-run-", "check-suite-", "installation-created", "installation-deleted", "installation-repositories-", "repository-renamed", "repository-transferred", "ping"} {
		if name == prefix || strings.HasSuffix(prefix, "-") && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// prune drops what no kept path refers to; loading takes a tenth of the time.
func prune(raw map[string]any) {
	components := raw["components"].(map[string]any)
	reached := map[string]bool{}
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && !reached[ref] {
				reached[ref] = true
				parts := strings.Split(strings.TrimPrefix(ref, "#/components/"), "/")
				if section, ok := components[parts[0]].(map[string]any); ok && len(parts) == 2 {
					visit(section[parts[1]])
				}
			}
			delete(v, "examples")
			delete(v, "example")
			for _, child := range v {
				visit(child)
			}
		case []any:
			for _, child := range v {
				visit(child)
			}
		}
	}
	visit(raw["paths"])
	for section, all := range components {
		for name := range all.(map[string]any) {
			if !reached["#/components/"+section+"/"+name] {
				delete(all.(map[string]any), name)
			}
		}
	}
}

// closeBody makes unknown members of request bodies an error.
func closeBody(operation *openapi3.Operation) {
	if operation.RequestBody == nil {
		return
	}
	for _, media := range operation.RequestBody.Value.Content {
		closeSchema(media.Schema)
	}
}

func closeSchema(ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil || len(ref.Value.Properties) == 0 {
		return
	}
	no := false
	ref.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	for _, property := range ref.Value.Properties {
		closeSchema(property)
		if property.Value != nil {
			closeSchema(property.Value.Items)
		}
	}
}

func (d *description) find(r *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route, params, err := d.router.FindRoute(r)
	if err != nil {
		return nil, fmt.Errorf("%s %s is not in GitHub's description: %w", r.Method, r.URL.Path, err)
	}
	if path, ok := params["path"]; ok && path == "" {
		params["path"] = "." // the root, which GitHub lists too
	}
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: false,
		},
	}, nil
}

// checkRequest holds one request against the description.
func (d *description) checkRequest(r *http.Request, body []byte) error {
	if r.URL.Path == "/" {
		return errors.New("no path")
	}
	r = r.Clone(context.WithoutCancel(r.Context()))
	r.Body = io.NopCloser(bytes.NewReader(body))
	if string(bytes.TrimSpace(body)) == "null" { // what ghinstallation sends; GitHub takes it
		r.Body, r.ContentLength = http.NoBody, 0
	}
	input, err := d.find(r)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(r.Context(), input)
}

// checkResponse holds one answer against the description.
func (d *description) checkResponse(r *http.Request, status int, header http.Header, body []byte) error {
	// Common to all operations and mostly not listed: not authenticated, not
	// permitted, not found, over a limit, schema errors.
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusBadRequest, http.StatusNotModified:
		return nil
	}
	input, err := d.find(r)
	if err != nil {
		return err
	}
	header = header.Clone()
	if kind := header.Get("Content-Type"); status < 300 && kind != "" && !strings.HasPrefix(kind, "application/json") {
		return nil // raw files and plain SHAs have no schema
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Options: input.Options,
	})
	if err == nil {
		d.passed(r.Method + " " + input.Route.Path)
	}
	return err
}

// contractMiddleware validates everything the API of one test's emulator sees.
// A request that the emulator refuses may be wrong: the test wants it so.
func contractMiddleware(t *testing.T) func(http.Handler) http.Handler {
	t.Helper()
	if contractDir() == "" {
		return nil
	}
	c, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			asked := r.Clone(context.WithoutCancel(r.Context()))
			asked.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
			recorder := httptest.NewRecorder()
			next.ServeHTTP(recorder, r)
			if recorder.Code < 400 {
				if err := c.checkRequest(asked, body); err != nil {
					t.Errorf("request %s %s: %v", r.Method, r.URL, err)
				}
			}
			if err := c.checkResponse(asked, recorder.Code, recorder.Header(), recorder.Body.Bytes()); err != nil {
				t.Errorf("answer to %s %s: %v", r.Method, r.URL, err)
			}
			for key, values := range recorder.Header() {
				w.Header()[key] = values
			}
			w.WriteHeader(recorder.Code)
			_, _ = w.Write(recorder.Body.Bytes())
		})
	}
}

// checkWebhookContract holds one webhook against its schema.
func checkWebhookContract(t *testing.T, event string, body []byte) {
	t.Helper()
	if contractDir() == "" {
		return
	}
	c, err := contract()
	if err != nil {
		t.Error(err)
		return
	}
	var payload map[string]any
	if err := json.Unmarshal(body, &payload); err != nil {
		t.Errorf("webhook %s: %v", event, err)
		return
	}
	name := strings.ReplaceAll(event, "_", "-")
	if action, ok := payload["action"].(string); ok {
		name += "-" + strings.ReplaceAll(action, "_", "-")
	}
	schema := c.webhooks[name]
	if schema == nil {
		t.Errorf("webhook %s has no schema at GitHub", name)
		return
	}
	if err := schema.VisitJSON(payload); err != nil {
		t.Errorf("webhook %s: %v", name, err)
	}
	c.passed("webhook " + name)
}
